import { decodeMessage } from "test/simulation/host-codec";

/** What a payload is about, for a person: MTI, code of an answer, STAN. */
export function wordsOf(payload: Uint8Array): string {
	try {
		const { mti, fields } = decodeMessage(payload);
		const isReply = !mti.endsWith("00") && !mti.endsWith("20");
		const code = isReply && fields.has(39) ? ` ${fields.get(39)!}` : "";
		return `${mti}${code} STAN ${Number(fields.get(11))}`;
	} catch {
		return "an unreadable message";
	}
}

/** The sale that a payload is about, by its amount: field 4 stands behind field 3. 0: none. */
export function saleOf(payload: Uint8Array): number {
	if ((payload[2]! & 0x30) !== 0x30) return 0;
	let amountMinor = 0;
	for (let at = 13; at < 19; at++)
		amountMinor = amountMinor * 100 + (payload[at]! >> 4) * 10 + (payload[at]! & 15);
	return amountMinor;
}

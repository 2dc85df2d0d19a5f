/** From a decision to the bytes of the answer. */
import { encode, type Message } from "./codec";
import type { Decision } from "./decision";
import { localTime } from "./host-time";
import { issuerData } from "./issuer";
import type { KeyTable } from "./keys";
import type { Ledger } from "./ledger";
import { sign } from "./mac";

/** Fields that the answer to a transaction takes over, as far as the request has them. */
const transaction: readonly number[] = Object.freeze([3, 4, 11, 25, 41, 42, 49, 60]);
const management: Readonly<Record<string, readonly number[]>> = Object.freeze({
	"0320": [11, 41, 42, 49, 60],
	"0500": [11, 41, 42, 49, 60],
	"0800": [11, 41, 42],
	"0820": [11, 41, 42, 60],
});

/** Requests that the terminal repeats; these are answered at QoS 1, everything else at QoS 0. */
const repeated: readonly string[] = Object.freeze(["0220", "0320", "0400", "0500", "0620"]);

/** MTI of the answer. */
export function replyMti(mti: string): string {
	return String(Number(mti) + 10).padStart(4, "0");
}

export function replyQos(mti: string): 0 | 1 {
	return repeated.includes(mti) ? 1 : 0;
}

/** The answer without field 64. A sign-on makes new working keys: these count from here on. */
export function replyTo(
	request: Message,
	decision: Decision,
	host: { readonly keys: KeyTable; readonly ledger: Ledger; readonly nowMs: number },
): Message {
	const local = localTime(host.nowMs);
	const fields: Record<number, string | Buffer> = { 12: local.time, 13: local.date };
	for (const field of management[request.mti] ?? transaction) {
		const value = request.fields[field];
		if (value !== undefined) fields[field] = value;
	}
	fields[39] = decision.code;
	if (request.mti !== "0820") fields[37] = decision.rrn;
	const issuer = decision.signed ? issuerData(request, decision.code) : undefined;
	if (issuer !== undefined) fields[55] = issuer;
	if (decision.authCode !== "") fields[38] = decision.authCode;
	if (request.mti === "0800") {
		const id = String(request.fields[41]);
		const terminal = host.keys.terminal(id);
		fields[60] = `00${host.ledger.batch(id)}003`;
		if (decision.code === "00" && terminal !== undefined) fields[62] = host.keys.renew(terminal);
	}
	return { mti: replyMti(request.mti), fields: { ...fields, ...decision.fields } };
}

/** Encodes, with a MAC under the newest key where the decision asks for one. */
export function seal(reply: Message, signed: boolean, mak: Buffer | undefined): Buffer {
	return signed && mak !== undefined ? sign(mak, reply) : encode(reply);
}

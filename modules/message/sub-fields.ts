import { Fault } from "core/fault";
import { isDigits, paddedDigits } from "message/digits";

/**
 * What stands inside fields 60, 61, 62 (keys) and 90. Writers throw Fault "message.value" (a = field) for a part that does
 * not fit; readers take what came over the wire and give undefined for what they cannot read.
 */

/** Field 60: kind and batch of a message. */
export interface MessageKind {
	/** 60.1, 00 to 99: 22 sale, 23 void, 25 refund … */
	readonly type: number;
	/** 60.2, 0 to 999999. */
	readonly batch: number;
	/** 60.3, 000 to 999: network management code. */
	readonly network: number;
	/** 60.4, 60.5: capability of the terminal (0, 2, 5, 6), condition of the chip (0, 1, 2); absent where the message has none. */
	readonly capability?: number;
	readonly chipCondition?: number;
	/** 60.6: 1 an approval of a part of the amount is taken. */
	readonly partialApproval?: number;
}

/** @returns 11 to 14 digits; a part that is there needs all that stand before it */
export function field60Of(kind: MessageKind): string {
	const { type, batch, network } = kind;
	let digits =
		paddedDigits(60, type, 2) + paddedDigits(60, batch, 6) + paddedDigits(60, network, 3);
	const last = [kind.capability, kind.chipCondition, kind.partialApproval];
	while (last.length > 0 && last[last.length - 1] === undefined) last.pop();
	for (const digit of last) digits += paddedDigits(60, digit ?? -1, 1);
	return digits;
}

/** @param digits field 60; what stands behind 60.6 is left alone */
export function readField60(digits: string): MessageKind | undefined {
	if (digits.length < 11 || !isDigits(digits)) return undefined;
	return {
		type: Number(digits.slice(0, 2)),
		batch: Number(digits.slice(2, 8)),
		network: Number(digits.slice(8, 11)),
		...(digits.length > 11 ? { capability: Number(digits[11]) } : {}),
		...(digits.length > 12 ? { chipCondition: Number(digits[12]) } : {}),
		...(digits.length > 13 ? { partialApproval: Number(digits[13]) } : {}),
	};
}

/** Field 61: the transaction that a void, completion or script result belongs to. */
export interface OriginalTransaction {
	readonly batch: number;
	readonly stan: number;
	/** MMDD; absent or 0 where it is not known. */
	readonly monthDay?: number;
}

/** @returns 12 or 16 digits */
export function field61Of({ batch, stan, monthDay }: OriginalTransaction): string {
	const date = monthDay === undefined ? "" : paddedDigits(61, monthDay, 4);
	return paddedDigits(61, batch, 6) + paddedDigits(61, stan, 6) + date;
}

/** @param digits field 61; what stands behind the date is left alone */
export function readField61(digits: string): OriginalTransaction | undefined {
	if (digits.length < 12 || !isDigits(digits)) return undefined;
	const batch = Number(digits.slice(0, 6));
	const stan = Number(digits.slice(6, 12));
	return digits.length < 16
		? { batch, stan }
		: { batch, stan, monthDay: Number(digits.slice(12, 16)) };
}

/** One key of field 62 of a sign-on reply, still encrypted. */
export interface EncryptedKey {
	readonly use: "pik" | "mak" | "tdk";
	/** 8, 16 or 24 bytes under the TMK. */
	readonly key: Uint8Array;
	/** 4 bytes. */
	readonly checkValue: Uint8Array;
}

const checkLength = 4;
const keyUses = Object.freeze(["pik", "mak", "tdk"] as const);

/**
 * Keys of field 62 of a sign-on reply, in the order PIK, MAK, TDK, all of one length: 24, 40 or 56 bytes are two keys
 * of 8, 16 or 24 bytes, 36, 60 or 84 bytes three. Nothing is decrypted or verified.
 */
export function readKeyBlock(block: Uint8Array): readonly EncryptedKey[] | undefined {
	const entryLength = [12, 20, 28].find((length) => [2, 3].includes(block.length / length));
	if (entryLength === undefined) return undefined;
	const keys: EncryptedKey[] = [];
	for (let at = 0; at < block.length; at += entryLength) {
		const end = at + entryLength;
		keys.push({
			use: keyUses[keys.length]!,
			key: block.slice(at, end - checkLength),
			checkValue: block.slice(end - checkLength, end),
		});
	}
	return keys;
}

/** The inverse of `readKeyBlock`. @throws Fault "message.length" (a = 62) where the lengths make no block */
export function keyBlockOf(keys: readonly EncryptedKey[]): Uint8Array {
	const entryLength = (keys[0]?.key.length ?? 0) + checkLength;
	const block = new Uint8Array(entryLength * keys.length);
	for (const [i, { use, key, checkValue }] of keys.entries()) {
		const fits =
			key.length + checkValue.length === entryLength && checkValue.length === checkLength;
		if (!fits || use !== keyUses[i]) throw new Fault("message.length", 62, i);
		block.set(key, i * entryLength);
		block.set(checkValue, (i + 1) * entryLength - checkLength);
	}
	if (readKeyBlock(block) === undefined) throw new Fault("message.length", 62, block.length);
	return block;
}

/** Field 90 of ISO 8583:1987: the request that a reversal is about. */
export interface OriginalElements {
	/** Packed: 0x0200. */
	readonly mti: number;
	readonly stan: number;
	/** Field 7 of the original, MMDDhhmmss as one number. */
	readonly transmission: number;
	/** Fields 32 and 33 of the original, up to 11 digits each; "" where it had none. */
	readonly acquirer: string;
	readonly forwarder: string;
}

/** @returns 42 digits, zero filled on the left */
export function field90Of(original: OriginalElements): string {
	const { mti, stan, transmission, acquirer, forwarder } = original;
	if (!(mti >= 0 && mti <= 0x9999)) throw new Fault("message.value", 90);
	const text =
		mti.toString(16).padStart(4, "0") +
		paddedDigits(90, stan, 6) +
		paddedDigits(90, transmission, 10) +
		acquirer.padStart(11, "0") +
		forwarder.padStart(11, "0");
	if (text.length !== 42 || !isDigits(text)) throw new Fault("message.value", 90);
	return text;
}

/** @param digits field 90; institutions come without the zeros in front of them, "" for none */
export function readField90(digits: string): OriginalElements | undefined {
	if (digits.length !== 42 || !isDigits(digits)) return undefined;
	return {
		mti: Number(`0x${digits.slice(0, 4)}`),
		stan: Number(digits.slice(4, 10)),
		transmission: Number(digits.slice(10, 20)),
		acquirer: digits.slice(20, 31).replace(/^0+/, ""),
		forwarder: digits.slice(31).replace(/^0+/, ""),
	};
}

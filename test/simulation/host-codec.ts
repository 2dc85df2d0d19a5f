/**
 * ISO 8583 as docs/host-protocol.md has it, in the simulation's own words: it shares nothing with
 * modules/message. Every field is kept as text: digits, characters, or hex for binary ones.
 */

/** n: packed digits · a: characters · b: bytes (hex). Bytes before a variable field: 1 or 2. */
const formats: Readonly<
	Record<number, readonly [kind: "n" | "a" | "b", size: number, prefix?: 1 | 2]>
> = Object.freeze({
	3: ["n", 6],
	4: ["n", 12],
	7: ["n", 10],
	11: ["n", 6],
	12: ["n", 6],
	13: ["n", 4],
	22: ["n", 4],
	23: ["n", 4],
	25: ["n", 2],
	37: ["a", 12],
	38: ["a", 6],
	39: ["a", 2],
	41: ["a", 8],
	42: ["a", 15],
	48: ["n", 322, 2],
	49: ["a", 3],
	54: ["a", 20, 2],
	55: ["b", 255, 2],
	57: ["b", 255, 2],
	60: ["n", 30, 2],
	61: ["n", 29, 2],
	62: ["b", 512, 2],
	63: ["a", 163, 2],
	64: ["b", 8],
});

export interface HostMessage {
	readonly mti: string;
	readonly fields: Map<number, string>;
	/** MTI up to the field before 64. */
	readonly body: Uint8Array;
}

const hexes: readonly string[] = Array.from({ length: 256 }, (_, i) =>
	i.toString(16).padStart(2, "0"),
);

/** @throws Error when the bytes are no message of this dialect */
export function decodeMessage(bytes: Uint8Array): HostMessage {
	const fields = new Map<number, string>();
	const mti = hexOf(bytes, 0, 2);
	let at = 10;
	let end = bytes.length;
	for (let field = 2; field <= 64; field++) {
		if ((bytes[2 + ((field - 1) >> 3)]! & (0x80 >> ((field - 1) & 7))) === 0) continue;
		const format = formats[field];
		if (format === undefined) throw new Error(`field ${field} is not in the dialect`);
		const [kind, size, prefix] = format;
		let count = size;
		if (prefix !== undefined) {
			count = Number(hexOf(bytes, at, at + prefix));
			at += prefix;
		}
		if (field === 64) end = at;
		const length = kind === "n" ? (count + 1) >> 1 : count;
		if (at + length > bytes.length) throw new Error(`field ${field} is cut off`);
		const hex = hexOf(bytes, at, at + length);
		fields.set(field, kind === "a" ? textOf(bytes, at, at + length) : hex.slice(0, 2 * length));
		if (kind === "n" && prefix !== undefined) fields.set(field, hex.slice(0, count));
		at += length;
	}
	if (at !== bytes.length) throw new Error("bytes are left over");
	return { mti, fields, body: bytes.subarray(0, end) };
}

/** @param mac gives field 64 of a body as hex, absent: no field 64 */
export function encodeMessage(
	mti: string,
	fields: ReadonlyMap<number, string>,
	mac?: (body: Uint8Array) => Uint8Array,
): Uint8Array {
	const out: number[] = [];
	pushHex(out, mti);
	for (let i = 0; i < 8; i++) out.push(0);
	const numbers = [...fields.keys()].filter((field) => field !== 64).sort((a, b) => a - b);
	for (const field of numbers) {
		const [kind, , prefix] = formats[field]!;
		const text = fields.get(field)!;
		out[2 + ((field - 1) >> 3)]! |= 0x80 >> ((field - 1) & 7);
		const count = kind === "b" ? text.length / 2 : text.length;
		if (prefix !== undefined) pushHex(out, String(count).padStart(2 * prefix, "0"));
		if (kind === "a") for (let i = 0; i < text.length; i++) out.push(text.charCodeAt(i));
		else pushHex(out, text.length % 2 === 0 ? text : text + "0");
	}
	if (mac === undefined) return Uint8Array.from(out);
	out[9]! |= 1;
	const body = Uint8Array.from(out);
	const whole = new Uint8Array(body.length + 8);
	whole.set(body);
	whole.set(mac(body), body.length);
	return whole;
}

export function hexOf(bytes: Uint8Array, from = 0, to = bytes.length): string {
	let text = "";
	for (let i = from; i < to; i++) text += hexes[bytes[i]!] ?? "";
	return text;
}

function textOf(bytes: Uint8Array, from: number, to: number): string {
	let text = "";
	for (let i = from; i < to; i++) text += String.fromCharCode(bytes[i]!);
	return text;
}

function pushHex(out: number[], hex: string): void {
	for (let i = 0; i < hex.length; i += 2)
		out.push(16 * nibble(hex.charCodeAt(i)) + nibble(hex.charCodeAt(i + 1)));
}

/** Of a character code: a digit, or a letter of either case. */
function nibble(code: number): number {
	return code < 0x40 ? code & 15 : (code & 15) + 9;
}

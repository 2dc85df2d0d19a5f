import { createCipheriv, createHash } from "node:crypto";
import { tlv, parseTlvs } from "./tlv";

/**
 * The card's side of the second GENERATE AC (EMV Book 2, 8.2, ARPC method 1). Card and issuer share a key; the bench's is
 * the same for all test cards.
 */
export const issuerKey = Buffer.from("484f4c44464153542d49535355455221", "hex");

/** What a chip remembers between its first cryptogram and the host's answer. */
export interface WaitingChip {
	/** 9F26 of the first GENERATE AC. */
	readonly arqc: Uint8Array;
	readonly counter: number;
}

/** The issuer's cryptogram: ARQC XOR ARC under the card's key. @param arc 8A, two characters */
export function arpcOf(arqc: Uint8Array, arc: Uint8Array): Buffer {
	const block = Buffer.from(arqc);
	for (const [i, byte] of arc.entries()) block[i]! ^= byte;
	const cipher = createCipheriv(
		"des-ede3-ecb",
		Buffer.concat([issuerKey, issuerKey.subarray(0, 8)]),
		null,
	);
	cipher.setAutoPadding(false);
	return Buffer.concat([cipher.update(block), cipher.final()]);
}

/** DFEE25 */
const approvedOnline = "0002";
const declinedOnline = "0003";

/**
 * The card's last word on the data of 60-12, or undefined when these cannot be read.
 * @param refuses the card gives an AAC whatever the issuer says
 */
export function completionAnswer(
	chip: WaitingChip,
	data: Uint8Array,
	refuses: boolean,
): Buffer | undefined {
	if (data[0] !== 1) return undefined;
	const objects = parseTlvs(data.subarray(1));
	const arc = objects?.find((one) => one.tag === "8A")?.value;
	if (objects === undefined || arc?.length !== 2) return undefined;
	const issuer = objects.find((one) => one.tag === "91")?.value;
	const proved = issuer === undefined || proves(chip, issuer, arc);
	const scripts = objects.filter((one) => one.tag === "71" || one.tag === "72");
	const approved = arc.toString("latin1") === "00" && proved && !refuses;
	const noise = createHash("sha256").update(`holdfast bench last word ${chip.counter}`).digest();
	return Buffer.concat([
		tlv("dfee25", approved ? approvedOnline : declinedOnline),
		tlv("9f39", "05"),
		tlv("8a", arc),
		tlv("9f26", noise.subarray(0, 8)),
		tlv("9f27", approved ? "40" : "00"),
		tlv("9f36", (chip.counter & 0xffff).toString(16).padStart(4, "0")),
		tlv("95", proved ? "0000008000" : "0000008040"),
		tlv("9b", "f800"),
		// 2: processed successfully; number of the script; its identifier, which ours have not.
		...(scripts.length === 0
			? []
			: [
					tlv(
						"9f5b",
						Buffer.concat(scripts.map((_, i) => Buffer.from([0x20 | (i + 1), 0, 0, 0, 0]))),
					),
				]),
	]);
}

/** 91: ARPC and then the ARC that it was made for (method 1). */
function proves(chip: WaitingChip, issuer: Buffer, arc: Buffer): boolean {
	const made = issuer.subarray(8);
	return (
		issuer.length === 10 &&
		made.equals(arc) &&
		issuer.subarray(0, 8).equals(arpcOf(chip.arqc, made))
	);
}

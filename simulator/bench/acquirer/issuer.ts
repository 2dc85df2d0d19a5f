/** What a chip's issuer adds to the answer: its cryptogram and, now and then, a script (EMV Book 2, 8.2, ARPC method 1). */
import type { Message } from "./codec";
import { tdesEncrypt, xor } from "./tdes";
import { readTlv } from "./tlv";

/** Key of the bench's issuer; its cards have the same. */
const issuerKey = Buffer.from("HOLDFAST-ISSUER!", "latin1");

/** Template 72 with one command that unblocks the application, as the fault "script" sends it. */
export const issuerScript = Buffer.from("72109f180400000001860784180000023a5a", "hex");

/**
 * Field 55 of the answer to an inserted chip: 91 is the ARPC and the code that it is made for.
 * @param code field 39 of the answer
 * @returns undefined where no cryptogram asked for one
 */
export function issuerData(request: Message, code: string): Buffer | undefined {
	const chip = request.fields[55];
	const online = request.mti === "0200" || request.mti === "0100";
	if (!online || request.fields[22] !== "052" || !Buffer.isBuffer(chip)) return undefined;
	const arqc = readTlv(chip)?.get("9F26");
	if (arqc?.length !== 8) return undefined;
	const arc = Buffer.from(code, "latin1");
	const arpc = tdesEncrypt(issuerKey, xor(arqc, Buffer.concat([arc, Buffer.alloc(6)])));
	return Buffer.concat([Buffer.from([0x91, 10]), arpc, arc]);
}

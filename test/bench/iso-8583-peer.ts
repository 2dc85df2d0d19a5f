/** npm iso_8583 with the two messages of test/unit/message/samples.ts, as far as it can express them: in ASCII. */
import { createRequire } from "node:module";
import { sample } from "../unit/message/samples";

type Fields = Readonly<Record<string, string>>;

interface Peer {
	getRawMessage(): Buffer | { error: string };
	getIsoJSON(bytes: Buffer, config: object): Fields | { error: string };
}

const Iso8583 = createRequire(import.meta.url)("iso_8583") as new (
	fields: Fields,
	formats: object,
) => Peer;

/** Its own field 64 counts hex characters against bytes. */
const formats = Object.freeze({
	64: { ContentType: "b", Label: "MAC", LenType: "fixed", MaxLen: 16 },
});
const config = Object.freeze({ lenHeader: false });

const request: Fields = Object.freeze({
	0: "0200",
	2: sample.card,
	3: "000000",
	4: "000000012345",
	11: "000074",
	12: "153012",
	13: "0731",
	22: "022",
	25: "00",
	35: sample.track,
	41: sample.terminal,
	42: sample.merchant,
	49: "156",
	55: sample.chip,
	60: sample.field60,
	64: sample.mac,
});

const reply: Fields = Object.freeze({
	0: "0210",
	3: "000000",
	4: "000000012345",
	11: "000074",
	12: "153013",
	13: "0731",
	25: "00",
	37: "073115301200",
	38: "A1B2C3",
	39: "00",
	41: sample.terminal,
	49: "156",
	55: sample.replyChip,
	60: sample.field60,
	64: sample.mac,
});

/** The 0200: a message object of its own with its own STAN. @throws Error when the package refuses it */
export function peerPack(stan: number): Buffer {
	return peerBytes({ ...request, 11: String(stan).padStart(6, "0") });
}

export const peerReply = peerBytes(reply);

/** Unpacks the 0210 and looks at the response code. */
export function peerUnpack(bytes: Buffer): boolean {
	return peerFields(bytes)["39"] === "00";
}

/** Bytes of any message: MTI in field 0, ASCII, two bitmaps as bytes. */
export function peerBytes(fields: Fields): Buffer {
	const bytes = new Iso8583(fields, formats).getRawMessage();
	if (!Buffer.isBuffer(bytes)) throw new Error(bytes.error);
	return bytes;
}

export function peerFields(bytes: Buffer): Fields {
	const fields = new Iso8583({}, formats).getIsoJSON(bytes, config);
	if (Object.hasOwn(fields, "error")) throw new Error("the package cannot read it");
	return fields;
}

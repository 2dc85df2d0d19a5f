/** What may go wrong with the answer to a card. */
export type ReaderFault =
	/** The card could not be read: status 0A. */
	| "bad-read"
	/** No answer at all. */
	| "silent"
	/** Noise instead of the answer. */
	| "garbage"
	/** Noise, with half a header in it, in front of the right answer. */
	| "noise-before"
	/** The answer ends in the middle. */
	| "truncated"
	| "wrong-crc"
	/** Encryption is off: PAN and track in clear. */
	| "clear-data";

/** What may go wrong when a chip is told the host's answer. */
export type ChipFault =
	/** The card refuses although the host has approved. */
	| "refuses"
	/** The card is pulled before. */
	| "pulled"
	/** No answer at all. */
	| "mute";

/** The answer as it goes over the wire with this fault. */
export function damaged(frame: Buffer, fault: ReaderFault | undefined): Uint8Array {
	const noise = Buffer.from("ViVOtVi\x00\xff\x00\xff\x56\x69\x56\x4f", "latin1");
	switch (fault) {
		case "silent":
			return new Uint8Array(0);
		case "garbage":
			return frame.map((byte, i) => (i * 73 + byte) & 0x7f);
		case "noise-before":
			return Buffer.concat([noise, frame]);
		case "truncated":
			return frame.subarray(0, frame.length >> 1);
		case "wrong-crc":
			return Buffer.concat([frame.subarray(0, -1), Buffer.from([frame.at(-1)! ^ 0x5a])]);
		default:
			return frame;
	}
}

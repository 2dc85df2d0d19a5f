/** The messages about notices: 0620 to the terminal, its 0630, and the 0830 that ends a poll. */
import { bytesOf, CodecError, decode, encode, text, type Message } from "./codec";
import { localTime, utcStamp } from "./host-time";
import { signNotice } from "./mac";
import type { Notice } from "./notice-book";
import { readTlv } from "./tlv";

/** Fields of a 0630: these and no others. */
const answerFields: readonly number[] = Object.freeze([7, 11, 39, 41, 42, 60, 62, 64]);
/** Answers after which a person must look at the notice. */
const stopping: readonly string[] = Object.freeze(["30", "40", "13"]);

/** A 0620, sealed for this MAK. */
export function noticeBytes(
	notice: Notice,
	merchantId: string,
	mak: Buffer,
	nowMs: number,
): Buffer {
	const { terminal, number, network, content } = notice;
	const fields = {
		7: utcStamp(nowMs),
		11: String(number).padStart(6, "0"),
		41: terminal,
		42: merchantId,
		60: `00000000${network}`,
		62: Buffer.from(content, "hex"),
	};
	return signNotice(mak, { mti: "0620", fields });
}

/** @returns a 0630 whose MAC is still to be verified, or what is wrong with the bytes */
export function readNoticeAnswer(payload: Buffer): Message | string {
	let answer: Message;
	try {
		answer = decode(payload);
	} catch (error) {
		if (error instanceof CodecError) return error.message;
		throw error;
	}
	if (answer.mti !== "0630") return `message ${answer.mti}`;
	const present = Object.keys(answer.fields).map(Number);
	const missing = answerFields.find((field) => !present.includes(field));
	if (missing !== undefined) return `field ${missing} is missing`;
	if (present.length > answerFields.length) return "a field too many";
	return /^000000009\d\d$/.test(text(answer, 60)) ? answer : "field 60 is not a notice's";
}

/** C9: highest number that the terminal has taken; 0 where it does not say. */
export function highestIn(answer: Message): number {
	const value = readTlv(bytesOf(answer, 62) ?? Buffer.alloc(0))?.get("C9");
	const digits = value?.toString("hex") ?? "";
	return /^\d{6}$/.test(digits) ? Number(digits) : 0;
}

/** The notice after its answer; the same object where it is to be sent again under its number. */
export function after(notice: Notice, code: string, highest: number): Notice {
	// One at a time, so a terminal that is ahead has its number from other books, and this notice not at all.
	if (code === "94" && highest > notice.number) return { ...notice, state: "due", number: 0 };
	if (code === "00" || code === "94") return { ...notice, state: "taken", code };
	return stopping.includes(code) ? { ...notice, state: "stopped", code } : notice;
}

/** What a poll is answered with when no notice waits. @param poll the 0820 */
export function endOfPoll(poll: Message, nowMs: number): Buffer {
	const local = localTime(nowMs);
	const fields: Record<number, string | Buffer> = { 12: local.time, 13: local.date, 39: "00" };
	for (const field of [11, 41, 42, 60]) fields[field] = poll.fields[field] ?? "";
	return encode({ mti: "0830", fields });
}

import { concatBytes, toHex } from "core/bytes";
import {
	FrameReader,
	frameBytes,
	headerBytes,
	plainFrames,
	readHeader,
	swappedTpdu,
	tpduAnswers,
	tpduBytes,
	unionpayFrames,
} from "message/framing";
import { equal, ok, test, throwsFault } from "test/harness";
import { hex, replyBytes, requestBytes } from "./samples";

const tpdu = hex("6000030000");
const header = hex("603100311300");

function framed(message: Uint8Array): Uint8Array {
	return frameBytes(unionpayFrames, message, tpdu, header);
}

test("a frame is length, TPDU, header and message", () => {
	const frame = framed(requestBytes);
	equal(toHex(frame), `00f8${toHex(tpdu)}${toHex(header)}${toHex(requestBytes)}`);
	equal(toHex(frameBytes(plainFrames, hex("0800"), hex(""), hex(""))), "00020800");
	const packed = { ...plainFrames, packedLength: true };
	equal(toHex(frameBytes(packed, requestBytes, hex(""), hex(""))).slice(0, 8), "02370200");
});

test("a frame comes whole out of single bytes", () => {
	const reader = new FrameReader(unionpayFrames);
	const bytes = framed(replyBytes);
	for (let i = 0; i < bytes.length - 1; i++) {
		equal(reader.push(bytes.subarray(i, i + 1)).length, 0);
		equal(reader.pending, i + 1);
	}
	const [frame] = reader.push(bytes.subarray(bytes.length - 1));
	ok(frame !== undefined);
	equal(toHex(frame.tpdu), toHex(tpdu));
	equal(toHex(frame.header), toHex(header));
	equal(toHex(frame.message), toHex(replyBytes));
	equal(reader.pending, 0);
});

test("frames that come together are told apart, and the rest is kept", () => {
	const reader = new FrameReader(unionpayFrames);
	const bytes = concatBytes(
		framed(replyBytes),
		framed(requestBytes),
		framed(replyBytes).slice(0, 9),
	);
	const frames = reader.push(bytes);
	equal(frames.length, 2);
	equal(toHex(frames[0]!.message), toHex(replyBytes));
	equal(toHex(frames[1]!.message), toHex(requestBytes));
	equal(reader.pending, 9);
	const [last] = reader.push(framed(replyBytes).slice(9));
	equal(toHex(last!.message), toHex(replyBytes));
});

test("every way to cut a stream in three gives the same frames", () => {
	const bytes = concatBytes(framed(hex("0800")), framed(hex("08")));
	for (let first = 0; first <= bytes.length; first++)
		for (let second = first; second <= bytes.length; second++) {
			const reader = new FrameReader(unionpayFrames);
			const frames = [
				...reader.push(bytes.subarray(0, first)),
				...reader.push(bytes.subarray(first, second)),
				...reader.push(bytes.subarray(second)),
			];
			equal(frames.map((frame) => toHex(frame.message)).join(), "0800,08");
		}
});

test("a frame does not change with what comes later", () => {
	const reader = new FrameReader(unionpayFrames);
	const bytes = framed(replyBytes);
	const [frame] = reader.push(bytes);
	bytes.fill(0);
	reader.push(framed(requestBytes));
	equal(toHex(frame!.message), toHex(replyBytes));
});

test("a length that cannot be ends the stream with a fault that stays", () => {
	for (const [start, said] of [
		["0801", 2049],
		["ffff", 65535],
		["0000", 0],
		["000b", 11],
		["3032", 0x3032],
	] as const) {
		const reader = new FrameReader(unionpayFrames);
		const frames = reader.push(concatBytes(framed(replyBytes), hex(start), framed(replyBytes)));
		equal(frames.length, 1, start);
		equal(reader.fault?.code, "message.length");
		equal(reader.fault?.b, said);
		equal(reader.push(framed(replyBytes)).length, 0);
		equal(reader.pending, 0);
		reader.reset();
		equal(reader.fault, undefined);
		equal(reader.push(framed(replyBytes)).length, 1);
	}
});

test("a length of packed digits must be digits", () => {
	const format = { ...plainFrames, packedLength: true };
	const reader = new FrameReader(format);
	equal(reader.push(hex("0002080000010a")).length, 2);
	reader.push(hex("00a0"));
	equal(reader.fault?.b, -1);
});

test("the longest frame goes through, one byte more does not", () => {
	const longest = new Uint8Array(2048 - 11).fill(8);
	const [frame] = new FrameReader(unionpayFrames).push(framed(longest));
	equal(frame?.message.length, longest.length);
	throwsFault("message.length", () => framed(new Uint8Array(2048 - 10)));
	throwsFault("message.length", () => framed(new Uint8Array(0)));
	throwsFault("message.length", () => frameBytes(unionpayFrames, longest, hex("60"), header));
});

test("a TPDU answers another with its addresses changed over or not", () => {
	const request = tpduBytes(3, 1234);
	equal(toHex(request), "6000031234");
	equal(toHex(swappedTpdu(request)), "6012340003");
	ok(tpduAnswers(request, swappedTpdu(request)));
	ok(tpduAnswers(request, request));
	ok(!tpduAnswers(request, hex("6012340004")));
	ok(!tpduAnswers(request, hex("6100031234")));
	ok(!tpduAnswers(request, hex("6012")));
	throwsFault("message.value", () => tpduBytes(10_000, 0));
});

test("a header is built and read digit for digit", () => {
	const parts = { application: 60, version: 31, terminalState: 0, request: 3, software: 311300 };
	equal(toHex(headerBytes(parts)), "603103311300");
	equal(readHeader(hex("603103311300")), parts);
	equal(readHeader(hex("60310331130a")), undefined);
	equal(readHeader(hex("6031")), undefined);
	throwsFault("message.value", () => headerBytes({ ...parts, request: 10 }));
});

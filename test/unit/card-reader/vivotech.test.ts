import { concatBytes, fromHex, toHex } from "core/bytes";
import { Command, commandFrame, frameDataMax, FrameParser } from "card-reader/vivotech";
import { equal, test } from "test/harness";
import { randomBytes } from "./fake-port";
import { answer } from "./scripted-reader";

const pong = answer(0x18, 0x00);

/** Command bytes of the frames that these bytes give, and what stays. */
function commands(parser: FrameParser, ...parts: readonly Uint8Array[]): number[] {
	return parts.flatMap((part) => parser.push(part).map((frame) => frame.command));
}

test("a ping is the frame of the interface developer's guide", () => {
	equal(toHex(commandFrame(Command.Ping, new Uint8Array(0))), "5669564f74656368320018010000b3cd");
});

test("a frame is found whole, byte by byte and twice in one piece", () => {
	const parser = new FrameParser();
	equal(commands(parser, pong), [0x18]);
	equal(commands(parser, ...Array.from(pong, (byte) => Uint8Array.of(byte))), [0x18]);
	equal(commands(parser, concatBytes(pong, pong)), [0x18, 0x18]);
	equal(parser.droppedBytes, 0);
	equal(parser.pending, 0);
});

test("noise before, between and after frames is counted and skipped", () => {
	const parser = new FrameParser();
	const noise = fromHex("00ff5669564f5669")!;
	equal(commands(parser, concatBytes(noise, pong, noise, pong)), [0x18, 0x18]);
	equal(parser.droppedBytes, 16);
});

test("a wrong CRC drops the frame and the next one is found", () => {
	const parser = new FrameParser();
	const bad = pong.slice();
	bad[bad.length - 1]! ^= 1;
	equal(commands(parser, bad, pong), [0x18]);
	equal(parser.droppedBytes, bad.length);
});

test("a frame that lost bytes does not take the next one with it", () => {
	const parser = new FrameParser();
	const short = concatBytes(answer(0x02, 0x00, new Uint8Array(20)).slice(0, 30), pong);
	equal(commands(parser, short), [0x18]);
});

test("a length that cannot be is dropped at once", () => {
	const parser = new FrameParser();
	const lie = answer(0x02, 0x00).slice(0, 14);
	lie[12] = (frameDataMax + 1) >> 8;
	lie[13] = (frameDataMax + 1) & 0xff;
	equal(commands(parser, lie, pong), [0x18]);
});

test("a length that lies keeps what follows until it is given up", () => {
	const parser = new FrameParser();
	const lie = answer(0x02, 0x00).slice(0, 14);
	lie[12] = 1;
	equal(commands(parser, lie, pong), []);
	equal(
		parser.giveUp().map((frame) => frame.command),
		[0x18],
	);
	equal(parser.pending, 0);
});

test("the longest frame passes", () => {
	const parser = new FrameParser();
	const frames = parser.push(answer(0x02, 0x23, randomBytes(frameDataMax, 3)));
	equal(frames.length, 1);
	equal(frames[0]!.data.length, frameDataMax);
});

test("random bytes never stop it", () => {
	const parser = new FrameParser();
	for (let seed = 1; seed <= 20; seed++) equal(commands(parser, randomBytes(500, seed)), []);
	parser.giveUp();
	equal(commands(parser, pong), [0x18]);
});

test("our own command, echoed, is no answer", () => {
	const parser = new FrameParser();
	equal(commands(parser, commandFrame(Command.Ping, new Uint8Array(0)), pong), [0x18]);
});

/** The host's TCP listener: frames in any pieces, one ledger with MQTT, what it refuses. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { createServer } from "node:net";
import { afterEach, beforeEach, test } from "node:test";
import fc from "fast-check";
import { Acquirer } from "../../simulator/bench/acquirer/acquirer";
import { encode, type Message } from "../../simulator/bench/acquirer/codec";
import { verify } from "../../simulator/bench/acquirer/mac";
import type { TcpOptions } from "../../simulator/bench/acquirer/tcp-channel";
import { FrameReader } from "../../simulator/bench/acquirer/tcp-frames";
import { tdesDecrypt } from "../../simulator/bench/acquirer/tdes";
import {
	echo,
	merchantId,
	pause,
	sale,
	signOn,
	startMs,
	storedSale,
	terminalId,
	tmk,
} from "./acquirer-terminal";
import { framed, headerHex, TcpLink, tpduHex, type TcpReply } from "./acquirer-tcp-terminal";

let host: Acquirer;
let mak: Buffer;
let due: { delayMs: number; action: () => void }[] = [];
const links: TcpLink[] = [];

async function start(tcp: Partial<TcpOptions> = {}): Promise<void> {
	due = [];
	host = new Acquirer({
		tcp: { port: 0, ...tcp },
		terminals: [{ id: terminalId, merchantId, tmk }],
		now: () => startMs,
		after: (delayMs, action) => {
			const one = { delayMs, action };
			due.push(one);
			return () => void (due = due.filter((other) => other !== one));
		},
	});
	await host.start();
}

beforeEach(async () => {
	await start();
	const reply = await ask(signOn());
	const block = reply.message.fields[62];
	assert.ok(Buffer.isBuffer(block));
	mak = tdesDecrypt(tmk, block.subarray(20, 36));
});
afterEach(async () => {
	for (const link of links.splice(0)) link.close();
	await host.stop();
});

async function open(): Promise<TcpLink> {
	const link = await TcpLink.open(host.tcpPort);
	links.push(link);
	return link;
}

/** One attempt on a connection of its own. */
async function ask(message: Message): Promise<TcpReply> {
	const link = await open();
	link.send(message, mak ?? Buffer.alloc(16));
	const reply = await link.reply();
	link.close();
	return reply;
}

test("a sale on a connection of its own is posted and answered under its MAC", async () => {
	const reply = await ask(sale(1, 500));
	assert.equal(reply.message.mti, "0210");
	assert.equal(reply.message.fields[39], "00");
	assert.ok(verify(mak, reply.bytes, reply.message));
	assert.equal(reply.tpdu, "6000000003", "addresses changed over");
	assert.equal(reply.header, "602200000000");
	assert.equal(host.ledger.totals().count, 1);
	assert.equal((await ask(sale(1, 500))).message.fields[39], "94");
	assert.equal((await ask(echo())).message.fields[39], "00");
});

test("a request in single bytes and two in one piece are taken", async () => {
	const link = await open();
	const { sign } = await import("../../simulator/bench/acquirer/mac");
	for (const byte of framed(sign(mak, sale(1, 500)))) {
		link.socket.write(Buffer.from([byte]));
		await new Promise((resolve) => setImmediate(resolve));
	}
	assert.equal((await link.reply()).message.fields[39], "00");
	const two = [sale(2, 300), storedSale(3, 200)].map((one) => framed(sign(mak, one)));
	link.socket.write(Buffer.concat(two));
	const codes = [await link.reply(), await link.reply()].map(({ message }) => message.fields[11]);
	assert.deepEqual(codes, ["000002", "000003"], "in order");
	assert.equal(host.ledger.totals().amountMinor, 1000);
});

test("a length that cannot be closes the connection; what cannot be read is not answered", async () => {
	for (const length of ["0000", "000b", "0801", "ffff"]) {
		const link = await open();
		link.socket.write(Buffer.from(length, "hex"));
		await link.ended();
	}
	const good = encode(echo());
	const unreadable = [
		framed(Buffer.from([1])),
		framed(randomBytes(2037)),
		framed(good, "7000030000" + headerHex),
		framed(good, "60000300AA" + headerHex),
		framed(good, tpduHex + "112200000000"),
		framed(encode({ mti: "0210", fields: { 41: terminalId } })),
	];
	const link = await open();
	for (const frame of unreadable) link.socket.write(frame);
	assert.equal(await link.leftBytes(), 0);
	link.socket.write(framed(good));
	assert.equal((await link.reply()).message.mti, "0830", "the next one is");
	assert.equal(host.counters.dropped, 4 + unreadable.length);
});

test("a connection ends 30 s after nothing, after half a frame, and after its answer", async () => {
	const timer = (): (typeof due)[number] => {
		assert.deepEqual(
			due.map(({ delayMs }) => delayMs),
			[30_000],
		);
		return due[0]!;
	};
	await pause(20);
	const silent = await open();
	await pause(20);
	timer().action();
	await silent.ended();
	await pause(20);
	const half = await open();
	half.socket.write(Buffer.from([0]));
	await pause(20);
	const first = timer();
	half.socket.write(Buffer.from([200, 0x60]));
	await pause(20);
	assert.equal(timer(), first, "the time runs from the first byte");
	first.action();
	await half.ended();
	await pause(20);
	const done = await open();
	done.send(echo(), mak);
	await done.reply();
	timer().action();
	await done.ended();
});

test("a late answer finds its connection still open", async () => {
	host.addFault({ kind: "late" });
	const link = await open();
	link.send(sale(1, 500), mak);
	assert.equal(await link.leftBytes(), 0);
	const late = due.find(({ delayMs }) => delayMs === 65_000);
	assert.ok(late !== undefined && due.every(({ delayMs }) => delayMs > 60_000));
	late.action();
	assert.equal((await link.reply()).message.fields[39], "00");
});

test("a host that does not change addresses over, and one with BCD lengths", async () => {
	await host.stop();
	await start({ swapTpdu: false });
	assert.equal((await ask(signOn())).tpdu, tpduHex);
	await host.stop();
	await start({ length: "bcd" });
	const link = await open();
	const frame = framed(encode(echo()));
	const length = frame.length - 2;
	frame.writeUInt16BE(Number(`0x${length}`));
	let bytes: Buffer = Buffer.alloc(0);
	link.socket.on("data", (more: Buffer) => (bytes = Buffer.concat([bytes, more])));
	link.socket.write(frame);
	await pause(150);
	assert.equal(bytes.toString("hex", 0, 2), String(bytes.length - 2).padStart(4, "0"));
	const bad = await open();
	bad.socket.write(Buffer.from("00af", "hex"));
	await bad.ended();
});

test("the header says when the terminal is to sign on again", async () => {
	host.crash();
	await host.start();
	const { message, header } = await ask(sale(1, 100));
	assert.equal(message.fields[39], "A0");
	assert.equal(header[5], "3");
});

test("faults hit a connection too: silence, doubled, garbage, half and closed", async () => {
	host.addFault({ kind: "silence" });
	const silent = await open();
	silent.send(sale(1, 100), mak);
	assert.equal(await silent.leftBytes(), 0);
	assert.equal(host.ledger.totals().count, 1);
	host.addFault({ kind: "duplicate" });
	const doubled = await open();
	doubled.send(sale(2, 100), mak);
	assert.deepEqual((await doubled.reply()).bytes, (await doubled.reply()).bytes);
	host.addFault({ kind: "garbage" });
	await assert.rejects(ask(sale(3, 100)));
	host.addFault({ kind: "half" });
	const half = await open();
	half.send(sale(4, 100), mak);
	await half.ended();
	assert.equal(host.ledger.totals().count, 4);
});

test("the port is the same after stop and start; one that is in use is one clear line", async () => {
	const port = host.tcpPort;
	await host.stop();
	await assert.rejects(TcpLink.open(port));
	await host.start();
	assert.equal(host.tcpPort, port);
	const other = createServer();
	await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
	const address = other.address();
	const taken = typeof address === "object" && address !== null ? address.port : 0;
	const second = new Acquirer({ tcp: { port: taken }, terminals: [] });
	await assert.rejects(second.start(), /^Error: TCP port \d+ on 127\.0\.0\.1 is in use$/);
	assert.equal(second.running, false);
	await new Promise((resolve) => other.close(resolve));
});

test("frames come out whole, however the bytes are cut", () => {
	const frames = [framed(Buffer.from([1])), framed(randomBytes(300)), framed(randomBytes(2037))];
	const bytes = Buffer.concat(frames);
	const cuts = fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 1, maxLength: 60 });
	fc.assert(
		fc.property(cuts, (counts) => {
			const reader = new FrameReader("binary");
			const seen: Buffer[] = [];
			for (let at = 0, turn = 0; at < bytes.length; turn++) {
				const count = counts[turn % counts.length] ?? 1;
				const result = reader.push(Buffer.from(bytes.subarray(at, at + count)));
				assert.ok(typeof result !== "string");
				seen.push(...result.map(({ message }) => message));
				at += count;
			}
			assert.deepEqual(
				seen,
				frames.map((frame) => frame.subarray(13)),
			);
			assert.equal(reader.started, false);
		}),
		{ numRuns: 500 },
	);
});

test("no bytes make the reader throw, hang or keep more than a frame", () => {
	fc.assert(
		fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 30 }), (pieces) => {
			for (const format of ["binary", "bcd"] as const) {
				const reader = new FrameReader(format);
				for (const piece of pieces) if (typeof reader.push(Buffer.from(piece)) === "string") break;
			}
		}),
		{ numRuns: 3000 },
	);
});

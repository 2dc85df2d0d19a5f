import assert from "node:assert/strict";
import { test } from "node:test";
import { bootMs, makeBench } from "./board-support";

const byteUs = 10e6 / 115_200;
const counting = (length: number) => Uint8Array.from({ length }, (_, i) => i & 0xff);

/** Reads into `got`, unless told to be deaf; prints when the line is quiet. */
const reader = `
	const got = [];
	let calls = 0;
	const port = new modemPort.io({
		baud: 115200,
		onReadable(count) { calls++; got.push(...this.read()); },
	});
`;

test("bytes arrive in order, none is lost when the firmware reads in time", async (t) => {
	const bench = await makeBench(t, `${reader} timers.set(() => print(got.length, hex(got)), 200);`);
	bench.board.powerOn();
	await bench.run(bootMs + 5);
	for (let i = 0; i < 4; i++) bench.device.wire.send(counting(256));
	await bench.run(300);
	const expected = Buffer.from([
		...counting(256),
		...counting(256),
		...counting(256),
		...counting(256),
	]);
	assert.deepEqual(bench.prints, [`1024 ${expected.toString("hex")}`]);
	assert.equal(bench.board.lostBytes.modem, 0);
});

test("the receive FIFO holds 128 bytes: the 129th and later ones are lost", async (t) => {
	const bench = await makeBench(
		t,
		`${reader}
		timers.set(() => { journalFlash.eraseBlock(0); }, 10);
		timers.set(() => print(got.length, got[127], got[128]), 200);`,
	);
	bench.board.powerOn();
	await bench.run(bootMs + 12);
	// The engine is in the erase for 45 ms; 250 bytes need 21.7 ms.
	bench.device.wire.send(counting(250));
	await bench.run(100);
	bench.device.wire.send(Uint8Array.of(0xee));
	await bench.run(200);
	assert.deepEqual(bench.prints, ["129 127 238"]);
	assert.equal(bench.board.lostBytes.modem, 250 - 128);
	assert.deepEqual(
		bench.events.filter(({ kind }) => kind === "overrun"),
		[{ kind: "overrun", port: "modem", lostBytes: 122 }],
	);
});

test("bytes for a port that is not open are gone", async (t) => {
	const bench = await makeBench(
		t,
		`timers.set(() => {
			${reader}
			timers.set(() => print(got.length), 50);
		}, 100);`,
	);
	bench.board.powerOn();
	await bench.run(bootMs + 50);
	bench.device.wire.send(counting(10));
	await bench.run(200);
	assert.deepEqual(bench.prints, ["0"]);
});

test("the wire takes the time that the baud rate needs, both ways", async (t) => {
	const bench = await makeBench(
		t,
		`const port = new modemPort.io({
			baud: 9600,
			onReadable(count) { print("got", this.read().length, clock.ticksMs()); },
		});
		timers.set(() => port.write(new Uint8Array(96)), 10);`,
	);
	bench.board.powerOn();
	await bench.run(bootMs + 5);
	bench.device.wire.send(counting(48));
	const sentUs = bench.scheduler.nowUs();
	await bench.run(300);
	const slowUs = 10e6 / 9600;
	const gotMs = Number(bench.prints[0]!.split(" ")[2]);
	const expectedMs = (sentUs + (48 + 10) * slowUs) / 1000 - bootMs;
	assert.ok(Math.abs(gotMs - expectedMs) <= 2, `${gotMs} ${expectedMs}`);
	const last = bench.device.received.at(-1)!;
	const startUs = (bootMs + 10) * 1000;
	assert.ok(Math.abs(last.timeUs - startUs - 96 * slowUs) < 3000, `${last.timeUs - startUs}`);
	assert.equal(bench.device.bytes.length, 96);
	assert.ok(bench.device.received.length > 3, "comes in pieces");
	assert.ok(bench.device.received.every(({ bytes }) => bytes.length <= 16));
});

test("a write above the free room throws io.busy and takes nothing", async (t) => {
	const bench = await makeBench(
		t,
		`const port = new modemPort.io({ baud: 115200 });
		attempt(() => port.write(new Uint8Array(100).fill(1)));
		attempt(() => port.write(new Uint8Array(100).fill(2)));
		attempt(() => port.write(new Uint8Array(129).fill(3)));
		timers.set(() => attempt(() => port.write(new Uint8Array(128).fill(4))), 20);`,
	);
	await bench.boot(100);
	assert.deepEqual(bench.prints, ["ok", "io.busy", "io.busy", "ok"]);
	const expected = Buffer.concat([Buffer.alloc(100, 1), Buffer.alloc(128, 4)]);
	assert.ok(expected.equals(bench.device.bytes));
});

test("onWritable comes after opening and whenever the FIFO has drained, never from inside a method", async (t) => {
	const bench = await makeBench(
		t,
		`let inside = true;
		let left = 1000;
		const rooms = [];
		const port = new modemPort.io({
			baud: 115200,
			onWritable(count) {
				if (inside) print("inside");
				rooms.push(count);
				const size = Math.min(count, left);
				left -= size;
				inside = true;
				if (size > 0) this.write(new Uint8Array(size));
				inside = false;
			},
		});
		inside = false;
		timers.set(() => print(rooms[0], rooms.length, left, rooms.every((room) => room >= 118)), 200);`,
	);
	await bench.boot(300);
	assert.deepEqual(bench.prints.length, 1);
	const [first, calls, left, enough] = bench.prints[0]!.split(" ");
	assert.deepEqual([first, left, enough], ["128", "0", "true"]);
	assert.ok(Number(calls) >= 8 && Number(calls) <= 12, calls);
	assert.equal(bench.device.bytes.length, 1000);
});

test("onReadable is level-triggered: it comes again while bytes are there", async (t) => {
	const bench = await makeBench(
		t,
		`let calls = 0;
		const port = new modemPort.io({
			baud: 115200,
			onReadable(count) { if (++calls === 3) print(count, this.read().length, this.read()); },
		});`,
	);
	bench.board.powerOn();
	await bench.run(bootMs + 5);
	bench.device.wire.send(counting(20));
	await bench.run(100);
	assert.deepEqual(bench.prints, ["20 20 "]);
});

test("a closed port throws, closing twice is fine, and it can be opened again", async (t) => {
	const bench = await makeBench(
		t,
		`const port = new modemPort.io({ baud: 115200 });
		attempt(() => new modemPort.io({ baud: 115200 }));
		port.close();
		attempt(() => port.close());
		attempt(() => port.write(Uint8Array.of(1)));
		attempt(() => port.read());
		attempt(() => new modemPort.io({ baud: 115200 }));
		attempt(() => new modemPort.io({ baud: 0 }));`,
	);
	await bench.boot(10);
	assert.deepEqual(bench.prints, ["io.busy", "ok", "io.closed", "io.closed", "ok", "io.options"]);
});

test("an exception in a serial callback is a crash of the firmware", async (t) => {
	const bench = await makeBench(
		t,
		`new modemPort.io({ baud: 115200, onReadable() { throw new Error("in callback"); } });`,
	);
	bench.board.powerOn();
	await bench.run(bootMs + 5);
	bench.device.wire.send(counting(3));
	await bench.run(20);
	assert.equal(bench.board.counters.crashes, 1);
	assert.match(bench.board.crashReasons[0]!, /in callback/);
});

test("bytes in the transmit FIFO do not outlive the power, those on the wire were sent", async (t) => {
	const bench = await makeBench(
		t,
		`const port = new modemPort.io({ baud: 115200 });
		timers.set(() => port.write(new Uint8Array(128)), 10);`,
	);
	bench.board.powerOn();
	await bench.run(bootMs + 10);
	await bench.board.runUntil(() => bench.device.bytes.length > 0, 100);
	await bench.run((40 * byteUs) / 1000);
	bench.board.powerCut();
	const sent = bench.device.bytes.length;
	assert.ok(sent >= 40 && sent < 70, `${sent}`);
	await bench.run(100);
	assert.equal(bench.device.bytes.length, sent);
});

test("the capture has every byte of both directions", async (t) => {
	const bench = await makeBench(
		t,
		`const port = new modemPort.io({ baud: 115200, onReadable() { this.write(this.read()); } });`,
	);
	bench.board.powerOn();
	await bench.run(bootMs + 5);
	bench.device.wire.send(counting(50));
	await bench.run(50);
	for (const direction of ["to-terminal", "from-terminal"]) {
		const captured = bench.captures.filter((capture) => capture.direction === direction);
		assert.ok(captured.every(({ port }) => port === "modem"));
		assert.ok(Buffer.concat(captured.map(({ bytes }) => bytes)).equals(counting(50)));
	}
});

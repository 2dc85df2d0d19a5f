import assert from "node:assert/strict";
import { test } from "node:test";
import { bootMs, makeBench } from "./board-support";

test("timers fire in order, at their time and not before", async (t) => {
	const bench = await makeBench(
		t,
		`
		const start = clock.ticksMs();
		const at = (name) => () => print(name + " " + (clock.ticksMs() - start));
		timers.set(at("c"), 30);
		timers.set(at("a"), 10);
		timers.set(at("b"), 10);
		timers.clear(timers.set(at("cleared"), 20));
		timers.set(() => timers.set(at("d"), 50), 10);
		timers.set(at("now"), 0);
		at("start")();
	`,
	);
	await bench.boot(29);
	assert.deepEqual(
		bench.prints.map((line) => line.split(" ")[0]),
		["start", "now", "a", "b"],
	);
	await bench.run(100);
	const fired = new Map(bench.prints.map((line) => line.split(" ") as [string, string]));
	for (const [name, dueMs] of Object.entries({ now: 0, a: 10, b: 10, c: 30, d: 60 })) {
		const lateMs = Number(fired.get(name)) - dueMs;
		assert.ok(lateMs >= 0 && lateMs <= 2, `${name} is ${lateMs} ms late`);
	}
	assert.deepEqual([...fired.keys()], ["start", "now", "a", "b", "c", "d"]);
});

test("what the engine computes costs virtual time, inside a turn as well", async (t) => {
	const bench = await makeBench(
		t,
		`
		timers.set(() => {
			const before = clock.ticksMs();
			for (let i = 0; i < 100000; i++);
			print(clock.ticksMs() - before);
		}, 1);
	`,
	);
	await bench.boot(2000);
	const spentMs = Number(bench.prints[0]);
	// A loop step is about 12 to 15 engine steps, 4000 steps are a millisecond.
	assert.ok(spentMs > 250 && spentMs < 450, `${spentMs} ms`);
	assert.ok(bench.board.counters.longestTurnUs > 250_000);
});

test("the wall clock is unknown after each boot until it is set, and goes on with the ticks", async (t) => {
	const bench = await makeBench(
		t,
		`
		print(String(clock.wallMs()));
		clock.setWallMs(1000);
		print(String(clock.wallMs()));
		clock.setWallMs(1767571200000);
		const first = clock.wallMs();
		timers.set(() => print(clock.wallMs() - first), 500);
	`,
	);
	await bench.boot(600);
	bench.board.powerCut();
	await bench.boot(10);
	assert.deepEqual(bench.prints.slice(0, 2), ["undefined", "undefined"]);
	assert.ok(Math.abs(Number(bench.prints[2]) - 500) <= 2, bench.prints[2]);
	assert.equal(bench.prints[3], "undefined");
});

test("the configuration reaches the firmware, Chinese included", async (t) => {
	const bench = await makeBench(
		t,
		`print(platform.config.merchantName === "\\u6d4b\\u8bd5\\u5546\\u6237", platform.engine);`,
	);
	await bench.boot(1);
	assert.deepEqual(bench.prints, ["true xs/npm"]);
});

test("ciphers agree with published vectors, single DES included", async (t) => {
	const bench = await makeBench(
		t,
		`
		const bytes = (text) => Uint8Array.from(text.match(/../g), (pair) => parseInt(pair, 16));
		const key = bytes("133457799bbcdff1");
		const sealed = ciphers.tdesEncrypt(key, bytes("0123456789abcdef"));
		print(hex(sealed), hex(ciphers.tdesDecrypt(key, sealed)));
		const double = bytes("0123456789abcdeffedcba9876543210");
		print(hex(ciphers.tdesEncrypt(double, bytes("0000000000000000"))));
		const aesKey = bytes("2b7e151628aed2a6abf7158809cf4f3c");
		print(hex(ciphers.aesEncrypt(aesKey, bytes("6bc1bee22e409f96e93d7e117393172a"))));
		attempt(() => ciphers.tdesEncrypt(bytes("00"), sealed));
		attempt(() => ciphers.aesEncrypt(aesKey, bytes("00")));
	`,
	);
	await bench.boot(10);
	assert.deepEqual(bench.prints, [
		"85e813540f0ab405 0123456789abcdef",
		"08d7b4fb629d0885",
		"3ad77bb40d7a3660a89ecaf32466ef97",
		"cipher.key",
		"cipher.key",
	]);
});

test("keys survive the power cut, unknown names are undefined", async (t) => {
	const bench = await makeBench(
		t,
		`
		const found = keys.read("working");
		print(found === undefined ? "none" : hex(found));
		keys.write("working", Uint8Array.of(1, 2, 255));
		attempt(() => keys.write("a-name-that-is-too-long", Uint8Array.of(1)));
	`,
	);
	await bench.boot(10);
	bench.board.powerCut();
	await bench.boot(10);
	assert.deepEqual(bench.prints, ["none", "io.options", "0102ff", "io.options"]);
});

const chatter = `
	const port = new modemPort.io({ baud: 115200, onReadable() { this.read(); } });
	const bytes = new Uint8Array(16);
	const tick = () => {
		entropy.fill(bytes);
		print(hex(bytes), clock.ticksMs());
		port.write(bytes.subarray(0, 5));
		timers.set(tick, 7);
	};
	tick();
`;

test("the same seed gives the same bytes at the same times, another seed does not", async (t) => {
	const runs = [];
	for (const seed of [7, 7, 8]) {
		const bench = await makeBench(t, chatter, { seed });
		await bench.boot(300);
		bench.board.powerCut();
		await bench.boot(300);
		runs.push(JSON.stringify([bench.prints, bench.captures, bench.device.received]));
		assert.ok(bench.prints.length > 70);
	}
	assert.equal(runs[0], runs[1]);
	assert.notEqual(runs[0], runs[2]);
});

test("a restart boots the firmware again while the devices keep their power", async (t) => {
	const bench = await makeBench(
		t,
		`
		print("up");
		timers.set(() => { platform.restart(); print("never"); }, 20);
	`,
	);
	const powers: boolean[] = [];
	const power = bench.device.power.bind(bench.device);
	bench.device.power = (on) => {
		powers.push(on);
		power(on);
	};
	await bench.boot(bootMs + 40);
	assert.deepEqual(bench.prints, ["up", "up"]);
	assert.equal(bench.board.counters.restarts, 1);
	assert.equal(bench.board.counters.crashes, 0);
	assert.deepEqual(powers, [true]);
});

test("an exception in a callback is a crash, and the watchdog restarts after a second", async (t) => {
	const bench = await makeBench(
		t,
		`
		print("up");
		timers.set(() => { throw new Error("broken"); }, 20);
	`,
	);
	await bench.boot(20 + 990);
	assert.deepEqual(bench.prints, ["up"]);
	assert.equal(bench.board.running, false);
	await bench.run(bootMs + 30);
	assert.deepEqual(bench.prints, ["up", "up"]);
	assert.match(bench.board.crashReasons[0]!, /broken/);
	assert.equal(
		bench.events.filter(({ kind }) => kind === "crash").length,
		bench.board.counters.crashes,
	);
});

test("an endless loop is ended by the watchdog", async (t) => {
	const bench = await makeBench(t, `timers.set(() => { for (;;); }, 5);`, { watchdogMs: 1000 });
	await bench.boot(100);
	assert.equal(bench.board.counters.crashes, 1);
	assert.match(bench.board.crashReasons[0]!, /too much computation/);
});

test("a power cut ends the engine at once and nothing of it runs on", async (t) => {
	const bench = await makeBench(t, chatter);
	await bench.boot(100);
	bench.board.powerCut();
	const lines = bench.prints.length;
	const bytes = bench.device.bytes.length;
	assert.equal(bench.device.powered, false);
	await bench.run(500);
	assert.equal(bench.prints.length, lines);
	assert.equal(bench.device.bytes.length, bytes);
	assert.equal(bench.board.running, false);
});

test("runUntil stops when the predicate is true, or gives up at its limit", async (t) => {
	const bench = await makeBench(t, `timers.set(() => print("x"), 40);`);
	bench.board.powerOn();
	assert.equal(await bench.board.runUntil(() => bench.prints.length > 0, 1000), true);
	const reachedUs = bench.scheduler.nowUs();
	assert.ok(reachedUs < (bootMs + 50) * 1000);
	assert.equal(await bench.board.runUntil(() => false, 5000), false);
	assert.equal(bench.scheduler.nowUs(), reachedUs + 5_000_000);
});

test("a bug of the bench is not taken for a crash of the firmware", async (t) => {
	const bench = await makeBench(t, chatter);
	bench.device.receive = () => {
		throw new Error("bench bug");
	};
	await assert.rejects(bench.boot(100), /bench bug/);
	assert.equal(bench.board.counters.crashes, 0);
});

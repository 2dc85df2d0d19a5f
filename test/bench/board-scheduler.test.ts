import assert from "node:assert/strict";
import { createServer, connect } from "node:net";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { Random } from "../../simulator/bench/board/random";
import { BenchScheduler } from "../../simulator/bench/board/scheduler";

test("events run in the order of their time, then of their scheduling, cancelled ones not", async () => {
	const scheduler = new BenchScheduler({ pace: "fast" });
	const seen: string[] = [];
	const note = (name: string) => () => void seen.push(`${name}@${scheduler.nowUs()}`);
	scheduler.after(20, note("c"));
	scheduler.after(10, note("a"));
	scheduler.after(10, note("b"));
	scheduler.after(15, note("never"))();
	scheduler.after(5, () => scheduler.after(0, note("first")));
	await scheduler.run(() => false, 100);
	assert.deepEqual(seen, ["first@5", "a@10", "b@10", "c@20"]);
	assert.equal(scheduler.nowUs(), 100);
});

test("many events, some cancelled, keep their order", async () => {
	const scheduler = new BenchScheduler({ pace: "fast" });
	const random = new Random(3, "events");
	const expected: { atUs: number; index: number }[] = [];
	const seen: number[] = [];
	for (let index = 0; index < 2000; index++) {
		const atUs = random.below(500);
		const cancel = scheduler.after(atUs, () => seen.push(index));
		if (random.below(3) === 0) cancel();
		else expected.push({ atUs, index });
	}
	expected.sort((a, b) => a.atUs - b.atUs || a.index - b.index);
	await scheduler.run(() => false, 1000);
	assert.deepEqual(
		seen,
		expected.map(({ index }) => index),
	);
});

test("what a hold throws comes out of the run, and the next run goes on", async () => {
	const scheduler = new BenchScheduler({ pace: "fast" });
	const broken = async () => {
		await new Promise((resolve) => setTimeout(resolve, 5));
		throw new Error("broken hold");
	};
	scheduler.after(10, () => scheduler.hold(broken()));
	await assert.rejects(
		scheduler.run(() => false, 100),
		/broken hold/,
	);
	assert.equal(scheduler.nowUs(), 10);
	assert.equal(await scheduler.run(() => false, 100), false);
});

test("the fast pace jumps over a day at once", async () => {
	const scheduler = new BenchScheduler({ pace: "fast", wallStartMs: 1000 });
	let ticks = 0;
	const tick = () => {
		ticks++;
		scheduler.after(60e6, tick);
	};
	tick();
	const startMs = performance.now();
	await scheduler.run(() => false, 86_400e6);
	assert.equal(ticks, 1441);
	assert.ok(performance.now() - startMs < 2000);
	assert.equal(scheduler.wallMs(), 1000 + 86_400_000);
});

test("the real pace is never ahead of the wall clock, and speed multiplies it", async () => {
	for (const speed of [1, 10]) {
		const scheduler = new BenchScheduler({ pace: "real", speed });
		const startMs = performance.now();
		let early = 0;
		const tick = () => {
			const wallUs = (performance.now() - startMs) * 1000 * speed;
			if (scheduler.nowUs() > wallUs + 1) early++;
			scheduler.after(3000, tick);
		};
		tick();
		await scheduler.run(() => false, 100_000 * speed);
		const tookMs = performance.now() - startMs;
		assert.equal(early, 0);
		assert.ok(tookMs >= 99 && tookMs < 400, `${tookMs} ms`);
	}
});

test("while the outside is busy virtual time does not run ahead, then it jumps again", async () => {
	const scheduler = new BenchScheduler({ pace: "fast", graceMs: 30 });
	const startMs = performance.now();
	let firedMs = 0;
	scheduler.busy();
	scheduler.after(10_000, () => (firedMs = performance.now() - startMs));
	await scheduler.run(() => false, 3600e6);
	const tookMs = performance.now() - startMs;
	assert.ok(firedMs >= 9.5, `${firedMs} ms`);
	assert.ok(tookMs >= 29 && tookMs < 500, `${tookMs} ms`);
});

test("an answer over a real socket is there before a deadline of virtual time", async (t) => {
	const server = createServer((socket) => socket.pipe(socket));
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
	t.after(() => {
		socket.destroy();
		server.close();
	});
	const scheduler = new BenchScheduler({ pace: "fast" });
	let answers = 0;
	let timeouts = 0;
	const ask = () => {
		const cancel = scheduler.after(30e6, () => timeouts++);
		scheduler.busy();
		socket.write("x");
		socket.once("data", () => {
			scheduler.busy();
			answers++;
			cancel();
			scheduler.after(1e6, ask);
		});
	};
	socket.once("connect", () => {
		scheduler.busy();
		ask();
	});
	scheduler.busy();
	await scheduler.run(() => answers === 20 || timeouts > 0, 3600e6);
	assert.deepEqual([answers, timeouts], [20, 0]);
	assert.ok(scheduler.nowUs() < 25e6, `${scheduler.nowUs()} us`);
});

test("who asks from outside while the loop sleeps gets the present, not the last event's time", async () => {
	const scheduler = new BenchScheduler({ pace: "real" });
	let askedUs = 0;
	let fired = false;
	setTimeout(() => {
		askedUs = scheduler.nowUs();
		scheduler.after(10_000, () => (fired = true));
	}, 60);
	await scheduler.run(() => fired, 1e6);
	assert.ok(askedUs > 50_000 && askedUs < 200_000, `${askedUs}`);
	const lateUs = scheduler.nowUs() - askedUs - 10_000;
	assert.ok(lateUs >= 0 && lateUs < 1000, `${lateUs}`);
});

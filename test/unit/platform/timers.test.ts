import { TimerHeap } from "platform/timers";
import { equal, ok, test } from "test/harness";

/** A heap over a clock that the test moves. */
function makeTimers(): { timers: TimerHeap; time: { us: number } } {
	const time = { us: 0 };
	return { timers: new TimerHeap(() => time.us), time };
}

test("timers run in the order of their time, then of their setting", () => {
	const { timers } = makeTimers();
	const ran: string[] = [];
	for (const [name, delayMs] of [
		["late", 9],
		["first", 3],
		["second", 3],
		["zero", 0],
	] as const)
		timers.set(() => ran.push(name), delayMs);
	equal(timers.nextUs, 0);
	timers.run(3000);
	equal(ran, ["zero", "first", "second"]);
	equal(timers.nextUs, 9000);
	timers.run(9000);
	equal(timers.nextUs, Infinity);
	equal(ran.length, 4);
});

test("a thousand timers, a third of them cleared, keep their order", () => {
	const { timers } = makeTimers();
	const expected: number[] = [];
	const ran: number[] = [];
	let state = 12345;
	const below = (limit: number): number => {
		state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
		return (state >> 8) % limit;
	};
	for (let i = 0; i < 1000; i++) {
		const delayMs = below(200);
		const id = timers.set(() => ran.push(delayMs * 1000 + i), delayMs);
		if (below(3) === 0) timers.clear(id);
		else expected.push(delayMs * 1000 + i);
	}
	expected.sort((a, b) => a - b);
	for (let atUs = 0; atUs < 207_000; atUs += 7000) timers.run(atUs);
	equal(ran, expected);
});

test("a timer that is set by a callback waits for the next run, even with no delay", () => {
	const { timers } = makeTimers();
	let count = 0;
	const again = (): void => {
		count++;
		timers.set(again, 0);
	};
	again();
	for (let i = 0; i < 5; i++) timers.run(0);
	equal(count, 6);
});

test("a callback may clear a timer that is due in the same run, and itself", () => {
	const { timers } = makeTimers();
	let ran = 0;
	const ids: number[] = [];
	ids.push(
		timers.set(() => {
			for (const id of ids) timers.clear(id);
		}, 1),
	);
	ids.push(timers.set(() => ran++, 2));
	timers.run(5000);
	equal(ran, 0);
	equal(timers.nextUs, Infinity);
});

test("an exception leaves the run, and the timers after it are still there", () => {
	const { timers } = makeTimers();
	let ran = 0;
	timers.set(() => {
		throw new Error("out");
	}, 1);
	timers.set(() => ran++, 2);
	let thrown = false;
	try {
		timers.run(5000);
	} catch {
		thrown = true;
	}
	ok(thrown);
	timers.run(5000);
	equal(ran, 1);
});

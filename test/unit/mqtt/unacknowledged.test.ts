import type { Timers } from "core/clock";
import { Unacknowledged } from "mqtt/unacknowledged";
import { equal, test } from "test/harness";

const noTimers: Timers = { set: () => 1, clear: () => {} };
const message = { topic: "q", payload: new Uint8Array(0) };

test("packet identifiers wrap from 65535 to 1 and leave out those in use", () => {
	const waiting = new Unacknowledged(noTimers, 16, 1000, () => {});
	equal(waiting.freeId(), 1);
	waiting.add(1, undefined, message);
	waiting.add(65_533, undefined, message);
	for (const id of [65_534, 65_535, 2]) {
		equal(waiting.freeId(), id);
		waiting.add(id, undefined, message);
	}
	equal(
		waiting.publishes().map(({ id }) => id),
		[1, 65_533, 65_534, 65_535, 2],
	);
});

test("an identifier that was not used is given again", () => {
	const waiting = new Unacknowledged(noTimers, 16, 1000, () => {});
	equal([waiting.freeId(), waiting.freeId()], [1, 1]);
});

test("a SUBACK does not acknowledge a publish, nor a PUBACK a subscription", () => {
	const waiting = new Unacknowledged(noTimers, 16, 1000, () => {});
	const done: number[] = [];
	waiting.add(1, (code) => done.push(code), message);
	waiting.add(2, (code) => done.push(code));
	waiting.acknowledge(1, "subscribe", 1);
	waiting.acknowledge(2, "publish", 0);
	equal(done, []);
	waiting.acknowledge(1, "publish", 0);
	waiting.acknowledge(2, "subscribe", 1);
	equal(done, [0, 1]);
});

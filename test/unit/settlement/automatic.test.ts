import { latestDue } from "settlement/automatic";
import { equal, test } from "test/harness";
import { firstBatch, startMs, World } from "./world";

const hour = 3_600_000;
const day = 24 * hour;
/** Local midnight of the first day; the tests begin at 10:30. */
const midnightMs = startMs - 10.5 * hour;

test("the latest due moment is today's once it has come, else yesterday's", () => {
	const today = Math.floor((midnightMs + 8 * hour) / day);
	equal(latestDue(startMs, 480, 10 * 60 + 30), { day: today, atMs: startMs });
	equal(latestDue(startMs, 480, 10 * 60 + 31), { day: today - 1, atMs: startMs + 60_000 - day });
	equal(latestDue(startMs, 480, 0), { day: today, atMs: midnightMs });
	equal(latestDue(startMs, -300, 0), { day: today - 1, atMs: midnightMs + 13 * hour - day });
	equal(latestDue(startMs, 480, 1440), undefined);
});

/** A world with a sale of 10:30 and an automatic settlement at a minute of the day. */
function shop(settlementMinute: number): World {
	const world = new World();
	world.parameters = { ...world.parameters, settlementMinute };
	world.add({ openedMs: startMs });
	return world;
}

/** Time passes as in a terminal that looks for idle work. */
function pass(world: World, ms: number): void {
	for (let passedMs = 0; passedMs < ms; passedMs += 30_000) {
		world.time.advance(30_000);
		world.settlement.idle();
	}
}

test("the batch is settled by itself at its minute, once", () => {
	const world = shop(23 * 60);
	pass(world, 12.4 * hour);
	equal(world.closed().length, 0);
	pass(world, 0.2 * hour);
	equal(world.closed().length, 1);
	world.add({ openedMs: midnightMs + 23.2 * hour });
	pass(world, 10 * hour);
	equal(world.closed().length, 1, "what came after the minute waits for the next day");
	pass(world, 14 * hour);
	equal(world.closed().length, 2);
});

test("a terminal that was off at the minute settles when it is on again, and not twice", () => {
	const world = shop(23 * 60);
	world.wallMs = midnightMs + day + 8 * hour;
	world.boot();
	pass(world, 0.1 * hour);
	equal(world.closed().length, 1);
	world.add({ openedMs: midnightMs + day + 9 * hour });
	world.boot();
	pass(world, 12 * hour);
	equal(world.closed().length, 1);
});

test("nothing is settled by itself without a clock, without a link, in a sale, switched off, or with nothing to settle", () => {
	const cases: ((world: World) => void)[] = [
		(world) => {
			world.wallMs = undefined;
			world.boot();
		},
		(world) => world.disconnect(),
		(world) => (world.busy = true),
		(world) => (world.parameters = { ...world.parameters, settlementMinute: 1440 }),
	];
	for (const change of cases) {
		const world = shop(11 * 60);
		change(world);
		pass(world, 2 * hour);
		equal([world.closed().length, world.host.seen.length], [0, 0]);
	}
	const empty = new World();
	empty.parameters = { ...empty.parameters, settlementMinute: 11 * 60 };
	pass(empty, 2 * hour);
	equal(empty.host.seen.length, 0);
});

test("one that the host refuses is not begun by itself again on the same day", () => {
	const world = shop(11 * 60);
	world.host.mood = () => ({ code: "58" });
	pass(world, 3 * hour);
	equal(world.host.seen.length, 1);
	world.boot();
	pass(world, 3 * hour);
	equal(world.host.seen.length, 1);
	world.host.mood = () => "right";
	pass(world, day);
	equal(world.closed().length, 1);
});

test("a clock that is set back does not settle again what is settled", () => {
	const world = shop(11 * 60);
	pass(world, hour);
	equal(world.closed().length, 1);
	world.time.setWallMs(startMs - 2 * day);
	pass(world, 3 * day);
	equal([world.closed().length, world.book.counters.batch], [1, firstBatch + 1]);
});

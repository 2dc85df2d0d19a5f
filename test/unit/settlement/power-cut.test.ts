import { jsonOf } from "diagnostics/json";
import { Step } from "settlement/steps";
import { equal, fail, ok, test } from "test/harness";
import { State } from "transaction/states";
import type { SettlementRequest } from "host/link";
import type { Mood } from "./model-host";
import { PowerCut, World } from "./world";

interface Story {
	readonly name: string;
	readonly prepare: (world: World) => void;
	readonly mood?: (request: SettlementRequest) => Mood;
}

const stories: readonly Story[] = [
	{
		name: "balanced",
		prepare: (world) => {
			world.add({ amountMinor: 100 });
			world.add({ amountMinor: 200, state: State.Forwarded });
		},
	},
	{
		name: "unbalanced",
		prepare: (world) => {
			for (let i = 0; i < 18; i++) world.add({ amountMinor: 100 });
			world.add({ amountMinor: 300 }, false);
			world.add({ amountMinor: 500, state: State.ReversalParked });
			world.host.post(12, 77, 900);
		},
	},
	{
		name: "unbalanced, and each first reply of a kind is lost",
		prepare: (world) => {
			for (let i = 0; i < 10; i++) world.add({ amountMinor: 100 });
			world.host.post(12, 77, 900);
			const seen = new Set<string>();
			world.host.mood = ({ message, network }) => {
				const kind = `${message} ${network}`;
				if (seen.has(kind)) return "right";
				seen.add(kind);
				return "mute";
			};
		},
	},
	{
		name: "a batch of an earlier day, the current one, and an empty one behind",
		prepare: (world) => {
			world.host.closed.set(11, "");
			world.add({ amountMinor: 100, batch: 11 });
			world.add({ amountMinor: 200 });
		},
	},
	{
		name: "the host has jumped to another batch",
		prepare: (world) => {
			world.add({ amountMinor: 100 });
			world.host.openBatch = 30;
		},
	},
	{
		name: "empty, and the host has something",
		prepare: (world) => world.host.post(12, 5, 4200),
	},
];

/** All that must be the same, however it came to it. */
function end(world: World): string {
	const { store, book, settlement, host } = world;
	const { result } = store;
	return jsonOf({
		step: settlement.state,
		batch: book.counters.batch,
		settling: book.counters.settling,
		closed: world.closed(),
		lastNumbers: store.closed.batches.map(({ lastNumber }) => lastNumber),
		leftOpen: store.closed.leftOpen,
		differences: store.differences,
		kinds: result?.kinds,
		verdict: result?.verdict,
		host: result?.host,
		report: store.report?.state,
		hostClosed: [...host.closed.keys()],
		hostDetails: [...host.details].map(([batch, details]) => [batch, details.size]),
		hostOpen: host.openBatch,
		unreadable: store.unreadable + book.unreadable,
		open: book.open().map(({ number }) => number),
	});
}

/** Settles with the power going at append `cutAt` (0: never). @returns appends of the settlement and the end */
function play(
	story: Story,
	cutAt: number,
	before: boolean,
): { appends: number; end: string; cut: boolean } {
	const world = new World();
	story.prepare(world);
	const since = world.journal.appends;
	world.journal.cutAt = cutAt === 0 ? 0 : since + cutAt;
	world.journal.cutBefore = before;
	let cut = false;
	try {
		world.settle();
		world.time.advance(1000);
	} catch (error) {
		if (!(error instanceof PowerCut)) throw error;
		cut = true;
		const began = world.journal.records.some(({ kind }) => kind === 17);
		world.boot();
		// What had not begun yet is begun by the cashier again.
		if (!began) world.settlement.start();
		world.finish();
		world.time.advance(1000);
	}
	const appends = world.journal.appends - since;
	// Nothing is with the host any more, and a second boot finds the same.
	const first = end(world);
	world.boot();
	world.time.advance(1000);
	equal(end(world), first, `${story.name}: a boot afterwards`);
	return { appends, end: first, cut };
}

for (const story of stories) {
	test(`a power cut at every append of a settlement leads to the same end: ${story.name}`, () => {
		const whole = play(story, 0, false);
		ok(whole.appends > 8, `${whole.appends} appends`);
		let cuts = 0;
		for (const before of [true, false])
			for (let cutAt = 1; cutAt <= whole.appends; cutAt++) {
				const { end: found, cut } = play(story, cutAt, before);
				if (cut) cuts++;
				equal(found, whole.end, `cut ${before ? "before" : "after"} append ${cutAt}`);
			}
		equal(cuts, 2 * whole.appends, "every cut happened");
	});
}

test("after a power cut it is told that a settlement goes on", () => {
	const world = new World();
	world.add();
	world.host.mood = () => "deaf";
	world.settlement.start();
	world.time.advance(1000);
	world.boot();
	equal([world.settlement.state, world.settlement.progress.resumed], [Step.Totals, true]);
	equal(world.settlement.hold(), "settling", "before anything is sent");
	world.host.mood = () => "right";
	world.finish();
	world.settlement.start();
	if (world.settlement.progress.resumed) fail("a new one is not a resumed one");
});

test("a message that was sent before the power cut is sent again unchanged", () => {
	const world = new World();
	for (let i = 0; i < 10; i++) world.add();
	world.host.post(12, 77, 900);
	world.host.mood = () => "mute";
	world.settlement.start();
	world.time.advance(1000);
	const [first] = world.host.seen;
	world.boot();
	world.time.advance(1000);
	equal(world.host.seen[1], first);
	world.host.mood = ({ message }) => (message === "settlement" ? "right" : "mute");
	world.time.advance(25_000);
	const last = world.host.seen.at(-1)!;
	ok(last.startsWith("upload 12 201"));
	world.boot();
	world.time.advance(1000);
	equal(world.host.seen.at(-1), last);
});

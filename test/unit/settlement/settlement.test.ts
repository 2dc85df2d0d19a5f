import { Step, Verdict } from "settlement/steps";
import { equal, test } from "test/harness";
import { Kind } from "transaction/kinds";
import { State } from "transaction/states";
import { World } from "./world";

const foreign = "0".repeat(31);

/** "message batch network field 48" of what the host saw, without the STAN. */
function seen(world: World): string[] {
	return world.host.seen.map((line) => line.replace(/^(\S+ \S+ \S+) \S+/, "$1"));
}

test("B01: totals that agree close the batch, and the next one is open", () => {
	const world = new World();
	world.add({ amountMinor: 1000 });
	world.add({ amountMinor: 250, kind: Kind.Refund });
	world.add({ amountMinor: 500, state: State.Forwarded });
	world.add({ amountMinor: 700, state: State.Declined });
	world.add({ amountMinor: 900, state: State.Reversed });
	world.add({ amountMinor: 800, kind: Kind.PreAuth });
	world.settle();
	equal(seen(world), [
		`settlement 12 201 0000000015000020000000002500010${foreign}`,
		"upload 12 207 0003",
	]);
	equal(world.closed(), [`12 ${Verdict.Balanced} 3 1250`]);
	equal(world.book.counters.batch, 13);
	equal(world.store.report, { batch: 12, state: 1, reprintCount: 0 });
});

test("B02: totals that differ send all details, eight a message, and the differences are kept", () => {
	const world = new World();
	for (let i = 0; i < 17; i++) world.add({ amountMinor: 100 });
	const short = world.add({ amountMinor: 300 }, false);
	const other = world.add({ amountMinor: 400 }, false);
	world.host.post(12, other.stan, 500);
	world.host.post(12, 77, 900);
	world.settle();
	const uploads = seen(world).filter((line) => line.startsWith("upload 12 201"));
	equal(
		uploads.map((line) => line.slice(14, 16)),
		["08", "08", "03"],
	);
	equal(seen(world).at(-1), "upload 12 202 0019");
	equal(new Set(world.requests.map(({ stan }) => stan)).size, 5, "each message has its own STAN");
	equal(
		world.store.differences.map(({ kind, stan, amountMinor }) => `${kind} ${stan} ${amountMinor}`),
		["L 77 900", `S ${short.stan} 0`, `A ${other.stan} 500`],
	);
	equal(world.closed(), [`12 ${Verdict.Unbalanced} 19 2400`]);
	equal(world.book.counters.batch, 13);
});

test("details name the type of the request, stored sales their own, and credits their sign", () => {
	const world = new World();
	const sale = world.add({ amountMinor: 100 }, false);
	const stored = world.add({ amountMinor: 200, state: State.Forwarded }, false);
	const refund = world.add({ amountMinor: 50, kind: Kind.Refund }, false);
	world.settle();
	const detail = (type: string, stan: number, amountMinor: number, sign: string) =>
		`${type}000${stan}${String(amountMinor).padStart(12, "0")}${sign}`;
	equal(
		seen(world)[1],
		"upload 12 201 03" +
			detail("22", sale.stan, 100, "0") +
			detail("36", stored.stan, 200, "0") +
			detail("25", refund.stan, 50, "1"),
	);
});

test("B04: a 0510 that is lost is asked for again with the same STAN and totals", () => {
	const world = new World();
	world.add();
	let lost = 2;
	world.host.mood = ({ message }) => (message === "settlement" && lost-- > 0 ? "mute" : "right");
	world.settle();
	const asked = world.host.seen.filter((line) => line.startsWith("settlement"));
	equal([asked.length, new Set(asked).size], [3, 1]);
	equal(world.closed(), [`12 ${Verdict.Balanced} 1 100`]);
});

test("B05: a stored sale that is not forwarded yet is waited for, and counts", () => {
	const world = new World();
	world.add({ amountMinor: 100 });
	const stored = world.add({ amountMinor: 200, state: State.StoredOffline });
	equal(world.settlement.start(), undefined);
	world.time.advance(60_000);
	equal([world.settlement.state, world.host.seen.length], [Step.Draining, 0]);
	equal([world.settlement.progress.wait, world.settlement.progress.openCount], ["open", 1]);
	equal(world.settlement.hold(), undefined, "cards are taken meanwhile");
	world.host.post(12, stored.stan, 200);
	world.become(stored.number, State.Forwarded);
	world.finish();
	equal(world.closed(), [`12 ${Verdict.Balanced} 2 300`]);
});

test("B06: an empty batch is compared as well, for the host may have what the terminal has not", () => {
	const world = new World();
	world.host.post(12, 5, 4200);
	world.settle();
	equal(seen(world).slice(1), ["upload 12 202 0000"]);
	equal(world.closed(), [`12 ${Verdict.Unbalanced} 0 0`]);
	equal(
		world.store.differences.map(({ kind, stan }) => `${kind} ${stan}`),
		["L 5"],
	);
	const balanced = new World();
	balanced.settle();
	equal(balanced.closed(), [`12 ${Verdict.Balanced} 0 0`]);
});

test("R21: a reversal that is due is waited for; the batch is settled without it", () => {
	const world = new World();
	world.add({ amountMinor: 100 });
	const due = world.add({ amountMinor: 200, state: State.ReversalDue });
	world.settlement.start();
	world.time.advance(60_000);
	equal([world.settlement.state, world.settlement.progress.wait], [Step.Draining, "open"]);
	world.become(due.number, State.Reversed);
	world.finish();
	equal(world.closed(), [`12 ${Verdict.Balanced} 1 100`]);
});

test("what is parked does not hold the settlement up; it stays open and is in no settlement ever", () => {
	const world = new World();
	world.add({ amountMinor: 100 });
	const parked = world.add({ amountMinor: 200, state: State.ReversalParked });
	const refused = world.add({ amountMinor: 300, state: State.ForwardRefused });
	world.settle();
	equal(world.closed(), [`12 ${Verdict.Balanced} 1 100`]);
	equal(
		world.book.open().map(({ number }) => number),
		[parked.number, refused.number],
	);
	equal(world.store.closed.leftOpen, [parked.number, refused.number]);
	world.become(refused.number, State.Forwarded);
	equal(world.store.closed.wasLeftOpen(refused.number), true);
	world.add({ amountMinor: 50 });
	world.settle();
	equal(world.closed().at(-1), `13 ${Verdict.Balanced} 1 50`);
});

test("a sale that is under way is waited for", () => {
	const world = new World();
	world.add();
	world.busy = true;
	world.settlement.start();
	world.time.advance(5000);
	equal([world.settlement.state, world.settlement.progress.wait], [Step.Draining, "sale"]);
	world.busy = false;
	world.finish();
	equal(world.closed().length, 1);
});

test("no card is taken from the totals to the closing", () => {
	const world = new World();
	world.add();
	const holds = new Map<number, string | undefined>();
	world.host.mood = () => {
		holds.set(world.settlement.state, world.settlement.hold());
		return "right";
	};
	world.host.post(12, 9, 1);
	world.settle();
	equal(
		[...holds.entries()],
		[
			[Step.Totals, "settling"],
			[Step.Uploading, "settling"],
			[Step.UploadEnd, "settling"],
		],
	);
	equal(world.settlement.hold(), undefined);
});

test("code 77: the terminal signs on and asks again; then the batch is closed without a verdict, and nothing is lost", () => {
	const world = new World();
	const sale = world.add({ amountMinor: 100 });
	world.host.openBatch = 40;
	const signOns = world.signOns;
	world.host.mood = () => {
		// Each time that it is asked the terminal has signed on since.
		equal(world.signOns, signOns + world.host.seen.length - 1);
		return "right";
	};
	world.settle();
	equal(world.host.seen.length, 2);
	equal(world.closed(), [`12 ${Verdict.Unknown} 1 100`]);
	equal(world.book.counters.batch, 40);
	equal(world.store.closed.isClosed(12, sale.number), true);
	world.add({ amountMinor: 70 });
	world.host.mood = () => "right";
	world.settle();
	equal(world.closed().at(-1), `40 ${Verdict.Balanced} 1 70`);
});

test("several batches are settled under their own numbers, the oldest first", () => {
	const world = new World();
	world.add({ batch: 10, amountMinor: 1 });
	world.add({ batch: 11, amountMinor: 2 });
	world.add({ batch: 12, amountMinor: 4 });
	world.host.closed.set(10, "");
	world.host.closed.set(11, "");
	world.settle();
	equal(world.closed(), [
		`10 ${Verdict.Balanced} 1 1`,
		`11 ${Verdict.Balanced} 1 2`,
		`12 ${Verdict.Balanced} 1 4`,
	]);
	equal([world.book.counters.batch, world.settlement.state], [13, Step.None]);
});

test("a batch that the host refuses does not keep the others, stays unsettled and is tried again", () => {
	const world = new World();
	const old = world.add({ batch: 11, amountMinor: 2 });
	world.add({ batch: 12, amountMinor: 4 });
	world.host.closed.set(11, "");
	world.host.mood = ({ batch }) => (batch === 11 ? { code: "12" } : "right");
	world.settle();
	equal(world.closed(), [`12 ${Verdict.Balanced} 1 4`]);
	equal(world.store.closed.isClosed(11, old.number), false);
	world.host.mood = () => "right";
	world.settle();
	equal(world.closed().at(-1), `11 ${Verdict.Balanced} 1 2`);
	world.time.advance(1000);
	equal(world.book.counters.batch, 13);
});

test("a refusal says its code and leaves the batch as it was", () => {
	const world = new World();
	world.add();
	world.host.mood = () => ({ code: "58" });
	world.settle();
	equal([world.settlement.progress.refusal, world.closed().length], ["58", 0]);
	world.host.mood = () => "right";
	world.add();
	world.settle();
	equal([world.settlement.progress.refusal, world.closed()], ["", ["12 1 2 300"]]);
});

test("a host that is silent for three times puts it off: sales go on, and it begins again by itself", () => {
	const world = new World();
	world.add();
	world.host.mood = () => "deaf";
	world.settlement.start();
	world.time.advance(70_000);
	equal([world.settlement.state, world.settlement.progress.wait], [Step.Draining, "pause"]);
	equal(world.settlement.hold(), undefined);
	equal(world.host.seen.length, 3);
	world.host.mood = () => "right";
	world.add();
	world.finish();
	equal(world.closed(), [`12 ${Verdict.Balanced} 2 300`]);
});

test("one that was put off goes on at once when a person asks", () => {
	const world = new World();
	world.add();
	world.host.mood = () => "deaf";
	world.settlement.start();
	world.time.advance(70_000);
	world.host.mood = () => "right";
	equal(world.settlement.start(), undefined);
	world.finish(2000);
	equal(world.closed().length, 1);
});

test("a network that goes while the host has the totals puts it off after a minute; it goes on with the network", () => {
	const world = new World();
	world.add();
	world.host.mood = () => "deaf";
	world.settlement.start();
	world.time.advance(1000);
	equal(world.settlement.state, Step.Totals);
	world.disconnect();
	world.time.advance(90_000);
	equal([world.settlement.state, world.settlement.hold()], [Step.Draining, undefined]);
	world.host.mood = () => "right";
	world.connect();
	world.finish(5000);
	equal(world.closed().length, 1);
});

test("the end of the upload is repeated for ever, for the host may have closed the batch", () => {
	const world = new World();
	world.add();
	world.host.mood = ({ network }) => (network === 207 ? "mute" : "right");
	world.settlement.start();
	world.time.advance(600_000);
	equal([world.settlement.state, world.settlement.hold()], [Step.UploadEnd, "settling"]);
	equal(world.settlement.cancel(), false);
	world.disconnect();
	world.time.advance(600_000);
	equal(world.settlement.state, Step.UploadEnd);
	world.host.mood = () => "right";
	world.connect();
	world.finish();
	equal(world.closed(), [`12 ${Verdict.Balanced} 1 100`]);
});

test("it can be given up before the end is told, and a later one begins anew", () => {
	const world = new World();
	world.add();
	world.host.mood = () => "deaf";
	world.settlement.start();
	world.time.advance(1000);
	equal([world.settlement.cancel(), world.settlement.state], [true, Step.None]);
	equal(world.settlement.cancel(), false);
	world.time.advance(60_000);
	equal([world.settlement.state, world.closed().length], [Step.None, 0]);
	world.host.mood = () => "right";
	world.add();
	world.settle();
	equal(world.closed(), [`12 ${Verdict.Balanced} 2 300`]);
});

test("one at a time, and none before the host has ever given a batch", () => {
	const world = new World();
	world.add();
	equal([world.settlement.start(), world.settlement.start()], [undefined, "running"]);
	const fresh = new World();
	fresh.book.counters.setBatch(0);
	equal(fresh.settlement.start(), "keys");
});

test("what the host calls balanced is not believed when it names other totals", () => {
	const world = new World();
	world.add({ amountMinor: 100 });
	const right = world.host.answer.bind(world.host);
	world.host.answer = (request) => {
		const outcome = right(request);
		if (request.message !== "settlement" || outcome?.kind !== "reply") return outcome;
		const digits48 = `0000000009990010000000000000001${foreign}`;
		return { ...outcome, settlement: { batch: 12, digits48, differences: new Uint8Array(0) } };
	};
	world.settle();
	equal(world.closed(), [`12 ${Verdict.Unbalanced} 1 100`]);
});

test("a full batch holds the next card: settle first", () => {
	const world = new World();
	world.parameters = { ...world.parameters, batchCountMax: 10 };
	world.add({ state: State.Declined });
	for (let i = 0; i < 9; i++) world.add();
	equal(world.settlement.hold(), undefined);
	world.add({ state: State.Declined });
	equal(world.settlement.hold(), "settle-first");
	world.settle();
	equal(world.settlement.hold(), undefined);
});

test("a journal that is about to drop something unsettled holds the next card", () => {
	const world = new World();
	const { number } = world.add();
	world.endangered = number - 1;
	equal(world.settlement.hold(), undefined);
	world.endangered = number;
	equal(world.settlement.hold(), "settle-first");
});

test("flash that cannot be written stops the settlement where it is, and nothing else", () => {
	const world = new World();
	world.add();
	world.journal.refuses = true;
	equal([world.settlement.start(), world.settlement.state], ["flash", Step.None]);
	world.journal.refuses = false;
	world.settle();
	equal(world.closed().length, 1);
});

test("an answer to what was given up decides nothing", () => {
	const world = new World();
	world.add();
	world.host.mood = ({ network }) => (network === 207 ? "deaf" : "right");
	world.settlement.start();
	world.time.advance(10);
	equal(world.host.seen.length, 1);
	world.settlement.cancel();
	world.settlement.start();
	world.time.advance(10);
	equal([world.host.seen.length, world.settlement.state], [2, Step.Totals]);
	// Now both answers come, and the second is no answer to the end of the upload.
	world.time.advance(1000);
	equal([world.settlement.state, world.closed().length], [Step.UploadEnd, 0]);
});

test("a batch number that the host gives out again is settled once more, with what came since", () => {
	const world = new World();
	world.add({ amountMinor: 100 });
	world.settle();
	world.time.advance(1000);
	world.host.closed.clear();
	world.host.books.clear();
	world.host.openBatch = 12;
	world.book.counters.setBatch(12);
	world.add({ amountMinor: 70 });
	world.settle();
	equal(world.closed(), [`12 ${Verdict.Balanced} 1 100`, `12 ${Verdict.Balanced} 1 70`]);
});

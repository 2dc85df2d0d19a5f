import { guardedActions, orphansOf, type GuardConditions } from "terminal/guard";
import { guardCommand } from "terminal/guard-command";
import { equal, ok, test } from "test/harness";
import { sampleTransaction } from "test/unit/fakes/sample";
import { State } from "transaction/states";

const nothing: GuardConditions = { open: [], oldestUnsettled: 0, busy: false, slipsDue: 0 };

function refused(conditions: Partial<GuardConditions>): string[] {
	return guardedActions.filter(
		(action) => orphansOf(action, { ...nothing, ...conditions }) !== undefined,
	);
}

test("a terminal in which nothing is open, unsettled or due may be done anything to", () => {
	equal(refused({}), []);
});

test("every open state blocks update, keys, identity and reset, but no restart", () => {
	for (const state of [
		State.Sending,
		State.ReversalDue,
		State.ReversalParked,
		State.StoredOffline,
		State.ForwardRefused,
		State.AdviceDue,
	])
		equal(refused({ open: [sampleTransaction({ state })] }), [
			"update",
			"keys",
			"identity",
			"reset",
		]);
	equal(refused({ open: [sampleTransaction({ state: State.Approved })] }), []);
});

test("what is not settled blocks what makes its batch unknown, a due slip what erases it", () => {
	equal(refused({ oldestUnsettled: 4 }), ["identity", "reset"]);
	equal(refused({ slipsDue: 1 }), ["reset"]);
	equal(refused({ busy: true }), [...guardedActions]);
});

test("a refusal has count, amount and what to do, parked ones by themselves", () => {
	const open = [
		sampleTransaction({ state: State.StoredOffline, amountMinor: 500 }),
		sampleTransaction({ state: State.ReversalParked, amountMinor: 700, approvedMinor: 100 }),
	];
	const orphans = orphansOf("reset", { ...nothing, open });
	equal([orphans?.count, orphans?.amountMinor, orphans?.todo.length], [2, 600, 2]);
	equal(orphansOf("reset", { ...nothing, open: open.slice(1) })?.todo.length, 1);
});

test("the console says yes, no and why, and knows no other word", () => {
	let conditions = nothing;
	const { run } = guardCommand({ currencyDigits: 2, conditions: () => conditions });
	equal(run("reset"), {
		lines: ["reset: yes, nothing is orphaned"],
		data: { action: "reset", may: true },
	});
	conditions = { ...nothing, open: [sampleTransaction({ state: State.AdviceDue })] };
	const answer = run("reset");
	ok("lines" in answer && answer.lines[0] === "reset: NO, 1 open, 12.34");
	ok("error" in run("explode") && "error" in run(""));
});

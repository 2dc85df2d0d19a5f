import type { HostOutcome } from "host/link";
import { decideTotals, decideUpload } from "settlement/decide";
import { nextStep, Step, StepInput, stepName, Verdict } from "settlement/steps";
import { equal, fail, ok, test } from "test/harness";
import { digits, reply } from "./model-host";
import { World } from "./world";

/** Every step and every input: where it leads, "" where it means nothing. */
const table = `
             Start Drained Balanced Unbalanced DetailsTaken AllTaken Ended Unknown Refused Postpone Cancel Closed ClosedNextBatch Nothing
None         1     .       .        .          .            .        .     .       .       .        .      .      .               .
Draining     .     2       .        .          .            .        .     .       .       .        0      .      .               0
Totals       .     .       4        3          .            .        .     5       0       1        0      .      .               .
Uploading    .     .       .        .          3            4        .     5       0       1        0      .      .               .
UploadEnd    .     .       .        .          .            .        5     5       0       .        .      .      .               .
Closing      .     .       .        .          .            .        .     .       .       .        .      0      1               .
`;

test("every step and every input", () => {
	const [head, ...rows] = table.trim().split("\n");
	const names = head!.trim().split(/ +/);
	equal(names, Object.keys(StepInput));
	equal(
		rows.map((row) => row.split(/ +/)[0]),
		Object.keys(Step),
	);
	for (const row of rows) {
		const [name, ...cells] = row.trim().split(/ +/);
		const step = Step[name as keyof typeof Step];
		for (const [i, cell] of cells.entries()) {
			const input = StepInput[names[i] as keyof typeof StepInput];
			equal(nextStep(step, input) ?? ".", cell === "." ? "." : Number(cell), `${name} ${names[i]}`);
		}
	}
});

const ours = { debitMinor: 100, debitCount: 1, creditMinor: 0, creditCount: 0 };
const sameTotals = `${digits(100, 12)}001${digits(0, 15)}`;
const foreign = "0".repeat(31);

/** An answer in short: kind, and the code of a refusal. */
function total(outcome: HostOutcome): string {
	const answer = decideTotals(outcome, 12, ours);
	return answer.kind === "refused" ? `refused ${answer.responseCode}` : answer.kind;
}

function upload(outcome: HostOutcome): string {
	const answer = decideUpload(outcome, 12);
	return answer.kind === "refused" ? `refused ${answer.responseCode}` : answer.kind;
}

test("balanced is 00 with verdict 1 and the same totals; the rest of 00 and 95 is not", () => {
	equal(total(reply("00", 12, `${sameTotals}1${foreign}`)), "balanced");
	equal(total(reply("00", 12, `${sameTotals}2${foreign}`)), "unbalanced");
	equal(total(reply("00", 12, `${sameTotals}3${foreign}`)), "unbalanced");
	equal(total(reply("00", 12, `${sameTotals}0${foreign}`)), "unbalanced");
	equal(total(reply("00", 12, `${digits(99, 12)}001${digits(0, 15)}1${foreign}`)), "unbalanced");
	equal(total(reply("00", 12, "")), "unbalanced");
	equal(total(reply("00", 12, "12")), "unbalanced");
	equal(total(reply("95", 12, `${sameTotals}1${foreign}`)), "unbalanced");
	equal(total(reply("95", 12, `${sameTotals}2${foreign}`)), "unbalanced");
});

test("nothing, a wrong MAC, no MAC and an answer about another batch decide nothing", () => {
	for (const decide of [total, upload]) {
		equal(decide({ kind: "no-reply" }), "again");
		equal(decide({ kind: "wrong-mac" }), "again");
		equal(decide(reply("00", 12, `${sameTotals}1${foreign}`, "", false)), "again");
		equal(decide(reply("77", 12, "", "", false)), "again");
		equal(decide(reply("12", 12, "", "", false)), "again");
		equal(decide(reply("00", 11, `${sameTotals}1${foreign}`)), "again");
		equal(
			decide({ kind: "reply", responseCode: "00", rrn: "", authCode: "", authenticated: true }),
			"again",
		);
	}
});

test("each code that a host may give", () => {
	const again = ["09", "22", "68", "90", "91", "92", "96", "97", "98", "99", "A0"];
	for (const code of again)
		equal([total(reply(code, 12)), upload(reply(code, 12))], ["again", "again"], code);
	equal([total(reply("77", 13)), upload(reply("77", 13))], ["mismatch", "mismatch"]);
	equal([total(reply("94", 12)), upload(reply("94", 12))], ["refused 94", "taken"]);
	equal(upload(reply("95", 12)), "refused 95");
	equal(upload(reply("00", 12)), "taken");
	for (const code of ["03", "12", "25", "30", "40", "58", "Z9"])
		equal(
			[total(reply(code, 12)), upload(reply(code, 12))],
			[`refused ${code}`, `refused ${code}`],
		);
});

test("differences that cannot be read are none", () => {
	const answer = decideUpload(reply("00", 12, "", "L000077"), 12);
	ok(answer.kind === "taken");
	equal(answer.differences, []);
});

/** A world that has just sent the message of a step, and answers it with a code or silence from now on. */
function at(step: Step, code: string): World {
	const world = new World();
	for (let i = 0; i < 3; i++) world.add({ amountMinor: 100 });
	if (step === Step.Uploading || code === "unbalanced") world.host.post(12, 9, 1);
	world.host.mood = ({ message, network }) => {
		const now =
			message === "settlement" ? Step.Totals : network === 201 ? Step.Uploading : Step.UploadEnd;
		if (now !== step) return "right";
		return code === "silence"
			? "deaf"
			: code === "right" || code === "unbalanced"
				? "right"
				: { code };
	};
	world.settlement.start();
	for (let i = 0; i < 40 && world.settlement.state !== step; i++) world.time.advance(10);
	if (world.settlement.state !== step) fail(`never at ${stepName(step)}`);
	return world;
}

const minute = 60_000;

test("every step with every answer: where it stands after two minutes", () => {
	const found: string[] = [];
	for (const step of [Step.Totals, Step.Uploading, Step.UploadEnd])
		for (const code of ["right", "95", "77", "A0", "96", "12", "silence"]) {
			const world = at(step, code);
			world.time.advance(2 * minute);
			const { verdict } = world.store.step;
			const closed =
				world.closed().length > 0
					? ` closed ${world.store.result!.verdict}`
					: ` verdict ${verdict}`;
			found.push(`${stepName(step)} ${code}: ${stepName(world.settlement.state)}${closed}`);
		}
	equal(found, [
		"totals right: none closed 1",
		// Totals that differ by code alone: details are told, and the host finds nothing.
		"totals 95: none closed 2",
		"totals 77: none closed 3",
		"totals A0: draining verdict 0",
		"totals 96: draining verdict 0",
		"totals 12: none verdict 0",
		"totals silence: draining verdict 0",
		"uploading right: none closed 2",
		"uploading 95: none verdict 2",
		"uploading 77: none closed 2",
		"uploading A0: draining verdict 2",
		"uploading 96: draining verdict 2",
		"uploading 12: none verdict 2",
		"uploading silence: draining verdict 2",
		"upload end right: none closed 1",
		"upload end 95: none verdict 1",
		"upload end 77: none closed 1",
		"upload end A0: upload end verdict 1",
		"upload end 96: upload end verdict 1",
		"upload end 12: none verdict 1",
		"upload end silence: upload end verdict 1",
	]);
	ok(Verdict.Unknown === 3);
});

test("whatever was answered, the host that comes to its senses gets the batch in the end", () => {
	for (const step of [Step.Totals, Step.Uploading, Step.UploadEnd])
		for (const code of ["A0", "96", "12", "silence", "95"]) {
			const world = at(step, code);
			world.time.advance(2 * minute);
			world.host.mood = () => "right";
			if (world.settlement.state === Step.None && world.closed().length === 0)
				world.settlement.start();
			world.finish();
			world.time.advance(1000);
			equal(
				[world.closed().length, world.book.counters.batch, world.host.openBatch],
				[1, 13, 13],
				`${stepName(step)} ${code}`,
			);
		}
});

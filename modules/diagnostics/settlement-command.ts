import { localText } from "core/local-time";
import { formatAmount } from "core/money";
import type { Parameters } from "core/parameters";
import type { TerminalConfig } from "core/platform";
import type { Answer, Command } from "diagnostics/console";
import { never } from "settlement/automatic";
import type { BatchView } from "settlement/batch-view";
import { findDifferences, type FoundDifference } from "settlement/differences";
import type { Settlement } from "settlement/settlement";
import { stepName, Verdict } from "settlement/steps";
import type { SettlementStore } from "settlement/store";
import { netMinor, totalsOf } from "settlement/totals";
import { unsettledBatches } from "settlement/unsettled";
import { ReceiptState } from "transaction/transaction";

/** What the command looks at. */
export interface InspectedSettlement {
	readonly config: TerminalConfig;
	readonly settlement: Pick<Settlement, "progress">;
	readonly store: SettlementStore;
	readonly view: BatchView;
	readonly parameters: () => Pick<Parameters, "settlementMinute">;
}

/** `settlement`: where it stands, what waits for it, what is closed and what differed. */
export function settlementCommand(t: InspectedSettlement): Command {
	return {
		name: "settlement",
		usage: "settlement",
		help: "step, batches, differences with the host",
		run: () => settlement(t),
	};
}

const verdictNames: Readonly<Record<Verdict, string>> = Object.freeze({
	[Verdict.None]: "not compared",
	[Verdict.Balanced]: "balanced",
	[Verdict.Unbalanced]: "not balanced",
	[Verdict.Unknown]: "unknown to the host",
});

const differenceNames: Readonly<Record<FoundDifference["kind"], string>> = Object.freeze({
	L: "long: the host has it, the terminal not",
	S: "short: the terminal has it, the host not",
	A: "the amounts differ",
});

const reportNames: Readonly<Record<ReceiptState, string>> = Object.freeze({
	[ReceiptState.None]: "none",
	[ReceiptState.Due]: "due",
	[ReceiptState.Printing]: "printing",
	[ReceiptState.Printed]: "printed",
	[ReceiptState.Uncertain]: "uncertain",
});

function settlement(t: InspectedSettlement): Answer {
	const data = collect(t);
	const amount = (minor: number) => formatAmount(minor, t.config.currencyDigits);
	const many = (count: number) => `${count} transaction${count === 1 ? "" : "s"}`;
	const lines = [
		`step        ${stepText(data)}`,
		`automatic   ${data.automaticAt === "" ? "off" : `at ${data.automaticAt}`}`,
		`report      ${data.report}`,
		...(data.refusal === "" ? [] : [`refused     the host answered ${data.refusal}`]),
		...(data.complete ? [] : ["reading     the journal is being read; totals are not known yet"]),
		...data.unsettled.map(
			({ batch, count, netMinor: net }) =>
				`not settled batch ${batch}  ${many(count)}, net ${amount(net)}`,
		),
		...data.closed.map(
			({ batch, time, verdict, count, netMinor: net }) =>
				`closed      batch ${batch}  ${time}  ${verdict}, ${count}, net ${amount(net)}`,
		),
		...data.differences.flatMap((difference) => differenceLines(difference, amount)),
		...(data.leftOpen.length === 0 ? [] : [`left open   ${data.leftOpen.join(" ")}`]),
	];
	return { lines, data };
}

function stepText({
	step,
	batch,
	wait,
	openCount,
	uploaded,
	total,
}: ReturnType<typeof collect>): string {
	if (step === "none") return step;
	const where = step === "draining" ? step : `${step}, batch ${sixDigits(batch)}`;
	const sent = total > 0 ? `, ${uploaded} of ${total} details` : "";
	const open = wait === "open" ? `, ${openCount} to be reversed or forwarded first` : "";
	return `${where}${sent}${open}${wait === "" ? "" : `, waits for: ${wait}`}`;
}

function differenceLines(
	{ batch, stan, kind, number, oursMinor, hostMinor }: FoundDifference,
	amount: (minor: number) => string,
): string[] {
	const which = number === 0 ? "no transaction here" : `transaction ${number}`;
	return [
		`differs     batch ${sixDigits(batch)} STAN ${sixDigits(stan)}, ${which}`,
		`            ${differenceNames[kind]}; here ${amount(oursMinor)}, host ${amount(hostMinor)}`,
	];
}

function collect(t: InspectedSettlement) {
	const { step, wait, ...progress } = t.settlement.progress;
	const { settlementMinute } = t.parameters();
	return {
		...progress,
		step: stepName(step),
		wait: wait ?? "",
		complete: t.view.complete,
		automaticAt: settlementMinute >= never ? "" : clockText(settlementMinute),
		unsettled: unsettled(t),
		closed: closed(t),
		differences: findDifferences(t.store.differences, t.view),
		leftOpen: t.store.closed.leftOpen,
		report: reportNames[t.store.report?.state ?? ReceiptState.None],
	};
}

function unsettled({ view, store }: InspectedSettlement) {
	return unsettledBatches(view, store.closed, true).map(({ batch }) => {
		const totals = totalsOf(
			view,
			(row) => row.batch === batch && !store.closed.isClosed(batch, row.number),
		);
		return {
			batch: sixDigits(batch),
			count: totals.debitCount + totals.creditCount,
			netMinor: netMinor(totals),
		};
	});
}

function closed({ config, store }: InspectedSettlement) {
	return store.closed.batches.map(({ batch, closedMs, verdict, count, netMinor: minor }) => ({
		batch: sixDigits(batch),
		time: localText(closedMs, config.utcOffsetMinutes),
		verdict: verdictNames[verdict],
		count,
		netMinor: minor,
	}));
}

function clockText(minute: number): string {
	const two = (value: number) => String(value).padStart(2, "0");
	return `${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
}

function sixDigits(value: number): string {
	return String(value).padStart(6, "0");
}

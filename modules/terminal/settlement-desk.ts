import type { Printer } from "core/devices";
import { limits } from "core/limits";
import { formatAmount } from "core/money";
import type { Parameters } from "core/parameters";
import type { Platform } from "core/platform";
import type { Log } from "core/log";
import type { HostLink } from "host/link";
import type { Journal } from "journal/journal";
import type { SettlementMemory } from "settlement/memory";
import { ReportPrinter } from "settlement/report-printer";
import { Settlement } from "settlement/settlement";
import type { SettlementHold, SettlementProgress } from "settlement/settlement-options";
import { Step } from "settlement/steps";
import { settlementText, verdictText, waitText } from "terminal/settlement-texts";
import type { Book } from "transaction/book";

export interface SettlementDeskOptions {
	readonly platform: Platform;
	readonly memory: SettlementMemory;
	readonly journal: Pick<Journal, "isPartlyVisited" | "isEndangered">;
	readonly book: Book;
	readonly link: HostLink;
	readonly printer: Printer;
	readonly log: Log;
	readonly parameters: () => Parameters;
	/** A transaction is between its order and its result, or the worker is talking to the host. */
	readonly busy: () => boolean;
	/** Shows lines to the cashier when nothing else is on the screen. */
	readonly notice: (lines: readonly string[]) => void;
	readonly onChanged: () => void;
}

/** What a cashier sees of settlements, and what idle time does for them. Holds no money. */
export class SettlementDesk {
	readonly settlement: Settlement;
	readonly reports: ReportPrinter;
	readonly #o: SettlementDeskOptions;
	#resumed = false;
	#step: Step = Step.None;

	constructor(options: SettlementDeskOptions) {
		this.#o = options;
		const { memory, book, link, platform, log, printer, journal } = options;
		const { clock, timers, entropy, config } = platform;
		const { store, view } = memory;
		this.settlement = new Settlement({
			...{ store, view, book, link, clock, timers, entropy, log },
			currency: config.currency,
			utcOffsetMinutes: config.utcOffsetMinutes,
			parameters: options.parameters,
			busy: options.busy,
			endangers: (number) => journal.isEndangered(number, limits.settlementBlocks),
			onChanged: () => this.#changed(),
		});
		const { onChanged } = options;
		this.reports = new ReportPrinter({ store, view, book, printer, config, log, onChanged });
	}

	/** Why no card may be taken. */
	hold(): SettlementHold | undefined {
		// Until flash is read the counters know whether a batch is with the host.
		if (!this.#resumed && this.#o.book.counters.settling) return "settling";
		return this.settlement.hold();
	}

	/** The cashier asks for a settlement; asked again while it only waits, it is given up. @returns lines to show */
	choose(): readonly string[] {
		const { settlement } = this;
		if (!this.#resumed) return [settlementText.reading];
		if (settlement.state === Step.Draining && settlement.progress.wait !== "pause") {
			settlement.cancel();
			return [settlementText.cancelled];
		}
		const refusal = settlement.start();
		if (refusal === "keys") return [settlementText.noKeys];
		if (refusal === "flash") return [settlementText.noFlash];
		return this.#progressLines(settlement.progress);
	}

	/** Prints the report of the last settlement again, marked. @returns lines to show */
	reprint(): readonly string[] {
		if (this.#o.memory.store.report === undefined) return [settlementText.noReport];
		return [this.reports.reprint() ? settlementText.printing : settlementText.noPaper];
	}

	linkChanged(): void {
		if (this.#resumed) this.settlement.linkChanged();
	}

	/** Queue, till or printer changed. */
	kick(): void {
		if (!this.#resumed) return;
		this.settlement.kick();
		this.reports.kick();
	}

	/** Idle work. Goes on with what a power cut interrupted as soon as flash has been read. */
	idle(): void {
		const { journal, memory } = this.#o;
		if (!this.#resumed && !journal.isPartlyVisited) {
			memory.view.complete = true;
			this.#resumed = true;
			this.#step = this.settlement.state;
			this.reports.resume();
			this.settlement.resume();
			if (this.#step !== Step.None)
				this.#o.notice([settlementText.resumed, settlementText.resumes]);
		}
		if (!this.#resumed) return;
		this.settlement.idle();
		this.reports.kick();
	}

	#changed(): void {
		const before = this.#step;
		const { state } = this.settlement;
		this.#step = state;
		this.reports.kick();
		this.#o.onChanged();
		if (before === state) return;
		const { progress } = this.settlement;
		if (before === Step.Closing) this.#o.notice(this.#closedLines());
		else if (progress.refusal !== "" && state === Step.None)
			this.#o.notice([`${settlementText.refused} ${progress.refusal}`]);
		else if (state === Step.Totals) this.#o.notice(this.#progressLines(progress));
	}

	#closedLines(): string[] {
		const { memory, platform } = this.#o;
		const closed = memory.store.closed.batches.at(-1);
		if (closed === undefined) return [settlementText.closed];
		return [
			settlementText.closed,
			verdictText[closed.verdict],
			formatAmount(closed.netMinor, platform.config.currencyDigits),
		];
	}

	#progressLines({ wait, openCount, uploaded, total, step }: SettlementProgress): string[] {
		const lines: string[] = [settlementText.settling];
		if (wait !== undefined) lines.push(waitText[wait] + (wait === "open" ? ` ${openCount}` : ""));
		if (total > 0) lines.push(`${uploaded}/${total}`);
		if (step === Step.Draining && wait !== "pause") lines.push(settlementText.again);
		return lines;
	}
}

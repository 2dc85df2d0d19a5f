import type { PrinterStatus } from "core/devices";
import { defaultParameters } from "core/parameters";
import type { Platform } from "core/platform";
import { LinkState, type HostLink, type SettlementRequest } from "host/link";
import { SettlementMemory } from "settlement/memory";
import { Step } from "settlement/steps";
import { SettlementDesk } from "terminal/settlement-desk";
import { SharedPrinter } from "terminal/shared-printer";
import { equal, ok, test, throwsFault } from "test/harness";
import { FakeTime } from "test/unit/fakes/clock-and-timers";
import { FakeJournal } from "test/unit/fakes/fake-journal";
import { FakeLog } from "test/unit/fakes/log";
import { constantEntropy, sampleTransaction } from "test/unit/fakes/sample";
import { Mark, type JournalRecord } from "journal/journal";
import { Book } from "transaction/book";
import { encodeIntent, encodeState, RecordKind } from "transaction/records";
import { State } from "transaction/states";
import { config } from "../host/fake-host";
import { ModelHost } from "../settlement/model-host";

const status: PrinterStatus = {
	present: true,
	ready: true,
	paperOut: false,
	paperLow: false,
	coverOpen: false,
	error: false,
};

/** A desk on a journal that may be read in part, with a host that answers at once. */
function open(
	journal = new FakeJournal(),
	host = new ModelHost(12),
	visited: (record: JournalRecord) => boolean = () => true,
) {
	const time = new FakeTime(1_795_314_600_000);
	const memory = new SettlementMemory(journal);
	const log = new FakeLog();
	const book = new Book(memory.journal, time, log);
	for (const record of journal.records.filter(visited))
		if (!memory.restore(record)) book.restore(record);
	if (book.counters.batch === 0) book.counters.setBatch(12);
	const notices: (readonly string[])[] = [];
	const state = { isPartlyVisited: false, link: LinkState.Up as LinkState };
	const prints: string[] = [];
	const link = {
		get state() {
			return state.link;
		},
		settle: (request: SettlementRequest, done: (outcome: never) => void) => {
			const outcome = host.answer(request) ?? { kind: "no-reply" };
			time.set(() => done(outcome as never), outcome.kind === "reply" ? 10 : request.timeoutMs);
			return 1;
		},
		signOn: () => book.counters.setBatch(host.openBatch),
	};
	const platform = { clock: time, timers: time, entropy: constantEntropy(0), config };
	const desk = new SettlementDesk({
		platform: platform as unknown as Platform,
		memory,
		journal: {
			get isPartlyVisited() {
				return state.isPartlyVisited;
			},
			isEndangered: () => false,
		},
		book,
		link: link as unknown as HostLink,
		printer: {
			status,
			print: (lines, done) => {
				prints.push(lines.map(({ text }) => text).join("\n"));
				time.set(() => done("printed"), 10);
			},
		},
		log,
		parameters: () => defaultParameters,
		busy: () => false,
		notice: (lines) => notices.push(lines),
		onChanged: () => undefined,
	});
	const sell = (number: number, to: State = State.Approved): void => {
		const t = sampleTransaction({ number, stan: number, batch: 12, state: to });
		const records = [
			[RecordKind.Intent, encodeIntent(t), Mark.Open],
			[RecordKind.State, encodeState({ ...t, atMs: 0 }), Mark.More],
		] as const;
		for (const [kind, payload, mark] of records) {
			memory.journal.append(number, kind, payload, mark);
			book.restore({ subject: number, kind, payload });
		}
		if (to === State.Approved) host.post(12, number, t.amountMinor);
	};
	const pass = (ms: number): void => {
		for (let passedMs = 0; passedMs < ms; passedMs += 500) {
			time.advance(500);
			desk.idle();
		}
	};
	return { desk, time, memory, book, notices, state, prints, journal, host, sell, pass };
}

test("the cashier sees that it settles, then what came of it, and the report is printed", () => {
	const { desk, sell, pass, notices, prints } = open();
	desk.idle();
	sell(1);
	equal(desk.choose()[0], "结算中 SETTLING");
	pass(2000);
	equal(notices.at(-1), ["结算完成 SETTLED", "对账平 BALANCED", "12.34"]);
	equal([prints.length, desk.settlement.state], [1, Step.None]);
	equal(desk.reprint(), ["打印中 PRINTING"]);
	ok(prints[1]!.includes("DUPLICATE"));
});

test("nothing is settled before flash has been read back; then what was interrupted goes on by itself", () => {
	const first = open();
	first.desk.idle();
	first.sell(1, State.StoredOffline);
	first.desk.choose();
	first.pass(1000);
	equal(first.desk.settlement.state, Step.Draining);
	const second = open(first.journal, first.host);
	second.state.isPartlyVisited = true;
	second.pass(1000);
	equal([second.desk.choose(), second.notices], [["读取中 READING"], []]);
	second.state.isPartlyVisited = false;
	second.pass(1000);
	equal(second.notices[0], ["上次批结算中断", "将继续 RESUMED"]);
	equal(second.desk.settlement.state, Step.Draining);
	equal(second.desk.choose(), ["结算已取消 CANCELLED"]);
	equal(second.desk.settlement.state, Step.None);
});

test("a boot that finds a batch with the host takes no card, also before it knows how far it was", () => {
	const first = open();
	first.desk.idle();
	first.sell(1);
	first.host.mood = () => "deaf";
	first.desk.choose();
	first.time.advance(100);
	equal(first.desk.settlement.state, Step.Totals);
	// Only the counters stand where a boot looks first.
	const second = open(first.journal, first.host, ({ kind }) => kind === RecordKind.Counters);
	second.state.isPartlyVisited = true;
	second.pass(1000);
	equal([second.desk.settlement.state, second.desk.hold()], [Step.None, "settling"]);
	for (const record of [...first.journal.records].reverse()) second.memory.learn(record);
	second.state.isPartlyVisited = false;
	first.host.mood = () => "right";
	second.pass(2000);
	equal([second.desk.hold(), second.book.counters.batch], [undefined, 13]);
});

test("there is no report before the first settlement, and no batch before the first sign-on", () => {
	const { desk, book } = open();
	desk.idle();
	equal(desk.reprint(), ["无结算单 NO REPORT"]);
	book.counters.setBatch(0);
	equal(desk.choose(), ["未签到 NO SIGN-ON"]);
});

test("a refusal is shown with its code", () => {
	const { desk, sell, pass, notices, host } = open();
	desk.idle();
	sell(1);
	host.mood = () => ({ code: "58" });
	desk.choose();
	pass(1000);
	equal(notices.at(-1), ["主机拒绝 REFUSED 58"]);
});

test("a printer that prints a slip is not ready for a report", () => {
	let finish: (outcome: "printed") => void = () => undefined;
	const shared = new SharedPrinter({ status, print: (_lines, done) => (finish = done) });
	shared.print([], () => undefined);
	equal(shared.status.ready, false);
	throwsFault("io.busy", () => shared.print([], () => undefined));
	finish("printed");
	equal(shared.status.ready, true);
});

/**
 * The firmware's worker and the model's terminal go through the same events, in every order up to a depth: after
 * each event the journal says what the model says, and the same message is on its way.
 */
import { equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { limits } from "core/limits";
import { defaultParameters } from "core/parameters";
import { LinkState, type HostOutcome, type HostRequest } from "host/link";
import { encodeSealedCard } from "queue/sealed-card";
import { Worker } from "queue/worker";
import { FakeTime } from "test/unit/fakes/clock-and-timers";
import { FakeJournal } from "test/unit/fakes/fake-journal";
import { FakeLog } from "test/unit/fakes/log";
import { constantEntropy, saleDraft, sampleCard } from "test/unit/fakes/sample";
import { Book } from "transaction/book";
import { stateName } from "transaction/states";
import { cases, environmentOf } from "../model/catalogue";
import { moves } from "../model/moves";
import { argumentOf, Step, stepOf } from "../model/steps";
import { isClosed } from "../model/guarantees";
import { stateNames } from "../model/terminal";
import { Pc, Reply, World } from "../model/world";

const depth = 6;
const environment = environmentOf(cases[3]!);

/** The firmware from one boot to the next; flash and vault outlive it. */
class Boot {
	readonly time = new FakeTime();
	readonly book: Book;
	readonly worker: Worker;
	readonly results: string[] = [];
	state: LinkState = LinkState.Up;
	handsOver = true;
	mayStore = true;
	sent: { readonly request: HostRequest; readonly done: (outcome: HostOutcome) => void }[] = [];

	constructor(journal: FakeJournal, vault: Map<number, Uint8Array>) {
		const records = journal.records.splice(0);
		this.book = new Book(journal, this.time, new FakeLog());
		for (const record of records) this.book.restore(record);
		journal.records.push(...records);
		const linkState = (): LinkState => this.state;
		this.worker = new Worker({
			book: this.book,
			vault: { get: (number) => vault.get(number), release: (number) => void vault.delete(number) },
			link: {
				get state() {
					return linkState();
				},
				get room() {
					return 8;
				},
				exchange: (request, done) => {
					if (!this.handsOver) return 0;
					return this.sent.push({ request, done });
				},
			},
			clock: this.time,
			timers: this.time,
			entropy: constantEntropy(0),
			log: new FakeLog(),
			parameters: () => defaultParameters,
			chip: { awaitsHost: false, complete: () => undefined },
			onScripts: () => undefined,
			store: (transaction, card) => {
				if (this.mayStore) vault.set(transaction.number, encodeSealedCard(card));
				return this.mayStore;
			},
			onCustomer: (transaction) => this.results.push(stateName(transaction.state)),
			onChanged: () => undefined,
		});
	}
}

/** Events of the test; each means something to both. */
const starts = ["send", "cannot hand over", "store", "abandon", "power"] as const;
const saleReplies = {
	"00": Reply.SaleApproved,
	"51": Reply.SaleRefused,
	"94": Reply.SaleDoubt,
	MAC: Reply.SaleBadMac,
} as const;
const reversalReplies = {
	"00": Reply.Reversed,
	"25": Reply.NoOriginal,
	"96": Reply.ReversalLater,
	"05": Reply.ReversalOdd,
	MAC: Reply.ReversalLater,
} as const;
const forwardReplies = {
	"00": Reply.Forwarded,
	"94": Reply.Forwarded,
	"51": Reply.ForwardRefused,
	"96": Reply.ForwardLater,
	MAC: Reply.ForwardLater,
} as const;

class Pair {
	readonly #journal = new FakeJournal();
	readonly #vault = new Map<number, Uint8Array>();
	readonly world = new World();
	#boot = new Boot(this.#journal, this.#vault);
	#number = 0;
	/** Ticks when the sale was sent; 0 after a boot. */
	#sentMs = 0;
	/** Messages of this boot that the model knows of. */
	#known = 0;
	#open = false;
	#started = false;

	/** What may happen now. */
	events(): readonly string[] {
		if (!this.#started) return starts;
		if (isClosed(this.world)) return [];
		const waits = this.world.pc;
		const replies =
			waits === Pc.WaitSale
				? saleReplies
				: waits === Pc.WaitReversal
					? reversalReplies
					: waits === Pc.WaitForward
						? forwardReplies
						: {};
		const answers = Object.keys(replies).map((code) => `reply ${code}`);
		const silent = waits === Pc.Idle ? ["link up"] : ["no reply"];
		// In the wait for a sale the deadline comes first; the link tells it.
		const later = waits === Pc.WaitSale ? [] : ["life over"];
		return [...answers, ...silent, ...later, "power"];
	}

	/** @param compared its outcome was compared before, in a shorter sequence */
	apply(event: string, compared: boolean): void {
		if (!this.#started) this.#start(event);
		else if (event === "power") this.#powerCut();
		else if (event === "link up") this.#linkUp();
		else if (event === "life over") this.#lifeOver();
		else this.#answer(event === "no reply" ? undefined : event.slice(6));
		this.#follow();
		if (!compared) this.#compare();
	}

	#start(event: string): void {
		this.#started = true;
		const { book, worker, time } = this.#boot;
		const transaction = book.begin(saleDraft(sampleCard(), 1234));
		this.#number = transaction.number;
		if (event === "power") return this.#powerCut();
		this.#boot.state = event === "store" || event === "abandon" ? LinkState.Down : LinkState.Up;
		this.#boot.mayStore = event === "store";
		this.#boot.handsOver = event !== "cannot hand over";
		worker.serve(transaction, sampleCard());
		this.#sentMs = time.ticksMs();
		time.advance(0);
		const path: Readonly<Record<string, readonly Step[]>> = {
			send: [Step.RecordSending, Step.HandOver],
			"cannot hand over": [Step.RecordSending, Step.HandOverRefused],
			store: [Step.VaultPut, Step.RecordStored],
			abandon: [Step.Abandon],
		};
		for (const step of path[event]!) this.#model(step);
		if (event === "send") {
			equal(this.#boot.sent.length, 1);
			this.#known = 1;
			this.#open = true;
		}
	}

	#linkUp(): void {
		this.#boot.handsOver = true;
		this.#boot.state = LinkState.Up;
		this.#boot.worker.linkChanged();
		this.#boot.time.advance(limits.idleMs);
	}

	#lifeOver(): void {
		this.#boot.time.advance(limits.requestLifeMs);
		while (this.#tryModel(Step.Tick));
	}

	#answer(code: string | undefined): void {
		const { sent, time } = this.#boot;
		const pending = sent.at(-1)!;
		if (code === undefined) pending.done({ kind: "no-reply" });
		else if (code === "MAC") pending.done({ kind: "wrong-mac" });
		else
			pending.done({
				kind: "reply",
				responseCode: code,
				rrn: "1",
				authCode: "",
				authenticated: true,
			});
		this.#open = false;
		time.advance(0);
		if (code === undefined)
			this.#model(this.world.pc === Pc.WaitSale ? Step.ConnectionBreaks : Step.RepeatUnanswered);
		else this.#modelReply(code);
		this.#tryModel(Step.ShowApproved);
		this.#tryModel(Step.Wipe);
	}

	#modelReply(code: string): void {
		const tables: Readonly<Record<number, Readonly<Record<string, Reply>>>> = {
			[Pc.WaitSale]: saleReplies,
			[Pc.WaitReversal]: reversalReplies,
			[Pc.WaitForward]: forwardReplies,
		};
		const reply = tables[this.world.pc]![code]!;
		this.world.answer(reply, 99);
		this.#model(Step.TakeReply, reply);
	}

	#powerCut(): void {
		this.#boot = new Boot(this.#journal, this.#vault);
		this.#known = 0;
		this.#open = false;
		this.#sentMs = 0;
		const state = this.#boot.book.get(this.#number)!.state;
		// The vault does this by itself when it is mounted.
		if (stateName(state) !== "stored offline") this.#vault.clear();
		this.#boot.worker.resume();
		this.#boot.time.advance(0);
		this.#model(Step.PowerCut);
		this.#model(Step.Boot);
		this.#tryModel(Step.ShowApproved);
	}

	/** The model sends what the firmware has sent meanwhile. */
	#follow(): void {
		const { sent, time } = this.#boot;
		for (; this.#known < sent.length; this.#known++) {
			const { message } = sent[this.#known]!.request;
			ok(!this.#open, "one exchange at a time");
			this.#open = true;
			const over = time.ticksMs() - this.#sentMs >= limits.requestLifeMs;
			if (message === "reversal") this.#model(Step.SendReversal, over ? 1 : 0);
			else this.#model(Step.SendForward);
		}
	}

	#compare(): void {
		const { world } = this;
		const modelState = stateNames[world.state];
		equal(stateName(this.#boot.book.get(this.#number)!.state), modelState);
		const durable = new Boot(this.#journal, new Map()).book.get(this.#number)!.state;
		equal(stateName(durable), modelState, "on flash");
		const waiting: readonly number[] = [Pc.WaitSale, Pc.WaitReversal, Pc.WaitForward];
		equal(this.#open, waiting.includes(world.pc), "an exchange is open");
		equal(this.#vault.has(this.#number), world.vault > 0, "card data in the vault");
	}

	#model(step: Step, argument?: number): void {
		ok(this.#tryModel(step, argument), `the model cannot do step ${step} (${argument ?? "any"})`);
	}

	#tryModel(step: Step, argument?: number): boolean {
		const next = new World();
		const chosen = new World();
		let found = false;
		moves(this.world, next, environment, (code) => {
			if (found || stepOf(code) !== step) return;
			if (argument !== undefined && argumentOf(code) !== argument) return;
			found = true;
			chosen.copy(next);
		});
		if (found) this.world.copy(chosen);
		return found;
	}
}

test("worker and model agree after every sequence of events", () => {
	let sequences = 0;
	const reached = new Set<string>();
	const visit = (path: readonly string[]): void => {
		const pair = new Pair();
		try {
			path.forEach((event, index) => pair.apply(event, index < path.length - 1));
		} catch (error) {
			throw new Error(`after ${path.join(", ")}: ${String(error)}`, { cause: error });
		}
		sequences++;
		reached.add(stateNames[pair.world.state]!);
		if (path.length < depth) for (const event of pair.events()) visit([...path, event]);
	};
	visit([]);
	ok(sequences > 5000, `${sequences} sequences`);
	const never = ["deleted", "sending", "settled", "advice due"];
	for (const name of stateNames)
		if (name !== "sending") equal(reached.has(name), !never.includes(name), name);
	process.stdout.write(`# ${sequences} sequences\n`);
});

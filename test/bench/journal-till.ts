/** A terminal's journal under random work: the firmware's own book and journal on a flash in memory. */
import type { Log } from "core/log";
import { Journal, Mark, type JournalRecord } from "journal/journal";
import { FakeFlash, PowerCut } from "test/simulation/fakes/flash";
import { Random } from "test/simulation/fakes/random";
import { FakeTime } from "test/unit/fakes/clock-and-timers";
import { saleDraft, sampleCard } from "test/unit/fakes/sample";
import { Book, type Details } from "transaction/book";
import { Input, isOpen, State } from "transaction/states";
import { ReceiptState, ReversalReason, type Transaction } from "transaction/transaction";

const intentKind = 1;
const silent: Log = { event: () => undefined };

export interface TillOptions {
	readonly seed: number;
	readonly alignment: number;
	readonly blocks?: number;
	/** Closed transactions that the journal keeps whole. */
	readonly retainCount?: number;
	/** Milliseconds between 1970 and the start. */
	readonly wallMs?: number;
}

/** What a fresh boot of the firmware makes of an image. */
export interface Restored {
	readonly visited: readonly JournalRecord[];
	readonly book: Book;
}

export class Till {
	readonly flash: FakeFlash;
	readonly #random: Random;
	readonly #retainCount: number;
	readonly #wallMs: number | undefined;
	#book: Book;
	#journal: Journal;

	constructor({ seed, alignment, blocks = 16, retainCount = 30, wallMs }: TillOptions) {
		this.#random = new Random(seed);
		this.#retainCount = retainCount;
		this.#wallMs = wallMs;
		this.flash = new FakeFlash({ byteLength: blocks * 4096, writeAlignment: alignment, seed });
		this.#journal = newJournal(this.flash, this.#retainCount);
		this.#book = new Book(this.#journal, new FakeTime(this.#wallMs), silent);
		this.boot();
	}

	/** @param cutAfter operations until the power goes again, 0 never. @returns false when it went */
	boot(cutAfter = 0): boolean {
		this.flash.powerUp();
		if (cutAfter > 0) this.flash.cutAt = this.flash.operations + cutAfter;
		this.#journal = newJournal(this.flash, this.#retainCount);
		this.#book = new Book(this.#journal, new FakeTime(this.#wallMs), silent);
		return this.#powered(() => {
			this.#journal.mount((record) => this.#book.restore(record));
			this.#book.counters.setBatch(12);
		});
	}

	/** @returns false when the power went */
	work(steps: number, cutAfter = 0): boolean {
		if (cutAfter > 0) this.flash.cutAt = this.flash.operations + cutAfter;
		return this.#powered(() => {
			for (let i = 0; i < steps; i++) this.#step();
		});
	}

	/** Sales that are approved and printed, one after the other. */
	sell(count: number): void {
		for (let i = 0; i < count; i++) this.#sale();
	}

	/** Past the book: what no terminal writes. */
	append(subject: number, kind: number, payload: Uint8Array): void {
		this.#journal.append(subject, kind, payload, Mark.More);
	}

	get image(): Buffer {
		return Buffer.from(this.flash.image);
	}

	#powered(body: () => void): boolean {
		try {
			body();
			return true;
		} catch (error) {
			if (error instanceof PowerCut) return false;
			throw error;
		}
	}

	#step(): void {
		const random = this.#random;
		const dice = random.below(10);
		if (dice < 3 && this.#book.canOpen() && this.#book.open().length < 20) this.#open();
		else if (dice < 8) this.#advance();
		else if (dice < 9) this.#journal.idle();
		else this.#book.counters.nextAttempt();
	}

	#open(): Transaction {
		const chipData = this.#random.fill(new Uint8Array(this.#random.below(200)));
		const amountMinor = 1 + this.#random.below(5_000_000);
		return this.#book.begin(saleDraft(sampleCard({ chipData }), amountMinor));
	}

	#sale(): void {
		const { number } = this.#open();
		this.#book.advance(number, Input.Send);
		const details = { responseCode: "00", rrn: "123456789012", authCode: "A1B2C3" };
		this.#book.advance(number, Input.Approve, details);
		this.#book.receipt(number, ReceiptState.Printed);
		this.#journal.idle();
	}

	/** Two of the oldest are left open for long. */
	#advance(): void {
		const open = this.#book.open();
		const one = open[this.#random.oneIn(40) ? 0 : 2 + this.#random.below(open.length)];
		if (one === undefined) {
			const newest = this.#book.newest();
			if (newest !== undefined && !isOpen(newest.state)) this.#afterwards(newest);
		} else this.#book.advance(one.number, this.#inputFor(one), this.#details(one));
	}

	#details({ state }: Transaction): Details {
		return state === State.Sending ? { reason: ReversalReason.NoReply } : {};
	}

	#inputFor({ state }: Transaction): Input {
		const inputs: readonly Input[] =
			state === State.Opened
				? [Input.Send, Input.Abandon, Input.Store]
				: state === State.Sending
					? [Input.Approve, Input.Decline, Input.Doubt]
					: state === State.ReversalDue
						? [Input.ReversalAccepted, Input.ReversalRefused]
						: state === State.ReversalParked
							? [Input.ReversalAccepted]
							: [Input.ForwardAccepted, Input.ForwardRefused];
		return inputs[this.#random.below(inputs.length)]!;
	}

	#afterwards({ number, state }: Transaction): void {
		const random = this.#random;
		if (state === State.Approved && random.oneIn(3)) this.#book.advance(number, Input.CardFailed);
		else if (state === State.Approved && random.oneIn(2)) this.#book.advance(number, Input.Settle);
		else
			this.#book.receipt(number, random.oneIn(2) ? ReceiptState.Printed : ReceiptState.Uncertain);
	}
}

function newJournal(flash: FakeFlash, retainCount: number): Journal {
	return new Journal(flash, { retainCount, openLimit: 64 });
}

/** Mounts a copy of an image with the firmware. */
export function restored(image: Buffer, alignment: number): Restored {
	const flash = new FakeFlash({ byteLength: image.length, writeAlignment: alignment });
	flash.load(image);
	const journal = newJournal(flash, 30);
	const book = new Book(journal, new FakeTime(), silent);
	const visited: JournalRecord[] = [];
	journal.mount((record) => visited.push({ ...record, payload: record.payload.slice() }));
	// Where the first place of an intent is damaged, its copy is visited where that one stands.
	for (const record of visited) if (record.kind === intentKind) book.restore(record);
	for (const record of visited) if (record.kind !== intentKind) book.restore(record);
	return { visited, book };
}

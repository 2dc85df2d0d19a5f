/** Sends notices until they are answered (docs/host-protocol.md, Notices): one at a time, the lowest number first. */
import { text, type Message } from "./codec";
import { breakBytes, type FaultQueue } from "./faults";
import type { KeyTable } from "./keys";
import { verifyNotice } from "./mac";
import { NoticeBook, type Notice } from "./notice-book";
import { encodeNotice, type NoticeContent } from "./notice-content";
import { after, endOfPoll, highestIn, noticeBytes, readNoticeAnswer } from "./notice-message";
import type { AcquirerClock } from "./options";
import type { Way } from "./way";

export interface NoticeDeskParts {
	readonly clock: AcquirerClock;
	readonly random: (byteCount: number) => Buffer;
	readonly keys: KeyTable;
	readonly faults: FaultQueue;
	readonly log: (line: string) => void;
	/** Runs a job when its turn has come; in it, `keep` makes notices durable. @throws when the ledger is closed */
	readonly inTurn: (
		job: (keep: (notices: readonly Notice[]) => Promise<void>) => Promise<void>,
	) => Promise<void>;
	/** Publishes on MQTT. @returns why it could not be sent, "" when it is on its way */
	readonly publish: (topic: string, bytes: Buffer) => string;
}

type Keep = (notices: readonly Notice[]) => Promise<void>;

/** An unanswered notice is sent again after this, doubled each time. */
const againMs = 30_000;
const againMsMax = 600_000;
/** Most notices that wait for one terminal. */
const waitingMax = 1000;
/** Longest time that one timer runs: Node's are 32 bits. */
const timerMsMax = 2_000_000_000;

export class NoticeDesk {
	readonly #parts: NoticeDeskParts;
	readonly #timers = new Map<string, () => void>();
	readonly #againMs = new Map<string, number>();
	#book = new NoticeBook();

	constructor(parts: NoticeDeskParts) {
		this.#parts = parts;
	}

	get book(): NoticeBook {
		return this.#book;
	}

	/** Takes over what the ledger's store has. */
	open(book: NoticeBook): void {
		this.#book = book;
	}

	/** Sends nothing any more. */
	close(): void {
		for (const cancel of this.#timers.values()) cancel();
		this.#timers.clear();
		this.#againMs.clear();
	}

	/**
	 * Makes a notice, durable when this is over; it goes out as soon as it is due and those before it are answered.
	 * @throws RangeError for an unknown terminal, a content that the page does not allow, or too many that wait
	 */
	async add(
		terminal: string,
		content: NoticeContent,
		options: { readonly dueMs?: number; readonly batch?: string } = {},
	): Promise<void> {
		const { network, content: bytes } = encodeNotice(content);
		if (this.#parts.keys.terminal(terminal) === undefined)
			throw new RangeError(`terminal ${terminal} is not known`);
		const waiting = this.#book.list(terminal).filter(({ state }) => state === "due");
		if (waiting.length >= waitingMax) throw new RangeError(`over ${waitingMax} notices wait`);
		await this.#parts.inTurn((keep) =>
			this.#enter(keep, {
				terminal,
				id: this.#book.nextId(terminal),
				number: 0,
				network,
				content: bytes.toString("hex"),
				dueMs: options.dueMs ?? this.#parts.clock.now(),
				state: "due",
				code: "",
				batch: options.batch ?? "",
			}),
		);
		// One that is unanswered keeps its turn.
		if (this.#book.list(terminal).every(({ state }) => state !== "sent")) this.kick(terminal);
	}

	/** The terminal can be reached, or something is new: what is to be sent goes out now, and again while it is unanswered. */
	kick(terminal: string): void {
		this.#timers.get(terminal)?.();
		this.#timers.delete(terminal);
		this.#againMs.delete(terminal);
		void this.#sendNow(terminal);
	}

	/** Notices wait for the terminal: it may poll. */
	waits(terminal: string): boolean {
		return this.#book.current(terminal, this.#parts.clock.now()) !== undefined;
	}

	/** The next notice, sealed for the MAK of the moment; undefined when there is none. For jobs that are in their turn. */
	async next(terminal: string, keep: Keep): Promise<Buffer | undefined> {
		const { clock, keys, log } = this.#parts;
		const mak = keys.mak(terminal);
		const found = this.#book.current(terminal, clock.now());
		if (mak === undefined || found === undefined) return undefined;
		let notice = found;
		if (notice.state === "due") {
			const number = this.#book.nextNumber(terminal);
			if (number === 0) {
				log(`notices for ${terminal}: the numbers are used up`);
				return undefined;
			}
			notice = { ...notice, number, state: "sent" };
			// Never used twice: durable before it leaves.
			await this.#enter(keep, notice);
		}
		return this.#bytesOf(notice, mak);
	}

	/**
	 * Takes bytes of a topic or a connection that are to be a 0630.
	 * @param terminal of the topic; undefined on TCP
	 * @returns why they were dropped
	 */
	take(payload: Buffer, way: Way, terminal?: string, number?: number): string | undefined {
		const answer = readNoticeAnswer(payload);
		if (typeof answer === "string") return answer;
		const from = text(answer, 41);
		if (terminal !== undefined && from !== terminal) return "field 41 is not the topic's";
		if (number !== undefined && Number(text(answer, 11)) !== number)
			return "field 11 is not the topic's";
		const setup = this.#parts.keys.terminal(from);
		if (setup === undefined || text(answer, 42).trimEnd() !== setup.merchantId)
			return "terminal or merchant unknown";
		const mak = this.#parts.keys.mak(from);
		if (mak === undefined || !verifyNotice(mak, payload, answer)) return "MAC of a 0630 is wrong";
		this.#parts
			.inTurn((keep) => this.#answered(answer, from, way, keep))
			.catch((error: unknown) => this.#parts.log(`notice: ${String(error)}`));
		return undefined;
	}

	async #answered(answer: Message, terminal: string, way: Way, keep: Keep): Promise<void> {
		const number = Number(text(answer, 11));
		const code = text(answer, 39);
		const highest = highestIn(answer);
		this.#book.tell(terminal, highest);
		const notice = this.#book.unanswered(terminal, number);
		let goesOn = true;
		if (notice !== undefined) {
			const next = after(notice, code, highest);
			const { log } = this.#parts;
			log(`${terminal} notice ${number} answered ${code}`);
			if (next.state === "stopped") log(`${terminal} notice ${number} is stopped: see to it`);
			if (next === notice) goesOn = false;
			else await this.#enter(keep, next);
		}
		const poll = way.poll?.request;
		if (poll !== undefined) return this.#answerPoll(terminal, way, poll, goesOn, keep);
		if (notice !== undefined && goesOn) this.kick(terminal);
	}

	async #answerPoll(
		terminal: string,
		way: Way,
		poll: Message,
		goesOn: boolean,
		keep: Keep,
	): Promise<void> {
		const next = goesOn ? await this.next(terminal, keep) : undefined;
		const lost = way.send(next ?? endOfPoll(poll, this.#parts.clock.now()), 0, terminal);
		if (lost !== "") this.#parts.log(`notice on ${way.name} lost: ${lost}`);
	}

	async #sendNow(terminal: string): Promise<void> {
		try {
			await this.#parts.inTurn(async (keep) => {
				const bytes = await this.next(terminal, keep);
				const notice = this.#book.current(terminal, this.#parts.clock.now());
				if (bytes !== undefined && notice !== undefined) this.#publish(notice, bytes);
				this.#schedule(terminal, bytes !== undefined);
			});
		} catch {
			// The host is stopped; what is unanswered is sent after the next start.
		}
	}

	#publish({ terminal, number }: Notice, bytes: Buffer): void {
		const { faults, log, publish, random } = this.#parts;
		const fault = faults.take("notice", terminal);
		if (fault !== undefined) log(`fault ${fault.kind}`);
		if (fault?.kind === "silence" || fault?.kind === "silence-unposted") return;
		const topic = `n/${terminal}/${number.toString(16)}`;
		const spoilt = breakBytes(fault, bytes, random);
		const lost = publish(topic, spoilt);
		if (fault?.kind === "duplicate") publish(topic, spoilt);
		log(`notice ${number} to ${terminal}${lost === "" ? "" : ` lost: ${lost}`}`);
	}

	/** @param sent one is on its way: it goes out again when it is not answered; otherwise when the next one is due */
	#schedule(terminal: string, sent: boolean): void {
		const { clock } = this.#parts;
		const nextDueMs = this.#book.nextDueMs(terminal);
		let delayMs: number | undefined;
		if (sent) {
			delayMs = this.#againMs.get(terminal) ?? againMs;
			this.#againMs.set(terminal, Math.min(delayMs * 2, againMsMax));
		} else if (nextDueMs !== undefined && nextDueMs > clock.now())
			delayMs = Math.min(nextDueMs - clock.now(), timerMsMax);
		this.#timers.get(terminal)?.();
		this.#timers.delete(terminal);
		if (delayMs === undefined) return;
		const cancel = clock.after(delayMs, () => {
			this.#timers.delete(terminal);
			void this.#sendNow(terminal);
		});
		this.#timers.set(terminal, cancel);
	}

	#bytesOf(notice: Notice, mak: Buffer): Buffer {
		const merchantId = this.#parts.keys.terminal(notice.terminal)?.merchantId ?? "";
		return noticeBytes(notice, merchantId, mak, this.#parts.clock.now());
	}

	async #enter(keep: Keep, notice: Notice): Promise<void> {
		await keep([notice]);
		this.#book.enter(notice);
	}
}

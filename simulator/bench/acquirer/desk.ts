/** Where every request ends up, whichever way it came: decided one after the other, posted durably, then answered. */
import { CodecError, decode, messageBytesMax, text, type Message } from "./codec";
import type { Decision, Habits, HostView } from "./decision";
import { bend, breakBytes, delayOf, falsify, FaultQueue, type Fault } from "./faults";
import { rrnOf } from "./host-time";
import type { KeyTable } from "./keys";
import { isRequest } from "./layout";
import { Ledger } from "./ledger";
import { folderStore, memoryStore, type LedgerStore, type StoredNotice } from "./ledger-store";
import { networkOf } from "./kinds";
import { verifyNotice } from "./mac";
import { reasonOf } from "./mqtt-client";
import { Outbox } from "./outbox";
import type { AcquirerClock, AcquirerOptions } from "./options";
import type { LedgerRecord } from "./records";
import { replyMti, replyQos, replyTo, seal } from "./reply";
import { decide } from "./rules";
import type { Way } from "./way";

/** Most requests that wait for their turn. */
const waitingMax = 1000;

/** What the desk needs of the host around it. */
export interface DeskParts extends Pick<AcquirerOptions, "ledgerFolder" | "hold" | "onActivity"> {
	readonly clock: AcquirerClock;
	readonly random: (byteCount: number) => Buffer;
	readonly bdk: Buffer;
	readonly keys: KeyTable;
	readonly log: (line: string) => void;
	/** A fault has killed the host. */
	readonly onCrash: () => void;
	readonly onAnswered: () => void;
	/** Instead of the end of a poll: the next notice. */
	readonly nextNotice: (terminal: string, keep: KeepNotices) => Promise<Buffer | undefined>;
	/** The ledger is open: what its store has besides records. */
	readonly onOpen: (notices: readonly StoredNotice[]) => void;
	/** After an answer: keys may be new, a batch closed. */
	readonly onDone: (request: Message, decision: Decision, way: Way) => void;
}

/** Makes notices durable; for jobs that are in their turn. */
export type KeepNotices = (notices: readonly StoredNotice[]) => Promise<void>;

/** All requests are refused or passed over for a while. */
export interface Maintenance {
	/** refuse: 91 to everything · silent: no answer. Nothing is posted either way. */
	readonly mode: "refuse" | "silent";
	/** Unix ms on the host's clock. */
	readonly untilMs: number;
}

export class Desk {
	readonly faults = new FaultQueue();
	readonly #parts: DeskParts;
	readonly #store: LedgerStore;
	readonly #outbox: Outbox;
	#ledger = new Ledger();
	#work: Promise<void> = Promise.resolve();
	#waiting = 0;
	/** Rises whenever the host goes away: what was begun before is not finished. */
	#life = 0;
	#open = false;
	#answerNumber = 0;
	habits: Habits;
	maintenance: Maintenance | undefined;

	constructor(parts: DeskParts, habits: Habits) {
		this.#parts = parts;
		this.#outbox = new Outbox(parts.clock);
		this.habits = habits;
		const { ledgerFolder } = parts;
		this.#store = ledgerFolder === undefined ? memoryStore() : folderStore(ledgerFolder);
	}

	/** The books; readable also while the host is away. */
	get ledger(): Ledger {
		return this.#ledger;
	}

	get isOpen(): boolean {
		return this.#open;
	}

	/** Opens the ledger and reads it. @throws LedgerError with one clear line */
	async open(): Promise<void> {
		if (this.#open) return;
		await this.#work;
		const { records, notices } = await this.#store.load();
		const ledger = new Ledger();
		for (const record of records) ledger.take(record);
		this.#ledger = ledger;
		this.#answerNumber = Math.max(0, ...records.slice(-1000).map(({ rrn }) => answerOf(rrn)));
		this.#parts.onOpen(notices);
		this.#open = true;
	}

	/** What waits is never answered; what is being written is finished. */
	close(): Promise<void> {
		this.#life++;
		this.#outbox.clear();
		if (this.#open) {
			this.#open = false;
			this.#work = this.#work.then(() => this.#store.close()).catch(() => undefined);
		}
		return this.#work;
	}

	/** Takes bytes that are to be a request. @returns why no answer is due, undefined for a request */
	take(payload: Buffer, way: Way): string | undefined {
		if (payload.length > messageBytesMax) return "too long";
		const request = readMessage(payload);
		if (typeof request === "string") return request;
		if (!isRequest(request.mti)) return `message ${request.mti}`;
		if (way.terminal !== undefined && text(request, 41) !== way.terminal)
			return "field 41 is not the topic's";
		if (this.#waiting >= waitingMax) return "too many wait";
		const life = this.#life;
		this.#enqueue(async () => {
			if (life === this.#life) await this.#answer(request, payload, way);
		});
		return undefined;
	}

	/** Writes records of the host's own making, in turn. @throws Error when the ledger is closed or cannot be written */
	async post(make: (ledger: Ledger) => readonly LedgerRecord[]): Promise<void> {
		await this.inTurn(() => this.#append(make(this.#ledger)));
	}

	/** Runs a job when its turn has come. @throws what it throws, and Error when the ledger is closed */
	async inTurn(job: (keep: KeepNotices) => Promise<void>): Promise<void> {
		let failure: unknown = new Error("the host is stopped: its ledger is closed");
		await this.#enqueue(async () => {
			if (!this.#open) return;
			try {
				await job(this.#keep);
				failure = undefined;
			} catch (error) {
				failure = error;
			}
		});
		if (failure !== undefined) throw failure as Error;
	}

	readonly #keep: KeepNotices = (notices) => this.#store.append([], notices);

	#enqueue(job: () => Promise<void>): Promise<void> {
		this.#waiting++;
		const work = this.#work.then(job).catch((error: unknown) => {
			// The books could not be written: nothing was posted, so nothing may be answered.
			this.#parts.log(`not answered: ${reasonOf(error)}`);
		});
		this.#work = work.finally(() => void this.#waiting--);
		this.#parts.hold?.(this.#work);
		return this.#work;
	}

	async #append(records: readonly LedgerRecord[]): Promise<void> {
		if (records.length === 0) return;
		await this.#store.append(records);
		for (const record of records) this.#ledger.take(record);
	}

	async #answer(request: Message, payload: Buffer, way: Way): Promise<void> {
		const { keys, log } = this.#parts;
		const terminal = text(request, 41);
		const fault = this.faults.take(request.mti, terminal);
		if (fault !== undefined) log(`fault ${fault.kind}`);
		if (fault?.kind === "silence-unposted") return;
		if (fault?.kind === "crash-before") return this.#parts.onCrash();
		const host = this.#view();
		const mode = this.#maintenanceMode(host.nowMs);
		if (mode === "silent") return log(`maintenance: ${describe(request)} not answered`);
		const decided = decide(host, request, payload);
		const decision = overridden(decided, mode === "refuse" ? "91" : codeOf(fault));
		const life = this.#life;
		await this.#append(falsify(fault, decision.records));
		this.#logDecision(request, decision);
		if (life !== this.#life) return;
		if (fault?.kind === "crash-after") return this.#parts.onCrash();
		const sealed = await this.#sealed(host, request, payload, decision, fault, way);
		if (life !== this.#life) return;
		if (decision.forgetsKeys === true) keys.forget(terminal);
		if (fault?.kind !== "silence") this.#spoilt(fault, request, sealed, way);
		this.#parts.onDone(request, decision, way);
	}

	/** Bytes of the answer; to a poll the next notice, where there is one. */
	async #sealed(
		host: HostView,
		request: Message,
		payload: Buffer,
		decision: Decision,
		fault: Fault | undefined,
		way: Way,
	): Promise<Buffer> {
		const { keys, nextNotice } = this.#parts;
		const terminal = text(request, 41);
		if (way.poll !== undefined && decision.code === "00" && isPoll(request)) {
			way.poll.request = request;
			const notice = await nextNotice(terminal, this.#keep);
			if (notice !== undefined) return notice;
		}
		const mak = keys.mak(terminal);
		const reply = bend(fault, replyTo(request, decision, host));
		// A script result is answered with the MAC that it came with.
		const strong =
			request.mti === "0620" && mak !== undefined && verifyNotice(mak, payload, request);
		return seal(reply, decision.signed, keys.mak(terminal), strong);
	}

	#spoilt(fault: Fault | undefined, request: Message, sealed: Buffer, way: Way): void {
		const bytes = breakBytes(fault, sealed, this.#parts.random);
		const qos = replyQos(request.mti);
		const send = (): void => this.#sendNow(way, bytes, qos, text(request, 41));
		if (!this.#outbox.send(delayOf(fault), send))
			this.#parts.log(`answer on ${way.name} lost: too many wait`);
		if (fault?.kind === "duplicate") send();
		if (fault?.kind === "half") way.end?.();
	}

	#view(): HostView {
		const { keys, bdk, clock } = this.#parts;
		const number = ++this.#answerNumber;
		const nowMs = clock.now();
		return {
			ledger: this.#ledger,
			keys,
			bdk,
			habits: this.habits,
			nowMs,
			rrn: rrnOf(nowMs, number),
			authCode: String((number * 7919) % 1_000_000).padStart(6, "0"),
		};
	}

	#maintenanceMode(nowMs: number): Maintenance["mode"] | undefined {
		if (this.maintenance !== undefined && nowMs >= this.maintenance.untilMs)
			this.maintenance = undefined;
		return this.maintenance?.mode;
	}

	#sendNow(way: Way, bytes: Buffer, qos: 0 | 1, terminal: string): void {
		const { log, onActivity, onAnswered } = this.#parts;
		onActivity?.();
		const lost = way.send(bytes, qos, terminal);
		if (lost === "") onAnswered();
		else log(`answer on ${way.name} lost: ${lost}`);
	}

	#logDecision(request: Message, decision: Decision): void {
		const note = decision.note === "" ? "" : ` (${decision.note})`;
		this.#parts.log(`${describe(request)} → ${replyMti(request.mti)} ${decision.code}${note}`);
	}
}

/** A code on command or in maintenance: nothing is posted. */
function overridden(decided: Decision, code: string | undefined): Decision {
	if (code === undefined) return decided;
	const { rrn, signed } = decided;
	return { code, records: [], rrn, authCode: "", signed, note: `instead of ${decided.code}` };
}

function codeOf(fault: Fault | undefined): string | undefined {
	return fault?.kind === "code" ? fault.code : undefined;
}

/** The number of the answer that an RRN ends in. */
function answerOf(rrn: string): number {
	const number = Number(rrn.slice(6));
	return Number.isSafeInteger(number) ? number : 0;
}

function isPoll(request: Message): boolean {
	return request.mti === "0820" && networkOf(request) === "900";
}

function describe(request: Message): string {
	return `${text(request, 41)} ${request.mti} STAN ${text(request, 11)}`;
}

/** A decoded message, or what is wrong with the bytes. */
function readMessage(payload: Buffer): Message | string {
	try {
		return decode(payload);
	} catch (error) {
		if (error instanceof CodecError) return error.message;
		throw error;
	}
}

/** Where every request ends up, whichever way it came: decided one after the other, posted durably, then answered. */
import type { Books, KeepNotices } from "./books";
import { CodecError, decode, messageBytesMax, text, type Message } from "./codec";
import type { Decision, Habits, HostView } from "./decision";
import { bend, breakBytes, delayOf, falsify, FaultQueue, type Fault } from "./faults";
import { rrnOf } from "./host-time";
import type { KeyTable } from "./keys";
import { isRequest } from "./layout";
import { networkOf } from "./kinds";
import { Outbox } from "./outbox";
import type { AcquirerClock, AcquirerOptions } from "./options";
import { replyMti, replyQos, replyTo, seal } from "./reply";
import { decide } from "./rules";
import type { Way } from "./way";

/** Most requests that wait for their turn. */
const waitingMax = 1000;

/** What the desk needs of the host around it. */
export interface DeskParts extends Pick<AcquirerOptions, "onActivity"> {
	readonly books: Books;
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
	/** After an answer: keys may be new, a batch closed. */
	readonly onDone: (request: Message, decision: Decision, way: Way) => void;
}

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
	readonly #books: Books;
	readonly #outbox: Outbox;
	/** Rises whenever the host goes away: what was begun before is not finished. */
	#life = 0;
	#answerNumber = 0;
	habits: Habits;
	maintenance: Maintenance | undefined;

	constructor(parts: DeskParts, habits: Habits) {
		this.#parts = parts;
		this.#outbox = new Outbox(parts.clock);
		this.habits = habits;
		this.#books = parts.books;
	}

	/** The books were read: numbers of answers go on where they were. */
	open(): void {
		const numbers = this.#books.ledger
			.records()
			.slice(-1000)
			.map(({ rrn }) => answerOf(rrn));
		this.#answerNumber = Math.max(this.#answerNumber, ...numbers);
	}

	/** What waits is never answered. */
	close(): void {
		this.#life++;
		this.#outbox.clear();
	}

	/** Takes bytes that are to be a request. @returns why no answer is due, undefined for a request */
	take(payload: Buffer, way: Way): string | undefined {
		if (payload.length > messageBytesMax) return "too long";
		const request = readMessage(payload);
		if (typeof request === "string") return request;
		if (!isRequest(request.mti)) return `message ${request.mti}`;
		if (way.terminal !== undefined && text(request, 41) !== way.terminal)
			return "field 41 is not the topic's";
		if (this.#books.waiting >= waitingMax) return "too many wait";
		const life = this.#life;
		void this.#books.enqueue(async () => {
			if (life === this.#life) await this.#answer(request, payload, way);
		});
		return undefined;
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
		await this.#books.append(falsify(fault, decision.records));
		this.#logDecision(request, decision);
		if (life !== this.#life) return;
		if (fault?.kind === "crash-after") return this.#parts.onCrash();
		const sealed = await this.#sealed(host, request, decision, fault, way);
		if (life !== this.#life) return;
		if (decision.forgetsKeys === true) keys.forget(terminal);
		if (fault?.kind !== "silence") this.#spoilt(fault, request, sealed, way);
		this.#parts.onDone(request, decision, way);
	}

	/** Bytes of the answer; to a poll the next notice, where there is one. */
	async #sealed(
		host: HostView,
		request: Message,
		decision: Decision,
		fault: Fault | undefined,
		way: Way,
	): Promise<Buffer> {
		const { keys, nextNotice } = this.#parts;
		const terminal = text(request, 41);
		if (way.poll !== undefined && decision.code === "00" && isPoll(request)) {
			way.poll.request = request;
			const notice = await nextNotice(terminal, this.#books.keep);
			if (notice !== undefined) return notice;
		}
		const reply = bend(fault, replyTo(request, decision, host));
		return seal(reply, decision.signed, keys.mak(terminal));
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
			ledger: this.#books.ledger,
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

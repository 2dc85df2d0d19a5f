import type { Ciphers, KeyStore } from "core/ciphers";
import type { Clock, TimerId, Timers } from "core/clock";
import { LogCode, type Log } from "core/log";
import type { Backoff } from "host/backoff";
import { hostTimeMs } from "host/host-time";
import { batchOf, codeNumber, matchFields, type Expected } from "host/matching";
import type { Requests } from "host/requests";
import { openKeyBlock, type WorkingKeys } from "message/key-block";
import type { MessageReader } from "message/reader";

/** Second number of LogCode.SignOnRefused: what was wrong beside field 39. */
export const SignOnFault = Object.freeze({
	/** The host refused: the first number is field 39. */
	None: 0,
	/** Field 62 is missing or a check value is wrong. */
	KeyBlock: 1,
	/** No batch in field 60. */
	Batch: 2,
	/** No terminal master key in the key store. */
	NoMasterKey: 3,
	/** No reply within the deadline. */
	Silent: 4,
	/** Held until somebody sets the clock. */
	ClockUnknown: 5,
	/** The carrier took nothing. */
	NotSent: 6,
	/** A number for the message could not be made durable. */
	NoNumber: 7,
} as const);

export interface SignOnOptions {
	readonly clock: Clock;
	readonly timers: Timers;
	readonly ciphers: Ciphers;
	readonly keys: KeyStore;
	readonly log: Log;
	readonly nextStan: () => number;
	readonly nextAttempt: () => number;
	readonly requests: Requests;
	readonly reader: MessageReader;
	readonly backoff: Backoff;
	/** Unanswered ones in a row after which the channel is given up. */
	readonly silentLimit: () => number;
	/** Longest wait for a reply: the first two are a quarter and a half of it. */
	readonly timeoutMs: number;
	/** Batch to name in the 0800. */
	readonly batch: () => number;
	/** @returns false when surely nothing left */
	readonly send: (attempt: number, message: Uint8Array, qos: 0 | 1) => boolean;
	/** Nobody waits for the reply to this attempt any more. */
	readonly over: (attempt: number) => void;
	readonly onHostTime?: ((wallMs: number) => void) | undefined;
	readonly onDone: (keys: WorkingKeys, batch: number) => void;
	/** Several in a row went unanswered: the connection is not trusted any more. */
	readonly onGiveUp: () => void;
}

/** Above the second of resolution, the way of the reply, and a little drift. */
const clockToleranceMs = 10_000;
const clockPollMs = 1000;
/** The first deadline is this part of the whole: a host that came back a moment after us is found soon. */
const firstPart = 4;
const masterKeyName = "tmk";

/** Signs on over a connection that stands, again and again until it works or is stopped. */
export class SignOn {
	readonly #options: SignOnOptions;
	#timer: TimerId = 0;
	#held = false;
	#silent = 0;
	#attempt = 0;
	#expected: Expected | undefined;

	constructor(options: SignOnOptions) {
		this.#options = options;
	}

	/** Begins after `delayMs`; what runs is given up. */
	start(delayMs: number): void {
		this.stop();
		this.#silent = 0;
		this.#wait(delayMs);
	}

	stop(): void {
		this.#options.timers.clear(this.#timer);
		this.#forget();
		this.#held = false;
	}

	/** Nothing is sent until somebody sets the clock. */
	get held(): boolean {
		return this.#held;
	}

	/** No reply to this attempt can come: as if its deadline had passed. */
	lost(attempt: number): void {
		if (this.#expected === undefined || attempt !== this.#attempt) return;
		this.#options.timers.clear(this.#timer);
		this.#unanswered();
	}

	/** @returns false when no 0800 of this attempt waits */
	reply(attempt: number, payload: Uint8Array): boolean {
		if (this.#expected === undefined || attempt !== this.#attempt) return false;
		const { reader, log, backoff } = this.#options;
		const match = matchFields(reader, payload, this.#expected);
		if (match !== "match") {
			const foreign = match.kind === "foreign";
			log.event(foreign ? LogCode.ForeignReply : LogCode.BadMessage, attempt, match.field);
			return true;
		}
		this.stop();
		this.#silent = 0;
		const code = reader.text(39);
		if (code === "00") this.#accept();
		else {
			log.event(LogCode.SignOnRefused, codeNumber(code), SignOnFault.None);
			this.#wait(code === "97" ? backoff.slow() : backoff.next());
		}
		return true;
	}

	#accept(): void {
		const { reader, ciphers, onDone } = this.#options;
		const tmk = this.#masterKey();
		const block = reader.has(62) ? reader.bytes(62) : undefined;
		const batch = batchOf(reader);
		const keys = tmk && block && openKeyBlock(ciphers, tmk, block);
		if (keys === undefined) this.#refuse(SignOnFault.KeyBlock);
		else if (batch < 1) this.#refuse(SignOnFault.Batch);
		else {
			this.#compareClocks();
			onDone(keys, batch);
		}
	}

	#compareClocks(): void {
		const { clock, reader, onHostTime } = this.#options;
		const nowMs = clock.wallMs();
		const hostMs = nowMs === undefined ? undefined : hostTimeMs(reader, nowMs);
		if (nowMs === undefined || hostMs === undefined) return;
		if (Math.abs(hostMs - nowMs) > clockToleranceMs) onHostTime?.(hostMs);
	}

	/** Something on this side or in the reply is wrong: log it, and again later. */
	#refuse(fault: number): void {
		this.#options.log.event(LogCode.SignOnRefused, 0, fault);
		this.#wait(this.#options.backoff.next());
	}

	#wait(delayMs: number): void {
		this.#timer = this.#options.timers.set(() => this.#send(), delayMs);
	}

	#send(): void {
		const { clock, timers, log, timeoutMs } = this.#options;
		const nowMs = clock.wallMs();
		if (nowMs === undefined) {
			if (!this.#held) log.event(LogCode.SignOnRefused, 0, SignOnFault.ClockUnknown);
			this.#held = true;
			this.#wait(clockPollMs);
			return;
		}
		this.#held = false;
		if (this.#masterKey() === undefined) {
			this.#refuse(SignOnFault.NoMasterKey);
			return;
		}
		const fault = this.#hand(nowMs);
		if (fault !== SignOnFault.None) this.#refuse(fault);
		else {
			const deadlineMs = Math.min((timeoutMs / firstPart) * 2 ** this.#silent, timeoutMs);
			this.#timer = timers.set(() => this.#unanswered(), deadlineMs);
		}
	}

	/** Sends one 0800. @returns what kept it back */
	#hand(nowMs: number): number {
		const { requests, nextStan, nextAttempt, batch, send } = this.#options;
		let stan: number;
		try {
			stan = nextStan();
			this.#attempt = nextAttempt();
		} catch {
			return SignOnFault.NoNumber;
		}
		const { message, expected, qos } = requests.signOn(stan, batch(), nowMs);
		if (!send(this.#attempt, message, qos)) return SignOnFault.NotSent;
		this.#expected = expected;
		return SignOnFault.None;
	}

	#forget(): void {
		if (this.#expected !== undefined) this.#options.over(this.#attempt);
		this.#expected = undefined;
	}

	#unanswered(): void {
		this.#forget();
		if (++this.#silent < this.#options.silentLimit()) this.#refuse(SignOnFault.Silent);
		else {
			this.#options.log.event(LogCode.SignOnRefused, 0, SignOnFault.Silent);
			this.#options.onGiveUp();
		}
	}

	#masterKey(): Uint8Array | undefined {
		const key = this.#options.keys.read(masterKeyName);
		return key?.length === 16 ? key : undefined;
	}
}

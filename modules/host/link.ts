import { equalBytes } from "core/bytes";
import type { TimerId } from "core/clock";
import { LogCode } from "core/log";
import { Attempts, type Attempt } from "host/attempts";
import { Backoff } from "host/backoff";
import { Carrier } from "host/carrier";
import type { HostOutcome, HostRequest, SettlementRequest } from "host/exchange";
import {
	hostLinkLimits,
	LinkState,
	type HostLinkLimits,
	type HostLinkOptions,
} from "host/link-options";
import { asksForSignOn, codeNumber, judgeReply } from "host/matching";
import { Requests, type Request } from "host/requests";
import { SignOn } from "host/sign-on";
import { isEarlier } from "host/topics";
import type { WorkingKeys } from "message/key-block";
import { macUnionPayEcb } from "message/mac";
import { MessageReader } from "message/reader";
import { unionpay } from "message/unionpay";

export type { HostOutcome, HostRequest, SettlementReply, SettlementRequest } from "host/exchange";
export { hostLinkLimits, LinkState } from "host/link-options";
export type { HostLinkLimits, HostLinkOptions } from "host/link-options";

/** The terminal's link to the acquirer's host (docs/host-protocol.md, docs/mqtt-and-host-link.md). */
export class HostLink {
	readonly #options: HostLinkOptions;
	readonly #limits: HostLinkLimits;
	readonly #requests: Requests;
	readonly #reader = new MessageReader(unionpay);
	readonly #attempts: Attempts;
	readonly #reconnect: Backoff;
	/** For the sign-on over a standing connection; reset by proof that the keys work. */
	readonly #resign: Backoff;
	readonly #signOn: SignOn;
	#carrier: Carrier | undefined;
	#state: LinkState = LinkState.Down;
	#closed = false;
	/** As it was told last: only a carrier that came shortens a pause. */
	#carrierUp = false;
	#batch: number;
	#lastAttempt = 0;
	/** MAC key of this connection, in memory only. */
	#mak: Uint8Array | undefined;
	/** A reply was authenticated since the last time that we had to sign on again. */
	#proved = true;
	#timer: TimerId = 0;

	constructor(options: HostLinkOptions) {
		const limits = { ...hostLinkLimits, ...options.limits };
		const { entropy } = options;
		this.#options = options;
		this.#limits = limits;
		this.#batch = options.batch;
		this.#requests = new Requests(options.config);
		this.#attempts = new Attempts(options.timers);
		this.#reconnect = new Backoff(entropy, limits.backoffBaseMs, limits.backoffCapMs);
		this.#resign = new Backoff(entropy, limits.backoffBaseMs, limits.backoffCapMs);
		this.#signOn = new SignOn({
			...options,
			nextAttempt: () => this.#nextAttempt(),
			requests: this.#requests,
			reader: this.#reader,
			backoff: this.#resign,
			timeoutMs: limits.signOnTimeoutMs,
			batch: () => this.#batch,
			send: (attempt, message, qos) => this.#carrier?.send(attempt, message, qos) ?? false,
			onDone: (keys, batch) => this.#signedOn(keys, batch),
			onGiveUp: () => this.#drop(),
		});
	}

	get state(): LinkState {
		return this.#state;
	}

	/** Batch of new transactions, 0 while none is known. */
	get batch(): number {
		return this.#batch;
	}

	/** Requests that wait for their reply. */
	get inFlight(): number {
		return this.#attempts.size;
	}

	/** Carrier came or went: call on each change, and once to start. */
	networkChanged(): void {
		const { up } = this.#options.network;
		if (this.#closed || up === this.#carrierUp) return;
		this.#carrierUp = up;
		if (this.#state !== LinkState.Down) this.#drop();
		else this.#connectAfter(0);
	}

	/**
	 * Sends one request. Never changes the state of the link by itself.
	 * @returns the attempt's number (> 0) when the message was handed to the carrier: from now on it may have left, and
	 * `done` is called exactly once, within `timeoutMs`. 0: surely nothing left, and `done` is never called.
	 * @throws Fault "message.…" when the transaction cannot be put into a message, and what `nextAttempt` throws: nothing left
	 */
	exchange(request: HostRequest, done: (outcome: HostOutcome) => void): number {
		return this.#exchange(
			(nowMs, mac) => this.#requests.transaction(request, nowMs, mac),
			request.timeoutMs,
			done,
		);
	}

	/** The same for a message of a settlement, which may be repeated. A "reply" has `settlement`. */
	settle(request: SettlementRequest, done: (outcome: HostOutcome) => void): number {
		return this.#exchange(
			(nowMs, mac) => this.#requests.settlement(request, nowMs, mac),
			request.timeoutMs,
			done,
		);
	}

	/** New keys, and the batch that is open now, over the standing connection: a batch was closed. */
	signOn(): void {
		this.#signOnAgain(false);
	}

	#exchange(
		build: (nowMs: number, mac: (body: Uint8Array) => Uint8Array) => Request,
		timeoutMs: number,
		done: (outcome: HostOutcome) => void,
	): number {
		const { network, clock } = this.#options;
		const mak = this.#mak;
		const nowMs = clock.wallMs();
		if (this.#state !== LinkState.Up || !network.up || mak === undefined || nowMs === undefined)
			return 0;
		if (this.#attempts.size >= this.#limits.inFlight) return 0;
		const { message, expected, qos } = build(nowMs, (body) => this.#mac(mak, body));
		const number = this.#nextAttempt();
		if (this.#carrier?.send(number, message, qos) !== true) return 0;
		this.#attempts.add({ number, expected, mak, done }, timeoutMs);
		return number;
	}

	/** Ends the link for good. Waiting requests get "no-reply"; no state is told any more. */
	close(): void {
		if (this.#closed) return;
		this.#closed = true;
		this.#release();
	}

	#connectAfter(delayMs: number): void {
		const { network, timers } = this.#options;
		timers.clear(this.#timer);
		this.#carrierUp = network.up;
		if (network.up && !this.#closed) this.#timer = timers.set(() => this.#connect(), delayMs);
	}

	#connect(): void {
		const { config, network, timers, log } = this.#options;
		const { connectTimeoutMs, keepAliveMs } = this.#limits;
		this.#carrier = new Carrier({
			config,
			network,
			timers,
			log,
			connectTimeoutMs,
			keepAliveMs,
			onReady: () => {
				this.#become(LinkState.SigningOn);
				this.#signOn.start(0);
			},
			onReply: (attempt, payload) => this.#reply(attempt, payload),
			onGone: () => this.#drop(),
		});
		this.#become(LinkState.Connecting);
	}

	#signedOn({ mak }: WorkingKeys, batch: number): void {
		this.#mak = mak;
		this.#reconnect.reset();
		this.#options.log.event(LogCode.SignedOn, batch, this.#lastAttempt);
		if (batch !== this.#batch) {
			if (this.#batch !== 0) this.#options.log.event(LogCode.BatchMismatch, this.#batch, batch);
			this.#batch = batch;
			this.#options.onBatch(batch);
		}
		this.#become(LinkState.Up);
	}

	/** The connection is over or not trusted any more. */
	#drop(): void {
		this.#release();
		this.#connectAfter(this.#reconnect.next());
		this.#become(LinkState.Down);
	}

	#release(): void {
		this.#options.timers.clear(this.#timer);
		this.#signOn.stop();
		this.#carrier?.close();
		this.#carrier = undefined;
		this.#mak = undefined;
		this.#state = LinkState.Down;
		this.#attempts.abandonAll();
	}

	#become(state: LinkState): void {
		this.#state = state;
		this.#options.log.event(LogCode.LinkState, state);
		if (!this.#closed) this.#options.onState(state);
	}

	#reply(number: number, payload: Uint8Array): void {
		if (this.#signOn.reply(number, payload)) return;
		const attempt = this.#attempts.find(number);
		if (attempt === undefined) this.#unasked(number, payload);
		else this.#judge(attempt, payload);
	}

	#judge(attempt: Attempt, payload: Uint8Array): void {
		const { log } = this.#options;
		const verdict = judgeReply(this.#reader, payload, attempt.expected, (body, field64) =>
			this.#isRight(attempt.mak, body, field64),
		);
		switch (verdict.kind) {
			case "malformed":
				log.event(LogCode.BadMessage, attempt.number, verdict.field);
				return;
			case "foreign":
				log.event(LogCode.ForeignReply, attempt.number, verdict.field);
				return;
			case "unproved":
				log.event(LogCode.BadMac, attempt.number, codeNumber(verdict.responseCode));
				return;
			case "wrong-mac":
				log.event(LogCode.BadMac, attempt.number, codeNumber(verdict.responseCode));
				this.#signOnAgain(false);
				this.#attempts.settle(attempt, { kind: "wrong-mac" });
				return;
			case "reply":
				if (verdict.authenticated) {
					this.#proved = true;
					this.#resign.reset();
				}
				if (asksForSignOn(verdict.responseCode)) this.#signOnAgain(verdict.responseCode === "97");
				this.#attempts.settle(attempt, verdict);
		}
	}

	/** A reply that no open attempt asked for: noted, and nothing else. */
	#unasked(number: number, payload: Uint8Array): void {
		const { log } = this.#options;
		if (!isEarlier(number, this.#lastAttempt)) {
			log.event(LogCode.ForeignReply, number, 0);
			return;
		}
		let code = -1;
		try {
			this.#reader.parse(payload);
			if (this.#reader.has(39)) code = codeNumber(this.#reader.text(39));
		} catch {
			// Unreadable and late: the event says all that is worth knowing.
		}
		log.event(LogCode.LateReply, number, code);
	}

	/** New keys over the standing connection; at once, unless the last ones did not prove to work. */
	#signOnAgain(slow: boolean): void {
		if (this.#state !== LinkState.Up) return;
		const delayMs = slow ? this.#resign.slow() : this.#proved ? 0 : this.#resign.next();
		this.#proved = false;
		this.#signOn.start(delayMs);
		this.#become(LinkState.SigningOn);
	}

	/** Right under the key of the request, or under the newest: keys may change while a reply is under way. */
	#isRight(mak: Uint8Array, body: Uint8Array, field64: Uint8Array): boolean {
		if (equalBytes(this.#mac(mak, body), field64)) return true;
		const newest = this.#mak;
		return newest !== undefined && newest !== mak && equalBytes(this.#mac(newest, body), field64);
	}

	#mac(mak: Uint8Array, body: Uint8Array): Uint8Array {
		return macUnionPayEcb(this.#options.ciphers, mak, body);
	}

	#nextAttempt(): number {
		this.#lastAttempt = this.#options.nextAttempt();
		return this.#lastAttempt;
	}
}

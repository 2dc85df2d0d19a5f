import type { TimerId } from "core/clock";
import { LogCode } from "core/log";
import { defaultParameters, type Parameters } from "core/parameters";
import { Attempts, noReply } from "host/attempts";
import { Backoff } from "host/backoff";
import { ChannelKind, type Channel } from "host/channel";
import type { HostOutcome, HostRequest, SettlementRequest } from "host/exchange";
import { type HostLinkLimits, type HostLinkOptions } from "host/link-options";
import { Liveness } from "host/liveness";
import { NoticeDesk } from "host/notice-desk";
import { Poll } from "host/poll";
import { Question, type QuestionOptions } from "host/question";
import { Replies } from "host/replies";
import { Requests, type Request } from "host/requests";
import { NetworkCode, ServiceMessages } from "host/service-messages";
import { SignOn } from "host/sign-on";
import type { WorkingKeys } from "message/key-block";
import { macs } from "message/mac";
import { MessageReader } from "message/reader";
import { unionpay } from "message/unionpay";

/** What the session tells the link. */
export interface SessionEvents {
	/** Signed on: requests can be sent. */
	readonly onUp: () => void;
	/** New keys are being fetched over the same channel. */
	readonly onSigningOn: () => void;
	/** The channel is no use. @param deaf the connection stands, the host is silent */
	readonly onUseless: (deaf: boolean) => void;
	/** New keys are wanted, at a moment without a request in flight. */
	readonly onKeysDue: () => void;
	/** A request is over. */
	readonly onSettled: () => void;
}

/** 60.3 of the notice that asks for a sign-on. */
const signOnNotice = 906;
/** Keys younger than this are not fetched again because the header of a frame says so. */
const youngKeysMs = 60_000;
/** Attempts in a row whose connection ended without a word: the backup channel is no use. */
const lostLimit = 2;
/** Longest time between two looks at the age of the keys. */
const keyLookMs = 3_600_000;
const signOffTimeoutMs = 5000;
/** `request` of a frame's header. */
const Asked = Object.freeze({ Notices: 1, SignOn: 3, Keys: 4 } as const);

/** Why keys are due; the number is logged. */
const KeysDue = Object.freeze({ Age: 0, Asked: 1 } as const);

interface Common extends Omit<HostLinkOptions, "batch">, QuestionOptions {
	readonly mak: () => Uint8Array | undefined;
}

type Build = (nowMs: number, mac: (body: Uint8Array) => Uint8Array) => Request;

/** What goes on over one channel: sign-on and keys, requests and their replies, echoes, notices. */
export class Session {
	readonly #options: HostLinkOptions;
	/** What its parts share. */
	readonly #common: Common;
	readonly #events: SessionEvents;
	readonly #limits: HostLinkLimits;
	readonly #requests: Requests;
	readonly #attempts: Attempts;
	readonly #replies: Replies;
	/** For the sign-on over a standing channel; reset by proof that the keys work. */
	readonly #resign: Backoff;
	readonly #signOn: SignOn;
	readonly #question: Question;
	readonly #liveness: Liveness;
	readonly #poll: Poll;
	readonly #notices: NoticeDesk;
	#channel: Channel | undefined;
	#up = false;
	#batch: number;
	#lastAttempt = 0;
	/** Newest MAC key, in memory only. */
	#mak: Uint8Array | undefined;
	#keysSinceMs = 0;
	#keyTimer: TimerId = 0;
	/** A reply was authenticated since the last time that we had to sign on again. */
	#proved = true;
	#lostInRow = 0;

	constructor(options: HostLinkOptions, limits: HostLinkLimits, events: SessionEvents) {
		const { timers, config, entropy } = options;
		this.#options = options;
		this.#common = {
			...options,
			reader: new MessageReader(unionpay),
			messages: new ServiceMessages(config),
			nextAttempt: () => this.#nextAttempt(),
			batch: () => this.#batch,
			mak: () => this.#mak,
		};
		this.#events = events;
		this.#limits = limits;
		this.#batch = options.batch;
		this.#requests = new Requests(config);
		this.#attempts = new Attempts(timers, (byDeadline) => {
			if (byDeadline) this.#liveness.suspect();
			events.onSettled();
		});
		this.#resign = new Backoff(entropy, limits.backoffBaseMs, limits.backoffCapMs);
		const common = this.#common;
		this.#question = new Question(common);
		this.#signOn = new SignOn({
			...common,
			requests: this.#requests,
			backoff: this.#resign,
			timeoutMs: limits.signOnTimeoutMs,
			silentLimit: () => this.#silentLimit(),
			send: (attempt, message, qos) => this.#channel?.send(attempt, message, qos) ?? false,
			over: (attempt) => this.#channel?.over(attempt),
			onDone: (keys, batch) => this.#signedOn(keys, batch),
			onGiveUp: () => events.onUseless(false),
		});
		this.#liveness = new Liveness({
			...common,
			question: this.#question,
			echoMs: () => this.#parameters.echoIntervalMs,
			firstEchoMs: limits.firstEchoMs,
			echoTimeoutMs: limits.echoTimeoutMs,
			onDeaf: () => this.#deaf(),
		});
		this.#notices = new NoticeDesk({ ...common, sink: options.notices });
		this.#poll = new Poll({
			...common,
			pollMs: limits.pollMs,
			timeoutMs: limits.echoTimeoutMs,
			onNotice: (payload) => this.#takeNotice(0, payload),
		});
		this.#replies = new Replies({
			...common,
			attempts: this.#attempts,
			lastAttempt: () => this.#lastAttempt,
			onHeard: (authenticated) => this.#heard(authenticated),
			onKeysWrong: (slow) => this.renew(slow),
		});
	}

	/** Batch of new transactions, 0 while none is known. */
	get batch(): number {
		return this.#batch;
	}

	/** Requests that wait for their reply. */
	get inFlight(): number {
		return this.#attempts.size;
	}

	/** Requests that `exchange` would take now. */
	get room(): number {
		if (!this.#up || this.#channel === undefined) return 0;
		return Math.max(0, this.#channel.inFlight - this.#attempts.size);
	}

	/** The sign-on is held because the clock is unknown: no fault of the channel. */
	get held(): boolean {
		return this.#signOn.held;
	}

	/** The host is known to answer echoes. */
	get echoes(): boolean {
		return this.#liveness.proven;
	}

	/** A question apart from the session's own, for a channel that is not in use. */
	newQuestion(): Question {
		return new Question(this.#common);
	}

	/** Signs on over a channel that is ready. What went over another one has no reply. */
	begin(channel: Channel): void {
		this.end();
		this.#channel = channel;
		this.#signOn.start(0);
	}

	/** The channel is over or not trusted any more: no reply will come for anything. */
	end(): void {
		this.#up = false;
		this.#options.timers.clear(this.#keyTimer);
		this.#signOn.stop();
		this.#liveness.stop();
		this.#poll.stop();
		this.#channel = undefined;
		this.#mak = undefined;
		this.#lostInRow = 0;
		this.#attempts.abandonAll();
	}

	/** As HostLink.exchange, without regard to the link's state. */
	exchange(request: HostRequest, done: (outcome: HostOutcome) => void): number {
		const build: Build = (nowMs, mac) => this.#requests.transaction(request, nowMs, mac);
		return this.#exchange(build, request.timeoutMs, done);
	}

	/** As HostLink.settle. */
	settle(request: SettlementRequest, done: (outcome: HostOutcome) => void): number {
		const build: Build = (nowMs, mac) => this.#requests.settlement(request, nowMs, mac);
		return this.#exchange(build, request.timeoutMs, done);
	}

	#exchange(build: Build, timeoutMs: number, done: (outcome: HostOutcome) => void): number {
		const { clock, ciphers } = this.#options;
		const nowMs = clock.wallMs();
		const mak = this.#mak;
		const channel = this.#channel;
		if (this.room === 0 || channel === undefined || mak === undefined || nowMs === undefined)
			return 0;
		const { message, expected, qos } = build(nowMs, (body) =>
			macs[unionpay.mac].code(ciphers, mak, body),
		);
		const number = this.#nextAttempt();
		if (!channel.send(number, message, qos)) return 0;
		this.#attempts.add({ number, channel, expected, mak, done }, timeoutMs);
		return number;
	}

	/** New keys over the standing channel; at once, unless the last ones did not prove to work. */
	renew(slow = false): void {
		if (!this.#up) return;
		this.#up = false;
		const delayMs = slow ? this.#resign.slow() : this.#proved ? 0 : this.#resign.next();
		this.#proved = false;
		this.#liveness.stop();
		this.#signOn.start(delayMs);
		this.#events.onSigningOn();
	}

	/** Says 0820 with 002; `done` when the host has answered, or a little later. */
	signOff(done: () => void): void {
		const channel = this.#channel;
		this.#up = false;
		this.#signOn.stop();
		this.#liveness.stop();
		this.#poll.stop();
		if (channel === undefined) this.#options.timers.set(done, 0);
		else this.#question.ask(channel, NetworkCode.SignOff, signOffTimeoutMs, done);
	}

	/** What the channel tells; what another one tells belongs to nobody here. */
	reply(channel: Channel, number: number, payload: Uint8Array): void {
		const mine = channel === this.#channel;
		if (mine && this.#signOn.reply(number, payload)) return;
		if (this.#question.reply(channel, number, payload)) return;
		if (mine && this.#poll.reply(number, payload)) return;
		this.#replies.take(channel, number, payload);
	}

	notice(channel: Channel, number: number, payload: Uint8Array): void {
		const answer = this.#takeNotice(number, payload);
		if (answer !== undefined) channel.answer(number, answer);
	}

	lost(channel: Channel, number: number): void {
		if (channel !== this.#channel || this.#question.lost(channel, number)) return;
		if (this.#poll.lost(number)) return;
		const attempt = this.#attempts.find(channel, number);
		if (attempt === undefined) {
			this.#signOn.lost(number);
			return;
		}
		this.#attempts.settle(attempt, noReply);
		if (++this.#lostInRow >= lostLimit) this.#events.onUseless(false);
		else this.#liveness.suspect();
	}

	asked(channel: Channel, request: number): void {
		if (channel !== this.#channel || !this.#up) return;
		if (request === Asked.Notices) this.#poll.now();
		const wantsKeys = request === Asked.SignOn || request === Asked.Keys;
		const ageMs = this.#options.clock.ticksMs() - this.#keysSinceMs;
		if (wantsKeys && ageMs >= youngKeysMs) this.#keysDue(KeysDue.Asked);
	}

	get #parameters(): Parameters {
		return this.#options.parameters?.() ?? defaultParameters;
	}

	#silentLimit(): number {
		const { silentSignOns, backupSilentSignOns } = this.#limits;
		return this.#channel?.kind === ChannelKind.Backup ? backupSilentSignOns : silentSignOns;
	}

	#signedOn({ mak }: WorkingKeys, batch: number): void {
		const { log, clock, onBatch } = this.#options;
		const channel = this.#channel;
		if (channel === undefined) return;
		this.#mak = mak;
		this.#keysSinceMs = clock.ticksMs();
		this.#watchAge();
		log.event(LogCode.SignedOn, batch, this.#lastAttempt);
		if (batch !== this.#batch) {
			if (this.#batch !== 0) log.event(LogCode.BatchMismatch, this.#batch, batch);
			this.#batch = batch;
			onBatch(batch);
		}
		this.#up = true;
		this.#liveness.start(channel);
		if (channel.kind === ChannelKind.Backup) this.#poll.start(channel);
		this.#events.onUp();
	}

	/** The age is a setting that may change, and what is due may be put off: looked at again and again. */
	#watchAge(): void {
		const { timers, clock } = this.#options;
		const leftMs = this.#parameters.keyAgeMaxMs - (clock.ticksMs() - this.#keysSinceMs);
		timers.clear(this.#keyTimer);
		this.#keyTimer = timers.set(
			() => {
				const ageMs = clock.ticksMs() - this.#keysSinceMs;
				this.#watchAge();
				if (ageMs >= this.#parameters.keyAgeMaxMs) this.#keysDue(KeysDue.Age);
			},
			leftMs > 0 ? Math.min(leftMs, keyLookMs) : keyLookMs,
		);
	}

	#keysDue(why: number): void {
		this.#options.log.event(LogCode.KeysDue, why);
		this.#events.onKeysDue();
	}

	#heard(authenticated: boolean): void {
		this.#liveness.heard();
		this.#lostInRow = 0;
		if (!authenticated) return;
		this.#proved = true;
		this.#resign.reset();
	}

	#deaf(): void {
		this.#options.log.event(LogCode.HostDeaf, this.#channel?.kind ?? 0);
		this.#events.onUseless(true);
	}

	#takeNotice(number: number, payload: Uint8Array): Uint8Array | undefined {
		const notice = this.#notices.take(number, payload);
		if (notice?.kind === signOnNotice && notice.code === "00") this.#keysDue(KeysDue.Asked);
		return notice?.answer;
	}

	#nextAttempt(): number {
		this.#lastAttempt = this.#options.nextAttempt();
		return this.#lastAttempt;
	}
}

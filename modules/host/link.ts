import type { TimerId } from "core/clock";
import { LogCode } from "core/log";
import { Backoff } from "host/backoff";
import { ChannelKind, type Channel, type ChannelEvents } from "host/channel";
import type { HostOutcome, HostRequest, SettlementRequest } from "host/exchange";
import { Intention, Intentions } from "host/intentions";
import {
	hostLinkLimits,
	LinkState,
	type HostLinkLimits,
	type HostLinkOptions,
} from "host/link-options";
import { MqttChannel } from "host/mqtt-channel";
import { Probe } from "host/probe";
import { Session } from "host/session";
import { nextChannel, SwitchReason, switchRules, type SwitchRules } from "host/switch-rules";
import { TcpChannel } from "host/tcp-channel";

export type { HostOutcome, HostRequest, SettlementReply, SettlementRequest } from "host/exchange";
export { hostLinkLimits, LinkState } from "host/link-options";
export type { HostLinkLimits, HostLinkOptions } from "host/link-options";
export type { NoticeSink } from "host/notice-desk";

/**
 * The terminal's link to the acquirer's host (docs/mqtt-and-host-link.md): chooses the channel, brings it up again and again, and
 * goes over to the other one. What is said over the channel is the session's.
 */
export class HostLink {
	readonly #options: HostLinkOptions;
	readonly #limits: HostLinkLimits;
	readonly #rules: SwitchRules;
	readonly #session: Session;
	readonly #reconnect: Backoff;
	readonly #probe: Probe;
	readonly #probeBackoff: Backoff;
	readonly #intentions: Intentions;
	#channel: Channel | undefined;
	/** The channel in use, or the one that comes up next. */
	#kind: ChannelKind = ChannelKind.Mqtt;
	#state: LinkState = LinkState.Down;
	#closed = false;
	/** As it was told last: only a carrier that came shortens a pause. */
	#carrierUp = false;
	/** Ends of the channel in a row without having been up. */
	#failures = 0;
	/** First try over MQTT after the backup channel had worked. */
	#returning = false;
	#signedOff: (() => void) | undefined;
	#connectTimer: TimerId = 0;
	#patienceTimer: TimerId = 0;

	constructor(options: HostLinkOptions) {
		const limits = { ...hostLinkLimits, ...options.limits };
		const rules = { ...switchRules, ...options.rules };
		const { entropy, timers } = options;
		this.#options = options;
		this.#limits = limits;
		this.#rules = rules;
		this.#reconnect = new Backoff(entropy, limits.backoffBaseMs, limits.backoffCapMs);
		this.#probeBackoff = new Backoff(entropy, rules.probeBaseMs, rules.probeCapMs);
		this.#session = new Session(options, limits, {
			onUp: () => this.#up(),
			onSigningOn: () => this.#become(LinkState.SigningOn),
			onUseless: (deaf) => this.#drop(deaf),
			onKeysDue: () => this.#intentions.want(Intention.Keys),
			onSettled: () => this.#intentions.look(),
		});
		this.#intentions = new Intentions({
			timers,
			idleWaitMs: rules.idleWaitMs,
			isIdle: () => this.#session.inFlight === 0,
			onDrain: () => this.#drain(),
			onDue: (intention) => this.#carryOut(intention),
		});
		this.#probe = new Probe({
			timers,
			question: this.#session.newQuestion(),
			backoff: this.#probeBackoff,
			stableMs: rules.stableMs,
			echoTimeoutMs: limits.echoTimeoutMs,
			echoes: () => this.#session.echoes,
			open: () => this.#open(ChannelKind.Mqtt),
			onStable: () => this.#intentions.want(Intention.Return),
		});
	}

	get state(): LinkState {
		return this.#state;
	}

	/** The channel in use, or the one that comes up next. */
	get channel(): ChannelKind {
		return this.#kind;
	}

	/** Batch of new transactions, 0 while none is known. */
	get batch(): number {
		return this.#session.batch;
	}

	/** Requests that wait for their reply. */
	get inFlight(): number {
		return this.#session.inFlight;
	}

	/** Requests that `exchange` would take now; 0 unless Up. */
	get room(): number {
		const ready = this.#state === LinkState.Up && this.#options.network.up;
		return ready ? this.#session.room : 0;
	}

	/** Carrier came or went: call on each change, and once to start. */
	networkChanged(): void {
		const { up } = this.#options.network;
		if (this.#closed || up === this.#carrierUp) return;
		this.#carrierUp = up;
		if (this.#state === LinkState.Down) this.#connectAfter(0);
		else {
			this.#release();
			this.#connectAfter(this.#reconnect.next());
			this.#become(LinkState.Down);
		}
	}

	/**
	 * Sends one request. Never changes the state of the link by itself.
	 * @returns the attempt's number (> 0) when the message was handed to the channel: from now on it may have left, and
	 * `done` is called exactly once, within `timeoutMs`. 0: surely nothing left, and `done` is never called.
	 * @throws Fault "message.…" when the transaction cannot be put into a message, and what `nextAttempt` throws: nothing left
	 */
	exchange(request: HostRequest, done: (outcome: HostOutcome) => void): number {
		return this.room === 0 ? 0 : this.#session.exchange(request, done);
	}

	/** The same for a message of a settlement, which may be repeated. A "reply" has `settlement`. */
	settle(request: SettlementRequest, done: (outcome: HostOutcome) => void): number {
		return this.room === 0 ? 0 : this.#session.settle(request, done);
	}

	/** New keys, and the batch that is open now, over the standing connection: a batch was closed. */
	signOn(): void {
		if (this.#state === LinkState.Up) this.#session.renew();
	}

	/**
	 * Ends the link for good, in good manners: takes no more requests, waits for those in flight, signs off. `done` is called
	 * once, never from inside, after at most the longest deadline and 5 s.
	 */
	signOff(done: () => void): void {
		this.#signedOff = done;
		const talks = this.#state === LinkState.Up || this.#state === LinkState.Draining;
		if (talks) this.#intentions.want(Intention.SignOff);
		else this.#options.timers.set(() => this.#farewell(), 0);
	}

	/** Ends the link for good, at once. Waiting requests get "no-reply"; no state is told any more. */
	close(): void {
		if (this.#closed) return;
		this.#closed = true;
		this.#release();
	}

	#connectAfter(delayMs: number): void {
		const { network, timers } = this.#options;
		timers.clear(this.#connectTimer);
		this.#carrierUp = network.up;
		if (!network.up || this.#closed) return;
		this.#connectTimer = timers.set(() => this.#connect(), delayMs);
		if (this.#patienceTimer === 0) this.#watchPatience();
		if (this.#kind === ChannelKind.Backup && !this.#probe.active) this.#probe.start();
	}

	#connect(): void {
		this.#channel = this.#open(this.#kind);
		this.#become(LinkState.Connecting);
	}

	#open(kind: ChannelKind): Channel {
		const { inFlight, backupInFlight } = this.#limits;
		const { config, network, timers, log } = this.#options;
		const { connectTimeoutMs, keepAliveMs } = this.#limits;
		const common = { config, network, timers, log, connectTimeoutMs, keepAliveMs };
		const session = this.#session;
		const events: ChannelEvents = {
			onReady: () => this.#ready(channel),
			onReply: (attempt, payload) => {
				if (!this.#probe.reply(channel, attempt, payload)) session.reply(channel, attempt, payload);
			},
			onNotice: (number, payload) => session.notice(channel, number, payload),
			onLost: (attempt) => session.lost(channel, attempt),
			onAsked: (request) => session.asked(channel, request),
			onGone: () => this.#gone(channel),
		};
		const channel: Channel =
			kind === ChannelKind.Mqtt
				? new MqttChannel({ ...common, inFlight, events })
				: new TcpChannel({ ...common, inFlight: backupInFlight, events });
		return channel;
	}

	#ready(channel: Channel): void {
		if (channel === this.#channel) this.#signOnOver(channel);
		else if (channel === this.#probe.channel) this.#probe.ready();
	}

	#gone(channel: Channel): void {
		if (channel === this.#channel) this.#drop(false);
		else if (channel === this.#probe.channel) this.#probe.gone();
	}

	#signOnOver(channel: Channel): void {
		this.#session.begin(channel);
		this.#become(LinkState.SigningOn);
	}

	#up(): void {
		this.#reconnect.reset();
		this.#failures = 0;
		this.#stopPatience();
		if (this.#returning) this.#probeBackoff.reset();
		this.#returning = false;
		this.#become(LinkState.Up);
		this.#intentions.look();
	}

	/** The channel is over or not trusted any more: the next one, after a pause. */
	#drop(deaf: boolean, late = false): void {
		const wasUp = this.#state === LinkState.Up || this.#state === LinkState.Draining;
		this.#failures = wasUp ? 0 : this.#failures + 1;
		this.#release();
		const choice = nextChannel(
			{
				hasBackup: this.#hasBackup,
				kind: this.#kind,
				failures: this.#failures,
				late,
				deaf,
				returning: this.#returning,
			},
			this.#rules,
		);
		if (choice.reason !== undefined) this.#goOver(choice.kind, choice.reason);
		this.#connectAfter(this.#reconnect.next());
		this.#become(LinkState.Down);
	}

	#goOver(kind: ChannelKind, reason: number): void {
		this.#options.log.event(LogCode.ChannelChanged, kind, reason);
		this.#kind = kind;
		this.#failures = 0;
		this.#returning = reason === SwitchReason.Return;
		this.#stopPatience();
		if (kind === ChannelKind.Mqtt) this.#probe.stop();
		// The other channel has no part in the failures of this one.
		this.#reconnect.reset();
	}

	/** A channel that does not come up is left after a while, if there is another. */
	#watchPatience(): void {
		if (!this.#hasBackup) return;
		const { patienceMs, returnPatienceMs } = this.#rules;
		this.#patienceTimer = this.#options.timers.set(
			() => {
				this.#patienceTimer = 0;
				if (this.#session.held) this.#watchPatience();
				else this.#drop(false, true);
			},
			this.#returning ? returnPatienceMs : patienceMs,
		);
	}

	#stopPatience(): void {
		this.#options.timers.clear(this.#patienceTimer);
		this.#patienceTimer = 0;
	}

	#drain(): void {
		if (this.#state === LinkState.Up) this.#become(LinkState.Draining);
	}

	/** Nothing is in flight. */
	#carryOut(intention: Intention): void {
		if (intention === Intention.SignOff) {
			this.#drain();
			this.#session.signOff(() => this.#farewell());
		} else if (intention === Intention.Return) this.#returnToMqtt();
		else this.#session.renew();
	}

	#returnToMqtt(): void {
		const channel = this.#probe.take();
		if (channel === undefined) {
			if (this.#state === LinkState.Draining) this.#become(LinkState.Up);
			return;
		}
		this.#release();
		this.#goOver(ChannelKind.Mqtt, SwitchReason.Return);
		this.#channel = channel;
		this.#watchPatience();
		this.#signOnOver(channel);
	}

	#farewell(): void {
		const done = this.#signedOff;
		this.#signedOff = undefined;
		this.close();
		done?.();
	}

	#release(): void {
		this.#options.timers.clear(this.#connectTimer);
		this.#session.end();
		this.#channel?.close();
		this.#channel = undefined;
		this.#state = LinkState.Down;
		// New keys come with the next channel anyway.
		if (this.#intentions.current === Intention.Keys) this.#intentions.forget();
		if (!this.#options.network.up || this.#closed) {
			this.#stopPatience();
			this.#probe.stop();
			this.#intentions.forget();
		}
	}

	#become(state: LinkState): void {
		this.#state = state;
		this.#options.log.event(LogCode.LinkState, state);
		if (!this.#closed) this.#options.onState(state);
	}

	get #hasBackup(): boolean {
		return (this.#options.config.backupHost ?? "") !== "";
	}
}

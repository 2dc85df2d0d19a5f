import { ChannelKind } from "host/channel";

/** When the link goes over to the other channel and back. One place, so that it can be looked at as a whole. */
export interface SwitchRules {
	/** Connections over MQTT in a row that failed before they were up. */
	readonly mqttFailures: number;
	/** The same for the backup channel: sign-ons that were given up. */
	readonly backupFailures: number;
	/** How long a channel may take to come up while the carrier is there. */
	readonly patienceMs: number;
	/** The same for the sign-on over MQTT that ends the use of the backup channel. */
	readonly returnPatienceMs: number;
	/** Pauses between looks whether MQTT works again: full jitter, from 0 to base … cap. */
	readonly probeBaseMs: number;
	readonly probeCapMs: number;
	/** An MQTT connection must have stood so long, with an echo at its beginning and its end, before it is trusted again. */
	readonly stableMs: number;
	/** What waits for a moment without a request in flight makes one after this time: the link drains. */
	readonly idleWaitMs: number;
}

export const switchRules: SwitchRules = Object.freeze({
	mqttFailures: 3,
	backupFailures: 2,
	patienceMs: 45_000,
	returnPatienceMs: 20_000,
	probeBaseMs: 30_000,
	probeCapMs: 600_000,
	stableMs: 30_000,
	idleWaitMs: 60_000,
});

/** Why a channel was left; the number is logged. */
export const SwitchReason = Object.freeze({ Failures: 0, Time: 1, Deaf: 2, Return: 3 } as const);

/** What is known of the channel whose connection has just ended. */
export interface ChannelFacts {
	/** A backup channel is configured. */
	readonly hasBackup: boolean;
	readonly kind: ChannelKind;
	/** Ends in a row without having been up, this one included; 0 when it was up. */
	readonly failures: number;
	/** It did not come up in its time. */
	readonly late: boolean;
	/** The host was silent while the connection stood. */
	readonly deaf: boolean;
	/** It was the first try over MQTT after the backup channel had worked. */
	readonly returning: boolean;
}

/** The channel of the next connection, and why it is another one. */
export interface ChannelChoice {
	readonly kind: ChannelKind;
	/** SwitchReason; undefined when the channel stays. */
	readonly reason: number | undefined;
}

/**
 * Which channel comes next. A request that may have left on one channel is never sent again by a change: that is for
 * the queue to decide, by the record (docs/queue.md).
 */
export function nextChannel(facts: ChannelFacts, rules: SwitchRules): ChannelChoice {
	const { kind, failures, late, deaf, returning } = facts;
	const limit = kind === ChannelKind.Mqtt ? rules.mqttFailures : rules.backupFailures;
	const leave = late || deaf || failures >= limit || (returning && failures > 0);
	if (!facts.hasBackup || !leave) return { kind, reason: undefined };
	return {
		kind: kind === ChannelKind.Mqtt ? ChannelKind.Backup : ChannelKind.Mqtt,
		reason: late ? SwitchReason.Time : deaf ? SwitchReason.Deaf : SwitchReason.Failures,
	};
}

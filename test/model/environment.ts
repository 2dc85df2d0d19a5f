import type { Rules } from "./rules";

/** What surrounds the terminal. */
export interface Environment {
	readonly rules: Rules;
	readonly host: HostHabits;
	readonly network: NetworkHabits;
	readonly bounds: Bounds;
}

export interface HostHabits {
	/** A reversal without original is remembered, and the original refused when it comes. */
	readonly tombstones: boolean;
	/**
	 * What came before is known again: under its STAN whatever the message (`stan`), only among messages of
	 * its own type (`type`), or not at all (`none`).
	 */
	readonly idempotent: "stan" | "type" | "none";
	/** A sale that comes too late after its field 7 is refused. */
	readonly staleCheck: boolean;
	/** The age is looked at before it is looked up whether the request is known. */
	readonly ageFirst: boolean;
	/** A copy that comes while the first one is still at the issuer is answered 09. */
	readonly saysInProgress: boolean;
}

export interface NetworkHabits {
	/** A message may arrive any number of times. */
	readonly duplicates: boolean;
	/** A sale may arrive however late; else the network keeps nothing beyond the life of the request. */
	readonly lateForEver: boolean;
}

/** Most messages under way; what comes on top is lost. */
export interface Bounds {
	readonly requests: number;
	readonly replies: number;
}

export const promised: HostHabits = Object.freeze({
	tombstones: true,
	idempotent: "stan",
	staleCheck: true,
	ageFirst: false,
	saysInProgress: false,
});
export const worstNetwork: NetworkHabits = Object.freeze({ duplicates: true, lateForEver: true });
/** Every kind of message may be under way at once, the repeats of earlier attempts three times each. */
export const wideBounds: Bounds = Object.freeze({ requests: 14, replies: 18 });
export const usualBounds: Bounds = Object.freeze({ requests: 3, replies: 2 });

/** "tombstones, idempotent, staleness check · duplicates, late for ever" */
export function describeEnvironment({ host, network }: Environment): string {
	const idempotence = {
		stan: "idempotent",
		type: "idempotent by message type",
		none: "not idempotent",
	}[host.idempotent];
	const words = [
		host.tombstones ? "tombstones" : "no tombstones",
		idempotence,
		host.staleCheck ? "staleness check" : "no staleness check",
		...(host.ageFirst ? ["the age looked at first"] : []),
		...(host.saysInProgress ? ["says 09 while the first copy is in progress"] : []),
	];
	const carrier = [
		network.duplicates ? "duplicates" : "no duplicates",
		network.lateForEver ? "however late" : "at most 90 s late",
	];
	return `host with ${words.join(", ")}; network with ${carrier.join(", ")}`;
}

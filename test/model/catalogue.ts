/** The questions that are put to the model: every rule switched off, and every kind of host. */
import {
	promised,
	usualBounds,
	worstNetwork,
	type Bounds,
	type Environment,
	type HostHabits,
	type NetworkHabits,
} from "./environment";
import { explore, type Exploration, type TrailStep } from "./explore";
import { guaranteeNames, type GuaranteeName } from "./guarantees";
import { rulesWithout, type RuleName } from "./rules";

export interface Case {
	readonly name: string;
	readonly host: HostHabits;
	readonly network: NetworkHabits;
}

const noCopies: NetworkHabits = Object.freeze({ duplicates: false, lateForEver: true });
const soon: NetworkHabits = Object.freeze({ duplicates: true, lateForEver: false });

function oneCase(name: string, habits: Partial<HostHabits>, network = worstNetwork): Case {
	return Object.freeze({ name, host: Object.freeze({ ...promised, ...habits }), network });
}

/** Hosts and networks, the best host first. */
export const cases: readonly Case[] = Object.freeze([
	oneCase("as promised", {}),
	oneCase("idempotent by message type", { idempotent: "type" }),
	oneCase("no staleness check", { staleCheck: false }),
	oneCase("no tombstones", { tombstones: false }),
	oneCase("no tombstones, no staleness check", { tombstones: false, staleCheck: false }),
	oneCase("the same, network at most 90 s late", { tombstones: false, staleCheck: false }, soon),
	oneCase("not idempotent, network without copies", { idempotent: "none" }, noCopies),
	oneCase("not idempotent", { idempotent: "none" }),
	oneCase("none of the three", { tombstones: false, idempotent: "none", staleCheck: false }),
	oneCase("looks at the age first", { ageFirst: true }),
	oneCase("says 09 to a copy while it works on the first", { saysInProgress: true }),
]);

/** Where a counterexample is looked for, the best host first. */
const hunted: readonly Case[] = Object.freeze([cases[0]!, cases[3]!, cases[6]!]);

export function environmentOf(
	{ host, network }: Case,
	without: readonly RuleName[] = [],
	bounds: Bounds = usualBounds,
): Environment {
	return { rules: rulesWithout(...without), host, network, bounds };
}

export interface Counterexample {
	readonly at: Case;
	readonly environment: Environment;
	readonly guarantee: GuaranteeName;
	readonly trail: readonly TrailStep[];
	/** States seen until it was found, and seconds. */
	readonly states: number;
	readonly seconds: number;
}

/**
 * The shortest trail to a guarantee that holds with all rules and no longer holds without these, on the best
 * host on which there is one. @returns undefined when every guarantee stands
 */
export function counterexample(
	without: readonly RuleName[],
	bounds = usualBounds,
): Counterexample | undefined {
	const startMs = performance.now();
	let states = 0;
	for (const at of hunted) {
		const standing = standingGuarantees(at, bounds);
		const environment = environmentOf(at, without, bounds);
		const { violations, states: seen } = explore(environment, { only: standing });
		states += seen;
		const found = shortest(violations);
		if (found === undefined) continue;
		const [number, trail] = found;
		const seconds = (performance.now() - startMs) / 1000;
		const guarantee = guaranteeNames[number]!;
		return { at, environment, guarantee, trail, states, seconds };
	}
	return undefined;
}

function shortest(
	violations: Exploration["violations"],
): readonly [number, readonly TrailStep[]] | undefined {
	return [...violations].sort(([, a], [, b]) => a.length - b.length)[0];
}

const known = new Map<string, readonly number[]>();

/** Numbers of the guarantees that hold in this case with all rules on. */
export function standingGuarantees(at: Case, bounds = usualBounds): readonly number[] {
	const key = `${at.name} ${bounds.requests} ${bounds.replies}`;
	let standing = known.get(key);
	if (standing === undefined) {
		const { violations } = explore(environmentOf(at, [], bounds));
		standing = guaranteeNames.map((_, number) => number).filter((n) => !violations.has(n));
		known.set(key, standing);
	}
	return standing;
}

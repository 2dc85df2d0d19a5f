import { Random } from "test/simulation/fakes/random";

/** How a fault comes: with a chance at each occasion, or after a random time again and again. */
interface FaultKind {
	readonly chance?: number;
	readonly everyMs?: number;
}

/** All faults, with their rate in a seed that has them at strength 1. */
export const faultKinds = Object.freeze({
	powerCut: { everyMs: 150_000 },
	cutAtBoot: { chance: 0.15 },
	connectionLost: { everyMs: 120_000 },
	halfOpen: { everyMs: 300_000 },
	carrierLost: { everyMs: 240_000 },
	stalled: { everyMs: 300_000 },
	socketBusy: { chance: 0.02 },
	brokerRestart: { everyMs: 400_000 },
	brokerRefuses: { chance: 0.1 },
	requestLost: { chance: 0.04 },
	requestLate: { chance: 0.04 },
	stuckAndBroken: { chance: 0.05 },
	requestTwice: { chance: 0.08 },
	hostDown: { everyMs: 400_000 },
	crashBefore: { chance: 0.02 },
	crashAfter: { chance: 0.03 },
	keysLost: { chance: 0.5 },
	silent: { chance: 0.04 },
	replyLost: { chance: 0.04 },
	replyLate: { chance: 0.05 },
	replyTwice: { chance: 0.05 },
	replyWrongMac: { chance: 0.03 },
	replyUnsigned: { chance: 0.03 },
	replyWrongAmount: { chance: 0.03 },
	replyGarbled: { chance: 0.03 },
	declined: { chance: 0.1 },
	doubtfulCode: { chance: 0.05 },
	tryAgainCode: { chance: 0.2 },
	refusedForGood: { chance: 0.04 },
	paperOut: { everyMs: 400_000 },
	printerPower: { chance: 0.05 },
	readerFails: { chance: 0.05 },
	clockJump: { everyMs: 300_000 },
	noTime: { chance: 0.3 },
	flashFails: { everyMs: 400_000 },
	technician: { everyMs: 60_000 },
	restlessCashier: { chance: 0.1 },
	chipRefuses: { chance: 0.05 },
	brokerAway: { everyMs: 700_000 },
	backupAway: { everyMs: 700_000 },
	forcedImbalance: { chance: 0.3 },
	partial: { chance: 0.15 },
	notice: { everyMs: 300_000 },
	noticeLost: { chance: 0.2 },
	noticeLate: { chance: 0.2 },
	noticeTwice: { chance: 0.2 },
	noticeForged: { everyMs: 500_000 },
} as const satisfies Readonly<Record<string, FaultKind>>);
export type FaultName = keyof typeof faultKinds;

export const faultNames = Object.freeze(Object.keys(faultKinds)) as readonly FaultName[];

/**
 * The faults of one seed. Each seed has its own choice and strength of them, and each kind its own random
 * numbers: without one of them the others come as before, and that shortens a trail.
 */
export class Faults {
	readonly counts: Record<string, number> = {};
	readonly #streams = new Map<FaultName, Random>();
	readonly #strengths = new Map<FaultName, number>();
	readonly #forced = new Map<FaultName, number>();
	#healed = false;

	/** @param without kinds that are left out, for a shorter trail */
	constructor(seed: number, without: readonly FaultName[]) {
		const chooser = new Random(seed ^ 0x5eed);
		const calm = chooser.oneIn(12);
		for (const [index, name] of faultNames.entries()) {
			const strength = chooser.oneIn(2) ? 0 : [0.5, 1, 1, 3][chooser.below(4)]!;
			this.#strengths.set(name, calm || without.includes(name) ? 0 : strength);
			this.#streams.set(name, new Random(Math.imul(seed + 1, 0x9e3779b1) ^ (index * 7919)));
		}
	}

	/** From now on the world is in order. */
	heal(): void {
		this.#healed = true;
	}

	get healed(): boolean {
		return this.#healed;
	}

	/** This fault happens on the next so many occasions, in whatever seed. */
	force(name: FaultName, times = 1): void {
		this.#forced.set(name, times);
	}

	/** Does this fault happen on this occasion? */
	hit(name: FaultName): boolean {
		const forced = this.#forced.get(name) ?? 0;
		if (forced > 0 && !this.#healed) {
			this.#forced.set(name, forced - 1);
			this.count(name);
			return true;
		}
		const { chance = 0 } = faultKinds[name] as FaultKind;
		const strength = this.#strengths.get(name)!;
		if (this.#healed || strength === 0) return false;
		const isHit = this.#streams.get(name)!.below(1_000_000) < chance * strength * 1_000_000;
		if (isHit) this.count(name);
		return isHit;
	}

	count(name: FaultName): void {
		this.counts[name] = (this.counts[name] ?? 0) + 1;
	}

	/** Pause until this fault comes again, or undefined: it does not come in this seed. */
	pauseMs(name: FaultName): number | undefined {
		const { everyMs } = faultKinds[name] as FaultKind;
		const strength = this.#strengths.get(name)!;
		if (everyMs === undefined || strength === 0) return undefined;
		return 1 + this.#streams.get(name)!.below(Math.round((2 * everyMs) / strength));
	}

	/** Random numbers for how the fault goes. */
	dice(name: FaultName): Random {
		return this.#streams.get(name)!;
	}
}

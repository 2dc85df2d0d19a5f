import { checkEnd } from "test/simulation/checkers";
import type { FaultName } from "test/simulation/faults";
import { K } from "test/simulation/orders";
import { story } from "test/simulation/trail";
import type { Violation } from "test/simulation/violation";
import { heal, startWeather } from "test/simulation/weather";
import { World } from "test/simulation/world";

export interface DayOptions {
	readonly seed: number;
	/** Cards that the reader takes, if the terminal lets it; default 50. */
	readonly swipes?: number;
	readonly without?: readonly FaultName[];
	/** Tell the story of the first violation. */
	readonly story?: boolean;
	/** The story of everything, not of one sale. */
	readonly whole?: boolean;
	/** Make a fingerprint of all that the terminal wrote, sent, showed and printed. */
	readonly digest?: boolean;
}

export interface DayResult {
	readonly seed: number;
	readonly violations: readonly Violation[];
	readonly swipes: number;
	/** Transactions that were begun at the till, by kind as on the journal; 0: settlements asked for. */
	readonly kinds: Readonly<Record<number, number>>;
	/** Requests over the backup channel. */
	readonly overBackup: number;
	/** Batches that were closed. */
	readonly batches: number;
	readonly boots: number;
	readonly powerCuts: number;
	readonly crashes: number;
	readonly faults: Readonly<Record<string, number>>;
	readonly reversals: number;
	readonly repeats: number;
	readonly lateReplies: number;
	/** From the end of the faults until nothing was left to do. */
	readonly drainMs: number;
	readonly simulatedMs: number;
	readonly events: number;
	readonly story: readonly string[];
	/** 16 hex digits, "" when it was not asked for: equal on every engine (G7). */
	readonly digest: string;
}

/** Longest that a sale may say "please wait": 8 s for the link, 20 s for a reversal before it, 60 s for the reply. */
const busyMaxMs = 120_000;
/** Longest draining: a half-open line is found within 140 s, a pause lasts 120 s, and there are up to 64 open ones. */
const drainMaxMs = 1_200_000;
/** A settlement that was put off goes on after five minutes; one that was given up does not. */
const settleMaxMs = 500_000;
const dayMaxMs = 6 * 3_600_000;
/** After the last slip: blocks are erased one each half second. */
const quietMs = 20_000;

/** Plays the day of one seed and checks it. The same seed gives the same result. */
export function runDay(options: DayOptions): DayResult {
	const { seed, swipes = 50, without = [] } = options;
	const world = new World({
		seed,
		swipes,
		without,
		trail: options.story === true,
		digest: options.digest === true,
	});
	startWeather(world);
	world.boot();
	const sound = (): boolean => world.violations.found.length === 0;
	play(world, () => sound() && !world.ended && world.scheduler.nowMs < dayMaxMs);
	const drainMs = drain(world);
	if (sound()) checkEnd(world);
	return resultOf(world, options, drainMs);
}

/**
 * The faults end; the world goes on until nothing is left to do and the printer has been still for a while.
 * @returns how long that took until the terminal had nothing to do any more, ms
 */
export function drain(world: World): number {
	heal(world);
	const healedMs = world.scheduler.nowMs;
	const within = (): boolean =>
		world.violations.found.length === 0 && world.scheduler.nowMs - healedMs < drainMaxMs;
	const rest = (): boolean =>
		world.observer.waiting > 0 ||
		world.host.notices.unanswered > 0 ||
		((world.host.settlement.isHalfWay || world.observer.settling) &&
			world.scheduler.nowMs - healedMs < settleMaxMs) ||
		!world.power.on ||
		world.busySinceMs >= 0;
	// A late 0800 may have changed the host's keys: the terminal learns of it with its next request, and notices wait for that.
	const ask = (): void => {
		if (world.host.notices.unanswered > 0) world.cashier.order(K.Balance);
		if (within() && rest()) world.scheduler.after(120_000, ask);
	};
	world.scheduler.after(120_000, ask);
	play(world, () => within() && rest());
	const drainMs = world.scheduler.nowMs - healedMs;
	quieten(world, within);
	// A block that would not be erased is out of use until the next boot wipes it.
	if ("flashFails" in world.faults.counts) {
		world.cutPower();
		quieten(world, within);
	}
	return drainMs;
}

export function play(world: World, goOn: () => boolean): void {
	while (goOn()) {
		const run = world.scheduler.next();
		if (run === undefined) return world.violations.add("goes on", "nothing is due any more");
		run();
		if (world.busySinceMs >= 0 && world.scheduler.nowMs - world.busySinceMs > busyMaxMs)
			world.violations.add("bounded wait", "the cashier waits for ever", world.cashier.current);
	}
}

/** Until the printer has been still for a while: then the vault had its idle time. */
function quieten(world: World, within: () => boolean): void {
	for (let printed = -1; within() && printed !== world.paper.slips.length;) {
		printed = world.paper.slips.length;
		const untilMs = world.scheduler.nowMs + quietMs;
		play(world, () => within() && world.scheduler.nowMs < untilMs);
	}
}

function resultOf(world: World, options: DayOptions, drainMs: number): DayResult {
	const violations = world.violations.found;
	return {
		seed: options.seed,
		violations,
		swipes: world.cashier.swipes,
		kinds: world.cashier.done,
		overBackup: world.front.requests,
		batches: world.host.settlement.closed.length,
		boots: world.power.boot,
		powerCuts: world.powerCuts - world.crashes,
		crashes: world.crashes,
		faults: world.faults.counts,
		reversals: world.host.books.reversals,
		repeats: world.host.books.repeats + world.broker.duplicates,
		lateReplies: world.observer.lateReplies,
		drainMs,
		simulatedMs: world.scheduler.nowMs,
		events: world.scheduler.events,
		story:
			options.story === true
				? story(world.trail.steps, options.whole === true ? 0 : (violations[0]?.sale ?? 0))
				: [],
		digest: digestOf(world),
	};
}

function digestOf({ digest, journal, vault, scheduler }: World): string {
	if (digest === undefined) return "";
	digest.add(journal.image);
	digest.add(vault.image);
	digest.addNumber(scheduler.events);
	return digest.hex;
}

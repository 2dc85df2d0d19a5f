/** Breadth-first exploration of every state, with the shortest trail to each violation. */
import type { Environment } from "./environment";
import { broken, drains, guaranteeNames, isClosed, postedBefore } from "./guarantees";
import { moves } from "./moves";
import { StateTable } from "./state-table";
import { isFault } from "./steps";
import { World } from "./world";

export interface Exploration {
	readonly states: number;
	readonly transitions: number;
	/** Longest shortest way to any state. */
	readonly depth: number;
	readonly seconds: number;
	/** Broken guarantees with their shortest trail; by number of the guarantee. */
	readonly violations: ReadonlyMap<number, readonly TrailStep[]>;
	/** Most steps that any state needs until it is closed once the faults stop; undefined: some never are. */
	readonly longestDrain: number | undefined;
}

export interface TrailStep {
	readonly code: number;
	readonly before: World;
	readonly after: World;
}

export interface ExploreOptions {
	/** Look for guarantees of these numbers only and stop when all were seen broken; all by default. */
	readonly only?: readonly number[];
	/** Sees every transition that is found; for tests. */
	readonly onTransition?: (before: World, after: World, code: number) => void;
	/** A guard against a model that grows without bound. */
	readonly statesMax?: number;
}

/** @throws RangeError beyond `statesMax` (20 million) */
export function explore(environment: Environment, options: ExploreOptions = {}): Exploration {
	const startMs = performance.now();
	const { only, onTransition, statesMax = 20_000_000 } = options;
	const search = new Search(environment, statesMax);
	const wanted = new Set(only ?? guaranteeNames.map((_, number) => number));
	const complete = search.run(wanted, only !== undefined, onTransition);
	const violations = new Map<number, readonly TrailStep[]>();
	for (const [guarantee, index] of search.found) violations.set(guarantee, search.trail(index));
	let longestDrain: number | undefined;
	if (complete && wanted.has(drains)) {
		const drained = search.drain();
		if (drained.stuck < 0) longestDrain = drained.longest;
		else violations.set(drains, search.trail(drained.stuck));
	}
	const { transitions, depth } = search;
	const seconds = (performance.now() - startMs) / 1000;
	return { states: search.size, transitions, depth, seconds, violations, longestDrain };
}

class Search {
	readonly found = new Map<number, number>();
	transitions = 0;
	depth = 0;
	readonly #environment: Environment;
	readonly #table: StateTable;
	readonly #before: number;
	/** Transitions without fault, as pairs of indexes. */
	#edges = new Int32Array(1 << 20);
	#edgeCount = 0;

	constructor(environment: Environment, statesMax: number) {
		this.#environment = environment;
		this.#table = new StateTable(statesMax);
		this.#before = postedBefore(environment);
	}

	get size(): number {
		return this.#table.size;
	}

	/** @returns false when it stopped early, all of `wanted` being found */
	run(
		wanted: ReadonlySet<number>,
		early: boolean,
		onTransition?: (before: World, after: World, code: number) => void,
	): boolean {
		const table = this.#table;
		const world = new World();
		const next = new World();
		if (this.#before > 0) world.posts = world.saleSeen = 1;
		table.add(world.body, world.net, -1, 0);
		this.#check(0, world, wanted);
		let levelEnd = 1;
		for (let index = 0; index < table.size; index++) {
			if (index === levelEnd) {
				this.depth++;
				levelEnd = table.size;
			}
			table.load(index, world);
			moves(world, next, this.#environment, (code) => {
				this.transitions++;
				const known = table.size;
				const to = table.add(next.body, next.net, index, code);
				if (to === known) this.#check(to, next, wanted);
				if (!isFault(code)) this.#edge(index, to);
				onTransition?.(world, next, code);
			});
			if (early && this.found.size > 0) return false;
		}
		return true;
	}

	trail(index: number): readonly TrailStep[] {
		const steps: TrailStep[] = [];
		for (let at = index; at > 0; at = this.#table.parent(at)) {
			const before = this.#table.load(this.#table.parent(at), new World());
			steps.unshift({
				code: this.#table.code(at),
				before,
				after: this.#table.load(at, new World()),
			});
		}
		return steps;
	}

	/** Backwards from the closed states over the transitions without fault. */
	drain(): { readonly longest: number; readonly stuck: number } {
		const size = this.#table.size;
		const { starts, sources } = this.#reversed(size);
		const distance = new Int32Array(size).fill(-1);
		const queue = new Int32Array(size);
		let length = 0;
		const world = new World();
		for (let index = 0; index < size; index++)
			if (isClosed(this.#table.load(index, world))) {
				distance[index] = 0;
				queue[length++] = index;
			}
		let longest = 0;
		for (let at = 0; at < length; at++) {
			const to = queue[at]!;
			longest = distance[to]!;
			for (let i = starts[to]!; i < starts[to + 1]!; i++) {
				const from = sources[i]!;
				if (distance[from]! >= 0) continue;
				distance[from] = longest + 1;
				queue[length++] = from;
			}
		}
		return { longest, stuck: distance.indexOf(-1) };
	}

	#check(index: number, world: World, wanted: ReadonlySet<number>): void {
		const bits = broken(world, this.#before);
		for (let number = 0, rest = bits; rest !== 0; number++, rest >>= 1)
			if ((rest & 1) !== 0 && wanted.has(number) && !this.found.has(number))
				this.found.set(number, index);
	}

	#edge(from: number, to: number): void {
		if (this.#edgeCount === this.#edges.length) {
			const grown = new Int32Array(this.#edges.length * 2);
			grown.set(this.#edges);
			this.#edges = grown;
		}
		this.#edges[this.#edgeCount++] = from;
		this.#edges[this.#edgeCount++] = to;
	}

	/** For each state the states before it: `sources` from starts[n] to starts[n + 1]. */
	#reversed(size: number): { readonly starts: Int32Array; readonly sources: Int32Array } {
		const starts = new Int32Array(size + 2);
		for (let i = 1; i < this.#edgeCount; i += 2) starts[this.#edges[i]! + 2]!++;
		for (let index = 2; index < size + 2; index++) starts[index]! += starts[index - 1]!;
		const sources = new Int32Array(this.#edgeCount / 2);
		for (let i = 0; i < this.#edgeCount; i += 2)
			sources[starts[this.#edges[i + 1]! + 1]!++] = this.#edges[i]!;
		return { starts, sources };
	}
}

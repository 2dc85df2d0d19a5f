/** One thing that happened, for a person to read. */
export interface Step {
	readonly atMs: number;
	readonly text: string;
	/** The sale that it is about, by its amount; 0: the world. */
	readonly sale: number;
}

/** What happened, in order. Kept only when somebody will read it: the run is the same either way. */
export class Trail {
	readonly steps: Step[] = [];
	/** Somebody will read it. */
	readonly isKept: boolean;
	readonly #nowMs: () => number;

	constructor(kept: boolean, nowMs: () => number) {
		this.isKept = kept;
		this.#nowMs = nowMs;
	}

	/** @param sale its amount in minor units: every sale of a seed has its own */
	note(text: string | (() => string), sale = 0): void {
		if (!this.isKept) return;
		this.steps.push({ atMs: this.#nowMs(), text: typeof text === "string" ? text : text(), sale });
	}
}

/**
 * The steps that tell the story of one sale: its own, and what happened to the world meanwhile.
 * @param sale 0: all
 */
export function story(steps: readonly Step[], sale: number): string[] {
	const own = steps.filter((step) => step.sale === sale);
	const fromMs = own[0]?.atMs ?? 0;
	const untilMs = own[own.length - 1]?.atMs ?? Infinity;
	return steps
		.filter((step) => sale === 0 || step.sale === sale || step.sale === 0)
		.filter((step) => sale === 0 || (step.atMs >= fromMs - 1000 && step.atMs <= untilMs + 1000))
		.map(({ atMs, text }) => `${time(atMs)}  ${text}`);
}

function time(atMs: number): string {
	const seconds = Math.floor(atMs / 1000);
	const two = (value: number): string => String(value).padStart(2, "0");
	const clock = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
	return `${clock.map(two).join(":")}.${String(Math.floor(atMs % 1000)).padStart(3, "0")}`;
}

/** Who plays the days: the bundle in this process, or the same sources in an XS machine. */
import { XsProgram } from "../../simulator/bench/board/xs-program";
import { loadSimulation } from "./build";
import type { DayOptions, DayResult } from "./day";

export const engines = Object.freeze(["node", "xs"] as const);
export type EngineName = (typeof engines)[number];

export interface Player {
	readonly play: (options: DayOptions) => DayResult | Promise<DayResult>;
	readonly close: () => void;
}

/** A day on XS takes about a second. */
const dayTimeoutMs = 120_000;

const xsSource = 'import { runDay } from "test/simulation/day"; globalThis.runDay = runDay;';

/** @throws Error when the sources do not compile or load */
export async function openPlayer(engine: EngineName): Promise<Player> {
	if (engine === "node") {
		const { runDay } = await loadSimulation("firmware");
		return { play: runDay, close: () => {} };
	}
	const program = await XsProgram.load({
		source: xsSource,
		name: "simulation",
		callTimeoutMs: dayTimeoutMs,
	});
	const play = async (options: DayOptions): Promise<DayResult> =>
		(await program.call<DayResult>("runDay", options)).value;
	return { play, close: () => program.close() };
}

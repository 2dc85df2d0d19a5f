/** What the bundle of the simulation offers to those who play it. */
import { scenarios } from "test/simulation/scenarios";

export { runCuts } from "test/simulation/cuts";
export { runDay } from "test/simulation/day";
export const scenarioNames: readonly string[] = scenarios.map(({ name }) => name);

/** States of the modem's way to the network. Numbers are logged (ModemState): append only. */
export const BringUpState = Object.freeze({
	Off: 0,
	Sync: 1,
	Setup: 2,
	Sim: 3,
	SimMissing: 4,
	SimLocked: 5,
	Registration: 6,
	Clock: 7,
	Activation: 8,
	Up: 9,
	Deactivation: 10,
	Backoff: 11,
	Reset: 12,
} as const);
export type BringUpState = (typeof BringUpState)[keyof typeof BringUpState];

export interface StateRow {
	/** For the console. */
	readonly name: string;
	/** How long the state may last; 0: it ends by itself. */
	readonly deadlineMs: number;
	/** Where the deadline leads. `Backoff` stands for the whole way: wait, restart, synchronise. */
	readonly late: BringUpState;
}

function row(name: string, deadlineMs: number, late: BringUpState): StateRow {
	return Object.freeze({ name, deadlineMs, late });
}

/**
 *   Sync ─▶ Setup ─▶ Sim ─▶ Registration ─▶ Clock ─▶ Activation ─▶ Up ─▶ Deactivation ─▶ Registration …
 *                    │  ▲                                   (three tries)
 *                    ▼  │ every 10 or 30 s: a missing card never restarts the module
 *              SimMissing, SimLocked
 *
 *   any: a late state, a silent module ─▶ Backoff ─▶ Reset (when the budget allows it) ─▶ Sync
 *   any: the module says that it started ─▶ Sync
 */
export const bringUpRows: readonly StateRow[] = Object.freeze([
	row("off", 0, BringUpState.Off),
	// The channel has its own deadline here.
	row("starting", 0, BringUpState.Backoff),
	row("starting", 30_000, BringUpState.Backoff),
	row("sim", 20_000, BringUpState.SimMissing),
	row("sim-missing", 0, BringUpState.SimMissing),
	row("sim-locked", 0, BringUpState.SimLocked),
	row("searching", 90_000, BringUpState.Backoff),
	row("registered", 10_000, BringUpState.Activation),
	row("connecting", 0, BringUpState.Backoff),
	row("up", 0, BringUpState.Up),
	row("disconnecting", 60_000, BringUpState.Backoff),
	row("waiting", 0, BringUpState.Reset),
	row("restarting", 20_000, BringUpState.Sync),
]);

/** What must hold, in every state that can be reached. */
import type { Environment } from "./environment";
import { after, St, stateNames } from "./terminal";
import { Pc, Told, type World } from "./world";

export const guaranteeNames = Object.freeze([
	"approved means posted",
	"refused or reversed means not posted",
	"a sale is never posted twice",
	"what was shown stays true",
	"forwarded means posted",
	"a refused stored sale is not posted",
	"a stored sale is never posted twice",
	"a stored sale can be forwarded",
	"card data is wiped",
	"no other sale is touched",
	"the queue drains",
] as const);
export type GuaranteeName = (typeof guaranteeNames)[number];

/** Number of the last one, which is a property of the whole graph. */
export const drains = guaranteeNames.length - 1;

/** Postings that stand before the swipe: an earlier sale under the same STAN, where a rule is off. */
export function postedBefore({ rules }: Environment): number {
	return rules["STAN-unique-in-batch"] ? 0 : 1;
}

const income: readonly number[] = [St.Approved, St.Settled];
const none: readonly number[] = [St.Declined, St.Reversed, St.Abandoned, St.Deleted];
const parked: readonly number[] = [St.ReversalParked, St.ForwardRefused];

/** @returns bit n is set when guarantee n does not hold in this state */
export function broken(world: World, before: number): number {
	const { state, told } = world;
	const own = world.posted - before;
	const twice = own > 1;
	const viaStore = told === Told.Stored;
	let bits = 0;
	if (own < 0) return 1 << 9;
	if (income.includes(state) && !viaStore && own < 1) bits |= 1 << 0;
	if (none.includes(state) && world.quiet && own > 0) bits |= 1 << 1;
	if (twice) bits |= viaStore ? 1 << 6 : 1 << 2;
	if (told === Told.Approved && world.pc !== Pc.ShownUnrecorded && !income.includes(state))
		bits |= 1 << 3;
	if (told === Told.NotApproved && income.includes(state)) bits |= 1 << 3;
	if (viaStore && (state === St.Forwarded || state === St.Settled) && own < 1) bits |= 1 << 4;
	if (state === St.ForwardRefused && world.quiet && own > 0) bits |= 1 << 5;
	if (state === St.Stored && world.vault === 0 && world.power > 0 && world.pc === Pc.Idle)
		bits |= 1 << 7;
	if (isClosed(world) && world.vault > 0) bits |= 1 << 8;
	return bits;
}

/** Nothing is left to do for the terminal by itself. */
export function isClosed(world: World): boolean {
	if (world.power === 0 || world.pc !== Pc.Idle) return false;
	if (world.state === St.Approved) return world.told !== Told.Nothing;
	return none.includes(world.state) || parked.includes(world.state) || isEnd(world.state);
}

function isEnd(state: number): boolean {
	return stateNames[state] === "forwarded" || after(state, "Settle") >= 0 || state === St.Settled;
}

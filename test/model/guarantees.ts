/** What must hold, in every state that can be reached. */
import type { Environment } from "./environment";
import { St } from "./terminal";
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
const ends: readonly number[] = [
	...none,
	St.ReversalParked,
	St.ForwardRefused,
	St.Forwarded,
	St.Settled,
];

/** @returns bit n is set when guarantee n does not hold in this state */
export function broken(world: World, before: number): number {
	const own = world.posted - before;
	if (own < 0) return 1 << 9;
	const closed = isClosed(world) && world.vault > 0 ? 1 << 8 : 0;
	return (
		closed |
		shownWrong(world) |
		(world.told === Told.Stored ? stored(world, own) : sale(world, own))
	);
}

/** A sale that went online. @param own its postings that stand */
function sale({ state, quiet }: World, own: number): number {
	let bits = 0;
	if (income.includes(state) && own < 1) bits |= 1 << 0;
	if (none.includes(state) && quiet && own > 0) bits |= 1 << 1;
	return own > 1 ? bits | (1 << 2) : bits;
}

/** A stored sale. @param own its postings that stand */
function stored({ state, quiet, vault, power, pc }: World, own: number): number {
	let bits = 0;
	if ((state === St.Forwarded || state === St.Settled) && own < 1) bits |= 1 << 4;
	if (state === St.ForwardRefused && quiet && own > 0) bits |= 1 << 5;
	if (state === St.Stored && vault === 0 && power > 0 && pc === Pc.Idle) bits |= 1 << 7;
	return own > 1 ? bits | (1 << 6) : bits;
}

function shownWrong({ state, told, pc }: World): number {
	const wrongly = told === Told.Approved && pc !== Pc.ShownUnrecorded && !income.includes(state);
	const after = told === Told.NotApproved && income.includes(state);
	return wrongly || after ? 1 << 3 : 0;
}

/** Nothing is left to do for the terminal by itself. */
export function isClosed(world: World): boolean {
	if (world.power === 0 || world.pc !== Pc.Idle) return false;
	if (world.state === St.Approved) return world.told !== Told.Nothing;
	return ends.includes(world.state);
}

/** The model's host: what a request that arrives does to its books, and what is answered. */
import type { Environment } from "./environment";
import { crashFlag, keepFlag, Step, stepCode, Verdict, verdictBits, type Emit } from "./steps";
import { Phase, Reply, Request, type World } from "./world";

interface Arrival {
	readonly world: World;
	readonly next: World;
	readonly environment: Environment;
	readonly emit: Emit;
	readonly request: Request;
}

const requests: readonly Request[] = Object.freeze(Object.values(Request));

/** Every way in which the host may take any request that is under way. */
export function hostSteps(world: World, next: World, environment: Environment, emit: Emit): void {
	for (const request of requests)
		if (world.has(request)) arrive({ world, next, environment, emit, request });
	if (!environment.rules["host-durable-before-answer"]) forget(world, next, emit);
}

function arrive(arrival: Arrival): void {
	switch (arrival.request) {
		case Request.Sale:
		case Request.SaleAgain:
			sale(arrival);
			break;
		case Request.Reversal:
		case Request.OldReversal:
			reversal(arrival, arrival.request === Request.Reversal ? 0 : 4);
			break;
		case Request.Forward:
		case Request.OldForward:
			forward(arrival, arrival.request === Request.Forward ? 0 : 3);
			break;
		case Request.ForwardNew:
		case Request.OldForwardNew:
			forwardNew(arrival, arrival.request === Request.ForwardNew ? 0 : 3);
	}
}

/**
 * One verdict, in its variants: answered; the host crashes when its books are written and before it answers;
 * and each of them with another copy of the request still under way.
 */
function decide(
	{ world, next, environment, emit, request }: Arrival,
	verdict: Verdict,
	reply: Reply,
	change: (world: World) => void,
	fault = false,
): void {
	const { network, bounds } = environment;
	const keeps =
		verdict === Verdict.InProgress ? [true] : network.duplicates ? [false, true] : [false];
	for (const keep of keeps)
		for (const crash of [false, true]) {
			next.copy(world);
			change(next);
			if (!keep) next.take(request);
			if (!crash) next.answer(reply, bounds.replies);
			const flags = (crash ? crashFlag : 0) | (keep ? keepFlag : 0);
			const argument = verdict | (request << verdictBits) | flags;
			emit(stepCode(Step.Host, argument, fault || crash || keep));
		}
}

const nothing = (): void => undefined;
const post = (world: World): void => {
	world.posts = Math.min(3, world.posts + 1);
};
const postSale = (world: World): void => {
	post(world);
	world.saleSeen = 1;
};
const refuseSale = (world: World): void => {
	world.saleRefused = 1;
};

function sale(arrival: Arrival): void {
	const { world, request } = arrival;
	const { host, rules } = arrival.environment;
	const known = host.idempotent === "stan" ? world.posts > 0 : world.saleSeen > 0;
	const idempotent = host.idempotent !== "none";
	const over = world.phase >= (request === Request.Sale ? Phase.Over : Phase.SecondOver);
	// Clocks differ: within the margin either may be the case.
	const stale = (): void => decide(arrival, Verdict.Stale, Reply.SaleDoubt, refuseSale, !over);
	if (host.staleCheck && host.ageFirst) stale();
	if (idempotent && known) return decide(arrival, Verdict.Known, Reply.SaleDoubt, nothing);
	if (host.tombstones && world.tombstone > 0)
		return decide(arrival, Verdict.Tombstoned, Reply.SaleDoubt, refuseSale);
	if (idempotent && world.saleRefused > 0)
		return decide(arrival, Verdict.Known, Reply.SaleDoubt, nothing);
	if (host.staleCheck && !host.ageFirst) stale();
	if (host.staleCheck && over && rules["clock-within-margin"]) return;
	decide(arrival, Verdict.Approve, Reply.SaleApproved, postSale);
	decide(arrival, Verdict.Refuse, Reply.SaleRefused, refuseSale);
	decide(arrival, Verdict.UnsurePosted, Reply.SaleDoubt, postSale, true);
	decide(arrival, Verdict.Unsure, Reply.SaleDoubt, refuseSale, true);
	if (host.saysInProgress) decide(arrival, Verdict.InProgress, Reply.SaleDoubt, nothing, true);
}

/** @param age distance to the replies of earlier attempts */
function reversal(arrival: Arrival, age: 0 | 4): void {
	const { world } = arrival;
	const { host, rules } = arrival.environment;
	const reply = (current: number): Reply => (current + age) as Reply;
	decide(arrival, Verdict.Later, reply(Reply.ReversalLater), nothing, true);
	decide(arrival, Verdict.Odd, reply(Reply.ReversalOdd), nothing, true);
	if (!rules["same-STAN-for-reversal"])
		return host.tombstones
			? decide(arrival, Verdict.Tombstone, reply(Reply.Reversed), nothing)
			: decide(arrival, Verdict.NoOriginal, reply(Reply.NoOriginal), nothing);
	if (world.posted > 0)
		return decide(arrival, Verdict.Reversed, reply(Reply.Reversed), (after) => {
			after.reversals++;
		});
	if (world.posts > 0)
		return host.idempotent !== "none"
			? decide(arrival, Verdict.ReversedBefore, reply(Reply.Reversed), nothing)
			: decide(arrival, Verdict.NothingLeft, reply(Reply.NoOriginal), nothing);
	if (!host.tombstones)
		return decide(arrival, Verdict.NoOriginal, reply(Reply.NoOriginal), nothing);
	decide(arrival, Verdict.Tombstone, reply(Reply.Reversed), (after) => {
		after.tombstone = 1;
	});
}

/** @param age distance to the replies of earlier attempts */
function forward(arrival: Arrival, age: 0 | 3): void {
	const { world } = arrival;
	const { host, rules } = arrival.environment;
	const reply = (current: number): Reply => (current + age) as Reply;
	const accepted = reply(Reply.Forwarded);
	const refused = reply(Reply.ForwardRefused);
	decide(arrival, Verdict.Later, reply(Reply.ForwardLater), nothing, true);
	const known = host.idempotent === "stan" ? world.posts > 0 : world.forwardSeen > 0;
	if (host.idempotent !== "none" && known)
		return world.posted > 0
			? decide(arrival, Verdict.Known, accepted, nothing)
			: decide(arrival, Verdict.KnownReversed, refused, nothing);
	if (host.tombstones && world.tombstone > 0)
		return decide(arrival, Verdict.Tombstoned, refused, nothing);
	if (world.forwardRefused > 0 && rules["host-keeps-refusal"])
		return decide(arrival, Verdict.Refuse, refused, nothing);
	decide(arrival, Verdict.Approve, accepted, (after) => {
		post(after);
		after.forwardSeen = 1;
	});
	decide(arrival, Verdict.Refuse, refused, (after) => {
		after.forwardRefused = 1;
	});
}

/** A stored sale under a second STAN: to the host it is another sale. */
function forwardNew(arrival: Arrival, age: 0 | 3): void {
	const { world } = arrival;
	const accepted = (Reply.Forwarded + age) as Reply;
	if (world.newStanSeen > 0 && arrival.environment.host.idempotent !== "none")
		return decide(arrival, Verdict.Known, accepted, nothing);
	decide(arrival, Verdict.Approve, accepted, (after) => {
		post(after);
		after.newStanSeen = 1;
	});
}

function forget(world: World, next: World, emit: Emit): void {
	next.copy(world);
	next.posts = next.reversals = next.saleSeen = next.forwardSeen = 0;
	next.newStanSeen = next.saleRefused = next.forwardRefused = next.tombstone = 0;
	emit(stepCode(Step.HostForgets, 0, true));
}

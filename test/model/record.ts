/** What the model's terminal writes down. */
import type { Environment } from "./environment";
import { after, St, type InputName } from "./terminal";
import { Pc, Told, type World } from "./world";

/** Journals a transition of the table, and tells the customer what he may be told without more ado. */
export function advance(next: World, input: InputName): void {
	const state = after(next.state, input);
	if (state < 0) throw new Error(`model: ${input} in state ${next.state}`);
	next.state = state;
	const notApproved = state === St.Declined || state === St.ReversalDue || state === St.Abandoned;
	if (notApproved && next.told === Told.Nothing) next.told = Told.NotApproved;
	if (state === St.Stored && next.told === Told.Nothing) next.told = Told.Stored;
}

/** One more try was in vain; counted only where a rule that is off makes something of it. */
export function unanswered(next: World, { rules }: Environment): void {
	const counts =
		next.pc === Pc.WaitReversal
			? !rules["reversal-kept-until-answered"]
			: !rules["same-STAN-for-stored-resend"];
	if (counts) next.tries = Math.min(3, next.tries + 1);
}

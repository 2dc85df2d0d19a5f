/** What the terminal makes of a reply: its decisions come from the tables in terminal.ts. */
import type { Environment } from "./environment";
import { advance, unanswered } from "./record";
import { keepFlag, Step, stepCode, type Emit } from "./steps";
import { forwardInput, reversalInput, saleInput, St, type Outcome } from "./terminal";
import { Pc, Phase, Reply, Told, type World } from "./world";

const answered = (code: string): Outcome => Object.freeze({ code, proved: true });

/** Stands for each kind of reply; test/bench/model.test.ts goes through all the codes. */
const outcomes: Readonly<Record<Reply, Outcome>> = Object.freeze({
	[Reply.SaleApproved]: answered("00"),
	[Reply.SaleRefused]: answered("51"),
	[Reply.SaleDoubt]: answered("94"),
	[Reply.SaleBadMac]: "MAC wrong",
	[Reply.Reversed]: answered("00"),
	[Reply.NoOriginal]: answered("25"),
	[Reply.ReversalLater]: answered("96"),
	[Reply.ReversalOdd]: answered("05"),
	[Reply.OldReversed]: answered("00"),
	[Reply.OldNoOriginal]: answered("25"),
	[Reply.OldReversalLater]: answered("96"),
	[Reply.OldReversalOdd]: answered("05"),
	[Reply.Forwarded]: answered("00"),
	[Reply.ForwardRefused]: answered("51"),
	[Reply.ForwardLater]: answered("96"),
	[Reply.OldForwarded]: answered("00"),
	[Reply.OldForwardRefused]: answered("51"),
	[Reply.OldForwardLater]: answered("96"),
});

const replies: readonly Reply[] = Object.freeze(Object.values(Reply));
const isOld = (reply: Reply): boolean =>
	(reply >= Reply.OldReversed && reply <= Reply.OldReversalOdd) || reply >= Reply.OldForwarded;

/** Each reply that is under way arrives: taken, or noted and dropped. */
export function terminalReplies(
	world: World,
	next: World,
	environment: Environment,
	emit: Emit,
): void {
	for (const reply of replies) {
		if (!world.hasReply(reply)) continue;
		for (const copies of environment.network.duplicates ? [0, keepFlag] : [0]) {
			next.copy(world);
			if (copies === 0) next.takeReply(reply);
			const taken = take(world, next, environment, reply);
			// A copy of what is dropped changes nothing.
			if (taken || copies === 0)
				emit(stepCode(taken ? Step.TakeReply : Step.DropReply, reply | copies, copies > 0));
		}
	}
}

/** @returns the reply counted */
function take(world: World, next: World, environment: Environment, reply: Reply): boolean {
	if (reply <= Reply.SaleBadMac) return saleReply(world, next, environment, reply);
	if (reply <= Reply.OldReversalOdd) return reversalReply(world, next, environment, reply);
	return forwardReply(world, next, environment, reply);
}

function saleReply(world: World, next: World, { rules }: Environment, reply: Reply): boolean {
	const outcome = outcomes[reply];
	if (world.pc !== Pc.WaitSale && world.pc !== Pc.WaitSecond) {
		const late = world.state === St.ReversalDue && reply === Reply.SaleApproved;
		if (!late || rules["late-reply-never-approves"]) return false;
		next.state = St.Approved;
		next.endAttempt();
		next.pc = Pc.Idle;
		return true;
	}
	let input = saleInput(outcome);
	if (reply === Reply.SaleDoubt && !rules["doubtful-codes-are-reversed"]) input = "Decline";
	if (input === "Approve" && !rules["durable-before-shown"]) {
		next.told = Told.Approved;
		next.pc = Pc.ShownUnrecorded;
		return true;
	}
	advance(next, input);
	next.pc = input === "Approve" ? Pc.Card : Pc.Idle;
	return true;
}

/** A reply of an earlier attempt counts only where a rule is off. */
function counts(world: World, { rules }: Environment, reply: Reply): boolean {
	if (!isOld(reply)) return true;
	if (!rules["reply-of-this-attempt-only"]) return true;
	if (!rules["25-matched-to-attempt"] && reply === Reply.OldNoOriginal) return true;
	return !rules["attempt-number-never-reused"] && world.forgot > 0;
}

function reversalReply(world: World, next: World, environment: Environment, reply: Reply): boolean {
	const { rules } = environment;
	if (world.pc !== Pc.WaitReversal || !counts(world, environment, reply)) return false;
	const noOriginal = reply === Reply.NoOriginal || reply === Reply.OldNoOriginal;
	const over = rules["no-resend-on-other-channel"] ? Phase.Over : Phase.SecondOver;
	let lifeOver = world.afterLife > 0;
	if (!rules["25-judged-by-time-of-sending"]) lifeOver = world.phase >= over;
	if (!rules["close-on-25-only-after-life"]) lifeOver = true;
	if (noOriginal && !rules["25-closes-in-the-end"]) lifeOver = false;
	const input = reversalInput(outcomes[reply], lifeOver);
	if (input === undefined) unanswered(next, environment);
	else advance(next, input);
	next.endAttempt();
	next.pc = Pc.Idle;
	return true;
}

function forwardReply(world: World, next: World, environment: Environment, reply: Reply): boolean {
	if (world.pc !== Pc.WaitForward || !counts(world, environment, reply)) return false;
	const input = forwardInput(outcomes[reply]);
	if (input === undefined) unanswered(next, environment);
	next.endAttempt();
	next.pc = Pc.Idle;
	if (input === undefined) return true;
	if (input === "ForwardAccepted" && !environment.rules["outcome-before-wipe"]) {
		next.vault = 0;
		next.pc = Pc.WipedUnrecorded;
		return true;
	}
	advance(next, input);
	next.pc = Pc.Wipe;
	return true;
}

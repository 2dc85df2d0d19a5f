/** Every step that can follow on a state: terminal, customer and card, power, time and network. */
import type { Environment } from "./environment";
import { hostSteps } from "./host";
import { Step, stepCode, type Emit } from "./steps";
import { St } from "./terminal";
import { advance, unanswered } from "./record";
import { terminalReplies } from "./replies";
import { Pc, Phase, Reply, Request, Told, type World } from "./world";

const replies: readonly Reply[] = Object.freeze(Object.values(Reply));
const requests: readonly Request[] = Object.freeze(Object.values(Request));

/**
 * Emits every successor.
 * @param next scratch: holds the successor when `emit` is called
 */
export function moves(world: World, next: World, environment: Environment, emit: Emit): void {
	if (world.power > 0) {
		terminalSteps(world, next, environment, emit);
		terminalReplies(world, next, environment, emit);
		powerCut(world, next, emit);
	} else boot(world, next, environment, emit);
	time(world, next, environment, emit);
	network(world, next, environment, emit);
	hostSteps(world, next, environment, emit);
	person(world, next, emit);
}

function terminalSteps(world: World, next: World, environment: Environment, emit: Emit): void {
	const step = (code: number, change: () => void): void => {
		next.copy(world);
		change();
		emit(code);
	};
	const plain = (which: Step): number => stepCode(which, 0, false);
	switch (world.pc) {
		case Pc.Serve:
			serve(environment, next, step);
			break;
		case Pc.Ready:
			step(plain(Step.HandOver), () => {
				next.send(Request.Sale, environment.bounds.requests);
				next.pc = Pc.WaitSale;
			});
			step(stepCode(Step.HandOverRefused, 0, true), () => {
				advance(next, "Doubt");
				next.pc = Pc.Idle;
			});
			break;
		case Pc.SentUnrecorded:
			step(plain(Step.RecordSending), () => {
				advance(next, "Send");
				next.pc = Pc.WaitSale;
			});
			break;
		case Pc.WaitSale:
		case Pc.WaitSecond:
			waitEnds(world, next, environment, emit);
			break;
		case Pc.Card:
			step(stepCode(Step.CardFailed, 0, true), () => {
				advance(next, "CardFailed");
				next.pc = Pc.Idle;
				// The firmware has dropped the time of sending by then, and counts from its boot.
				next.forgot = 1;
			});
			break;
		case Pc.ShownUnrecorded:
			step(plain(Step.RecordOutcome), () => {
				advance(next, "Approve");
				next.pc = Pc.Idle;
			});
			break;
		case Pc.VaultPut:
			step(plain(Step.RecordStored), () => {
				advance(next, "Store");
				next.pc = Pc.Idle;
			});
			break;
		case Pc.StoredWithoutCard:
			step(plain(Step.VaultPutLast), () => {
				next.vault = 1;
				next.pc = Pc.Idle;
			});
			break;
		case Pc.WaitReversal:
		case Pc.WaitForward:
			step(stepCode(Step.RepeatUnanswered, world.pc, false), () => {
				unanswered(next, environment);
				next.endAttempt();
				next.pc = Pc.Idle;
			});
			break;
		case Pc.Wipe:
			step(plain(Step.Wipe), () => {
				next.vault = 0;
				next.pc = Pc.Idle;
			});
			break;
		case Pc.WipedUnrecorded:
			step(plain(Step.RecordOutcome), () => {
				advance(next, "ForwardAccepted");
				next.pc = Pc.Idle;
			});
			break;
		case Pc.Idle:
			idle(world, next, environment, step);
	}
	const showable = world.pc === Pc.Idle || world.pc === Pc.Card;
	if (world.state === St.Approved && world.told === Told.Nothing && showable)
		step(plain(Step.ShowApproved), () => {
			next.told = Told.Approved;
			next.pc = Pc.Idle;
		});
}

type Take = (code: number, change: () => void) => void;

function serve({ rules, bounds }: Environment, next: World, step: Take): void {
	if (rules["durable-before-send"])
		step(stepCode(Step.RecordSending, 0, false), () => {
			advance(next, "Send");
			next.pc = Pc.Ready;
		});
	else
		step(stepCode(Step.SendUnrecorded, 0, false), () => {
			next.send(Request.Sale, bounds.requests);
			next.pc = Pc.SentUnrecorded;
		});
	if (rules["vault-before-state"])
		step(stepCode(Step.VaultPut, 0, false), () => {
			next.vault = 1;
			next.pc = Pc.VaultPut;
		});
	else
		step(stepCode(Step.RecordStoredFirst, 0, false), () => {
			advance(next, "Store");
			next.pc = Pc.StoredWithoutCard;
		});
	step(stepCode(Step.Abandon, 0, false), () => {
		advance(next, "Abandon");
		next.pc = Pc.Idle;
	});
}

/** The wait for the reply to a sale ends without one. */
function waitEnds(world: World, next: World, { rules, bounds }: Environment, emit: Emit): void {
	const deadline = world.phase >= Phase.Deadline;
	const causes = deadline ? [Step.Deadline, Step.ConnectionBreaks] : [Step.ConnectionBreaks];
	for (const cause of causes) {
		next.copy(world);
		if (!rules["no-resend-on-other-channel"] && world.pc === Pc.WaitSale) {
			next.send(Request.SaleAgain, bounds.requests);
			next.pc = Pc.WaitSecond;
			emit(stepCode(Step.ResendOther, deadline ? 1 : 0, cause !== Step.Deadline));
		} else if (!rules["no-store-after-may-have-left"]) {
			next.state = St.Stored;
			next.vault = 1;
			next.told = Told.Stored;
			next.pc = Pc.Idle;
			emit(stepCode(Step.StoreAfterAll, cause === Step.Deadline ? 1 : 0, cause !== Step.Deadline));
		} else {
			advance(next, "Doubt");
			next.pc = Pc.Idle;
			emit(stepCode(cause, 0, cause !== Step.Deadline));
		}
	}
}

function idle(world: World, next: World, environment: Environment, step: Take): void {
	const { rules, bounds } = environment;
	if (world.state === St.ReversalDue) {
		if (!rules["reversal-kept-until-answered"] && world.tries >= 3)
			step(stepCode(Step.DeleteReversal, 0, false), () => {
				next.state = St.Deleted;
			});
		else sendReversal(world, next, environment, step);
	}
	if (world.state === St.Stored && world.vault > 0)
		step(stepCode(Step.SendForward, world.tries > 0 ? 1 : 0, false), () => {
			next.send(world.tries > 0 ? Request.ForwardNew : Request.Forward, bounds.requests);
			next.pc = Pc.WaitForward;
		});
	if (world.state === St.Stored && world.vault === 0)
		step(stepCode(Step.ParkWithoutCard, 0, false), () => advance(next, "ForwardRefused"));
	const paid = world.state === St.Approved && world.told === Told.Approved;
	if (paid || world.state === St.Forwarded)
		step(stepCode(Step.Settle, 0, false), () => advance(next, "Settle"));
}

/** The terminal may take the life for over later than it is (after a boot), never earlier. */
function sendReversal(world: World, next: World, environment: Environment, step: Take): void {
	const { rules, bounds } = environment;
	const over = rules["no-resend-on-other-channel"] ? Phase.Over : Phase.SecondOver;
	const early = world.forgot > 0 && rules["attempt-number-never-reused"];
	const choices = world.phase >= over || early ? [0, 1] : [0];
	for (const afterLife of choices)
		step(stepCode(Step.SendReversal, afterLife, false), () => {
			next.send(Request.Reversal, bounds.requests);
			next.afterLife = afterLife;
			next.pc = Pc.WaitReversal;
		});
}

function powerCut(world: World, next: World, emit: Emit): void {
	next.copy(world);
	next.power = 0;
	next.pc = Pc.Idle;
	next.tries = 0;
	next.forgot = 0;
	next.endAttempt();
	emit(stepCode(Step.PowerCut, world.pc, true));
}

/** Closes rightly what the power cut left open. */
function boot(world: World, next: World, { rules }: Environment, emit: Emit): void {
	next.copy(world);
	next.power = 1;
	if (world.state === St.Opened) advance(next, "Abandon");
	if (world.state === St.Sending) {
		if (rules["boot-treats-sending-as-doubt"]) advance(next, "Doubt");
		else next.state = St.Abandoned;
	}
	if (rules["vault-wiped-at-boot"] && next.state !== St.Stored) next.vault = 0;
	if (next.state === St.ReversalDue && !rules["life-counted-anew-after-boot"]) next.forgot = 1;
	if (!rules["attempt-number-never-reused"]) next.forgot = 1;
	emit(stepCode(Step.Boot, 0, false));
}

function time(world: World, next: World, { rules, network }: Environment, emit: Emit): void {
	const second = !rules["no-resend-on-other-channel"];
	if (world.phase >= (second ? Phase.SecondOver : Phase.Over)) return;
	const matters =
		world.has(Request.Sale) ||
		world.has(Request.SaleAgain) ||
		world.state === St.ReversalDue ||
		(world.state === St.Sending && world.pc !== Pc.Ready);
	// The deadline of the wait comes long before the life of the request is over.
	const waits = world.pc === Pc.WaitSale && world.phase === Phase.Deadline;
	if (!matters || waits) return;
	next.copy(world);
	next.phase++;
	if (!network.lateForEver && next.phase === Phase.Over && next.has(Request.Sale))
		next.take(Request.Sale);
	if (!network.lateForEver && next.phase === Phase.SecondOver && next.has(Request.SaleAgain))
		next.take(Request.SaleAgain);
	emit(stepCode(Step.Tick, next.phase, false));
}

function network(world: World, next: World, { rules }: Environment, emit: Emit): void {
	for (const request of requests)
		if (world.has(request)) {
			next.copy(world);
			next.take(request);
			emit(stepCode(Step.Lose, request, true));
		}
	for (const reply of replies) {
		if (!world.hasReply(reply)) continue;
		next.copy(world);
		next.takeReply(reply);
		emit(stepCode(Step.LoseReply, reply, true));
		const spoiled = spoiledReply(reply, rules["MAC-required"]);
		if (spoiled === undefined) continue;
		next.copy(world);
		next.takeReply(reply);
		next.answer(spoiled, 99);
		emit(stepCode(Step.Spoil, reply, true));
	}
}

/** A reply whose bytes change under way has a wrong MAC; unlooked at, it may say anything. */
function spoiledReply(reply: Reply, macRequired: boolean): Reply | undefined {
	if (reply === Reply.SaleRefused || reply === Reply.SaleDoubt)
		return macRequired ? Reply.SaleBadMac : Reply.SaleApproved;
	if (reply === Reply.SaleApproved) return macRequired ? Reply.SaleBadMac : Reply.SaleRefused;
	if (reply === Reply.NoOriginal || reply === Reply.ReversalLater || reply === Reply.ReversalOdd)
		return macRequired ? Reply.ReversalLater : Reply.Reversed;
	if (reply === Reply.Reversed) return Reply.ReversalLater;
	if (reply === Reply.ForwardRefused || reply === Reply.ForwardLater)
		return macRequired ? Reply.ForwardLater : Reply.Forwarded;
	if (reply === Reply.Forwarded) return macRequired ? Reply.ForwardLater : Reply.ForwardRefused;
	return undefined;
}

/** A person settles with the acquirer what is parked, when nothing can arrive any more. */
function person(world: World, next: World, emit: Emit): void {
	if (world.power === 0 || !world.quiet || world.pc !== Pc.Idle) return;
	if (world.state === St.ReversalParked) {
		next.copy(world);
		next.reversals = next.posts;
		advance(next, "ReversalAccepted");
		emit(stepCode(Step.Resolve, 0, false));
	}
	if (world.state === St.ForwardRefused) {
		next.copy(world);
		if (world.posted === 0) next.posts++;
		next.forwardSeen = 1;
		advance(next, "ForwardAccepted");
		emit(stepCode(Step.Resolve, 1, false));
	}
}

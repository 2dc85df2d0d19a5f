/** Trails in words that a person can follow. */
import type { TrailStep } from "./explore";
import { argumentOf, crashFlag, keepFlag, Step, stepOf, Verdict, verdictBits } from "./steps";
import { stateNames } from "./terminal";
import { Pc, Phase, Reply, Request, Told, type World } from "./world";

export interface TrailLine {
	readonly who: "terminal" | "host" | "network" | "power" | "time" | "card" | "person";
	readonly what: string;
	/** State of the terminal's record, where the step changed it. */
	readonly state?: string;
}

const requestNames: Readonly<Record<Request, string>> = Object.freeze({
	[Request.Sale]: "the 0200",
	[Request.SaleAgain]: "the second 0200",
	[Request.Reversal]: "the 0400",
	[Request.Forward]: "the 0220",
	[Request.ForwardNew]: "the 0220 with the new STAN",
	[Request.OldReversal]: "an earlier 0400",
	[Request.OldForward]: "an earlier 0220",
	[Request.OldForwardNew]: "an earlier 0220 with the new STAN",
});

const verdicts: Readonly<Record<Verdict, readonly [what: string, code: string]>> = Object.freeze({
	[Verdict.Approve]: ["posts it", "00"],
	[Verdict.Refuse]: ["refuses it", "51"],
	[Verdict.Stale]: ["finds it too old and refuses it", "22"],
	[Verdict.Tombstoned]: ["finds the tombstone and refuses it", "22"],
	[Verdict.Known]: ["knows it already", "94"],
	[Verdict.UnsurePosted]: ["posts it and is not sure", "96"],
	[Verdict.Unsure]: ["cannot say what became of it; it is not posted", "96"],
	[Verdict.Reversed]: ["takes the posting back", "00"],
	[Verdict.ReversedBefore]: ["has taken the posting back before", "00"],
	[Verdict.Tombstone]: ["finds no original and keeps a tombstone", "00"],
	[Verdict.NoOriginal]: ["finds no original", "25"],
	[Verdict.NothingLeft]: ["finds nothing left to take back", "25"],
	[Verdict.Later]: ["is busy", "96"],
	[Verdict.Odd]: ["refuses it", "05"],
	[Verdict.KnownReversed]: ["knows it already, and reversed", "12"],
	[Verdict.InProgress]: ["still works on another copy", "09"],
});

/** Kind of reply → MTI and code where the kind alone says it. */
function replyName(reply: Reply, lastCode: ReadonlyMap<string, string>): string {
	const mti = reply <= Reply.SaleBadMac ? "0210" : reply <= Reply.OldReversalOdd ? "0410" : "0230";
	if (reply === Reply.SaleBadMac) return "the 0210 with a wrong MAC";
	const old =
		(reply >= Reply.OldReversed && reply <= Reply.OldReversalOdd) || reply >= Reply.OldForwarded;
	const code = lastCode.get(`${mti} ${family(reply)}`) ?? usualCode(reply);
	return `the ${mti} with 39 = ${code}${old ? ", which answers an earlier attempt" : ""}`;
}

/** The same number for a reply and for its like of an earlier attempt. */
function family(reply: Reply): number {
	if (reply >= Reply.OldReversed && reply <= Reply.OldReversalOdd) return reply - 4;
	return reply >= Reply.OldForwarded ? reply - 3 : reply;
}

function usualCode(reply: Reply): string {
	const codes = ["00", "51", "94", "", "00", "25", "96", "05", "", "", "", "", "00", "51", "96"];
	return codes[family(reply)]!;
}

/** What each step of a trail says, in order. */
export function readTrail(trail: readonly TrailStep[]): readonly TrailLine[] {
	const lastCode = new Map<string, string>();
	return trail.map(({ code, before, after }) => {
		const step = stepOf(code);
		const argument = argumentOf(code);
		const [who, what] =
			step === Step.Host
				? hostLine(argument, before, after, lastCode)
				: lineOf(step, argument, after, lastCode);
		const changed = before.state !== after.state;
		return changed ? { who, what, state: stateNames[after.state]! } : { who, what };
	});
}

type Line = readonly [TrailLine["who"], string];

function hostLine(
	argument: number,
	before: World,
	after: World,
	lastCode: Map<string, string>,
): Line {
	const verdict = (argument & ((1 << verdictBits) - 1)) as Verdict;
	const request = ((argument >> verdictBits) & 7) as Request;
	const [what, usual] = verdicts[verdict];
	const isForward = requestNames[request].includes("0220");
	const code = verdict === Verdict.Tombstoned && isForward ? "12" : usual;
	const added = (after.net & ~before.net) >> 11;
	if (added !== 0) {
		const reply = (31 - Math.clz32(added)) as Reply;
		const mti =
			reply <= Reply.SaleBadMac ? "0210" : reply <= Reply.OldReversalOdd ? "0410" : "0230";
		lastCode.set(`${mti} ${family(reply)}`, code);
	}
	const copy = (argument & keepFlag) !== 0 ? "; another copy is still under way" : "";
	const answer =
		(argument & crashFlag) !== 0 ? ", and crashes before it answers" : `, answers ${code}`;
	return ["host", `gets ${requestNames[request]}, ${what}${answer}${copy}`];
}

function lineOf(
	step: Step,
	argument: number,
	after: World,
	lastCode: ReadonlyMap<string, string>,
): Line {
	const plain = plainLines[step];
	if (plain !== undefined) return plain;
	const reply = (): string => replyName((argument & 31) as Reply, lastCode);
	const copy = (argument & keepFlag) !== 0 ? "; another copy is still under way" : "";
	switch (step) {
		case Step.StoreAfterAll:
			return ["terminal", "has no reply, and stores the sale to forward it later"];
		case Step.ResendOther:
			return ["terminal", "has no reply over MQTT, and sends the same 0200 over TCP"];
		case Step.TakeReply:
			return ["terminal", `takes ${reply()}${shown(after)}${copy}`];
		case Step.DropReply:
			return ["terminal", `gets ${reply()}: it is late, noted and dropped`];
		case Step.SendReversal:
			return [
				"terminal",
				`sends a 0400${argument > 0 ? ", the life of the sale being over as it counts" : ""}`,
			];
		case Step.RepeatUnanswered:
			return ["terminal", "has no reply to the repeat before its deadline; the same again later"];
		case Step.SendForward:
			return [
				"terminal",
				argument > 0 ? "sends the 0220 again, with a new STAN" : "sends the 0220",
			];
		case Step.Boot:
			return ["power", `comes back; ${after.vault > 0 ? "the vault holds card data" : "boot"}`];
		case Step.Tick:
			return ["time", tickText(after.phase)];
		case Step.Lose:
			return ["network", `loses ${requestNames[argument as Request]}`];
		case Step.LoseReply:
			return ["network", `loses ${reply()}`];
		case Step.Spoil:
			return ["network", `spoils ${reply()}`];
		default:
			throw new Error(`model: no words for step ${step}`);
	}
}

function shown(after: World): string {
	return after.pc === Pc.ShownUnrecorded ? " and shows the approval, without a record" : "";
}

function tickText(phase: number): string {
	if (phase === Phase.Deadline) return "60 s since the 0200 was sent";
	return phase === Phase.Over
		? "90 s since the 0200 was sent: its life is over"
		: "90 s since the second 0200 was sent";
}

const plainLines: Readonly<Partial<Record<Step, Line>>> = Object.freeze({
	[Step.RecordSending]: ["terminal", "records Sending"],
	[Step.HandOver]: ["terminal", "hands the 0200 to the carrier"],
	[Step.HandOverRefused]: ["terminal", "cannot hand the 0200 over: reverses to be sure"],
	[Step.SendUnrecorded]: ["terminal", "hands the 0200 to the carrier, without a record"],
	[Step.Abandon]: ["terminal", "has no link and may not store: abandons the sale"],
	[Step.VaultPut]: ["terminal", "puts the encrypted card data into the vault"],
	[Step.RecordStored]: ["terminal", "records StoredOffline"],
	[Step.RecordStoredFirst]: ["terminal", "records StoredOffline, the vault still empty"],
	[Step.VaultPutLast]: ["terminal", "puts the encrypted card data into the vault"],
	[Step.Deadline]: ["terminal", "has no reply at the deadline"],
	[Step.ConnectionBreaks]: ["terminal", "loses the connection: no reply can come"],
	[Step.ShowApproved]: ["terminal", "shows and prints the approval"],
	[Step.CardFailed]: ["card", "fails after the approval"],
	[Step.DeleteReversal]: ["terminal", "deletes the reversal after three tries"],
	[Step.ParkWithoutCard]: ["terminal", "finds no card data and parks the sale"],
	[Step.Wipe]: ["terminal", "wipes the card data"],
	[Step.RecordOutcome]: ["terminal", "records the outcome"],
	[Step.Settle]: ["terminal", "settles the batch"],
	[Step.PowerCut]: ["power", "is cut"],
	[Step.HostForgets]: ["host", "crashes and has lost what it did"],
	[Step.Resolve]: ["person", "settles the parked case with the acquirer"],
});

/** The trail as numbered lines, with where it ends. */
export function formatTrail(trail: readonly TrailStep[]): string {
	const lines = readTrail(trail).map(({ who, what, state }, index) => {
		const number = String(index + 1).padStart(3);
		return `${number}  ${who.padEnd(8)}  ${what}${state === undefined ? "" : `  → ${state}`}`;
	});
	const end = trail.at(-1)?.after;
	return end === undefined ? "" : [...lines, `     end       ${endText(end)}`].join("\n");
}

function endText(end: World): string {
	const told = ["nothing", "approved", "not approved", "stored"][end.told]!;
	const tellings = end.told === Told.Nothing ? "has been told nothing" : `was told: ${told}`;
	const books =
		end.reversals > 0 ? `${end.posts} posted, ${end.reversals} taken back` : `${end.posts} posted`;
	return `terminal: ${stateNames[end.state]!} · host: ${books} · customer ${tellings}`;
}

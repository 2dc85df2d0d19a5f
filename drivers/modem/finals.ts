import { Outcome, type Command } from "modem/command";
import type { ModemFamily } from "modem/family";

/** How far a command has come when a final line arrives. */
export interface Progress {
	readonly payloadSent: boolean;
	/** Its information line has come. */
	readonly answered: boolean;
}

/** @returns what a line says if it ends a command, else undefined */
export function finalOf(text: string, family: ModemFamily): Outcome | undefined {
	if (text === "OK" || text === family.sendOk) return Outcome.Ok;
	if (text === "ERROR" || text.startsWith("+CME ERROR:") || text.startsWith("+CMS ERROR:"))
		return Outcome.Failed;
	return text === family.sendRefused ? Outcome.Refused : undefined;
}

/**
 * Does this final line end this command, or is it owed to an older one? "OK" never ends a send, "SEND OK" ends nothing
 * else, and neither can come before the payload.
 */
export function endsCommand(
	command: Command,
	outcome: Outcome,
	text: string,
	{ payloadSent, answered }: Progress,
	family: ModemFamily,
): boolean {
	if (outcome === Outcome.Failed) return true;
	if (command.payload !== undefined && !payloadSent) return false;
	if (command.payload !== undefined && command.promptLine === undefined)
		return text === family.sendOk || outcome === Outcome.Refused;
	if (text !== "OK") return false;
	return command.answer === undefined || command.answerOptional === true || answered;
}

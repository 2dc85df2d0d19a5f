import { EquipmentError, wholeNumber } from "modem/at-fields";
import { Outcome, type Command, type Reply } from "modem/command";
import type { ModemFamily } from "modem/family";
import { parseNetworkTime } from "modem/network-time";

/** The queries of the bring-up, with their replies brought to what they mean. */

const queryTimeoutMs = 5_000;

export type SimStatus = "ready" | "locked" | "missing" | "unknown";

/** AT+CPIN? "unknown": busy, failing or silent, ask again. */
export function simQuestion(family: ModemFamily, done: (status: SimStatus) => void): Command {
	return {
		text: family.simQuery,
		timeoutMs: queryTimeoutMs,
		answer: family.simAnswer,
		done: (reply) => done(simStatus(reply)),
	};
}

function simStatus(reply: Reply): SimStatus {
	const text = reply.fields[0] ?? "";
	if (reply.outcome === Outcome.Ok && text === "READY") return "ready";
	if (text.endsWith("PIN") || text.endsWith("PUK")) return "locked";
	switch (reply.errorCode) {
		case EquipmentError.SimPinRequired:
		case EquipmentError.SimPukRequired:
			return "locked";
		case EquipmentError.SimNotInserted:
			return "missing";
		default:
			return "unknown";
	}
}

/** AT+CEREG? @param done gets the status, or -1 */
export function registrationQuestion(family: ModemFamily, done: (status: number) => void): Command {
	return {
		text: family.registrationQuery,
		timeoutMs: queryTimeoutMs,
		answer: family.registrationAnswer,
		fits: isRegistrationAnswer,
		done: (reply) => done(reply.outcome === Outcome.Ok ? wholeNumber(reply.fields[1]) : -1),
	};
}

/** Reply `+CEREG: <n>,<stat>[,"tac",…]`; the unsolicited form has no <n>: `+CEREG: <stat>[,"tac",…]`. */
function isRegistrationAnswer(fields: readonly string[]): boolean {
	return fields.length >= 2 && fields[1]!.length === 1 && wholeNumber(fields[1]) >= 0;
}

/** AT+CSQ. @param done gets 0 to 31, or 99 for unknown */
export function signalQuestion(family: ModemFamily, done: (signal: number) => void): Command {
	return {
		text: family.signalQuery,
		timeoutMs: queryTimeoutMs,
		answer: family.signalAnswer,
		done: (reply) => {
			const value = reply.outcome === Outcome.Ok ? wholeNumber(reply.fields[0]) : -1;
			done(value >= 0 && value <= 31 ? value : 99);
		},
	};
}

/** AT+CCLK? @param done gets unix milliseconds, or undefined while the network has not told the time */
export function timeQuestion(
	family: ModemFamily,
	done: (wallMs: number | undefined) => void,
): Command {
	return {
		text: family.timeQuery,
		timeoutMs: queryTimeoutMs,
		answer: family.timeAnswer,
		done: (reply) => {
			const text = reply.outcome === Outcome.Ok ? reply.fields[0] : undefined;
			done(text === undefined ? undefined : parseNetworkTime(text));
		},
	};
}

/** Is context 1 active: `+QIACT: 1,1,1,"10.0.0.1"`? @param done gets undefined when there was no good answer */
export function contextQuestion(
	family: ModemFamily,
	done: (active: boolean | undefined) => void,
): Command {
	return {
		text: family.contextQuery,
		timeoutMs: 10_000,
		answer: family.contextAnswer,
		answerOptional: true,
		fits: (fields) => fields[0] === "1",
		done: (reply) => done(reply.outcome === Outcome.Ok ? reply.fields[1] === "1" : undefined),
	};
}

/** The firmware's tables and the model's, written apart, say the same: neither may drift from the other. */
import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { limits } from "core/limits";
import type { HostOutcome } from "host/link";
import { responses } from "message/response-code";
import { decideForward, decideReversal, decideRequest, type RepeatDecision } from "queue/decide";
import { Input, isOpen, next, State, stateName } from "transaction/states";
import { ReversalReason } from "transaction/transaction";
import {
	after,
	forwardInput,
	inputNames,
	openStates,
	reversalInput,
	saleInput,
	stateNames,
	type InputName,
	type Outcome,
} from "../model/terminal";

const states = Object.values(State);

/** The model has one more, for the rule that is broken on purpose. */
const modelState = (name: string): number => (stateNames as readonly string[]).indexOf(name);

/** Every code that the firmware knows, and some that nobody does. */
const codes: readonly string[] = [
	...new Set([
		...responses.map(({ code }) => code),
		"08",
		"20",
		"24",
		"26",
		"93",
		"A8",
		"ZZ",
		"  ",
	]),
];

/** Each answer there can be, in both languages. */
const answers: readonly (readonly [HostOutcome, Outcome])[] = [
	[{ kind: "no-reply" }, "no reply"],
	[{ kind: "wrong-mac" }, "MAC wrong"],
	...codes.flatMap((code) =>
		[true, false].map((proved): readonly [HostOutcome, Outcome] => [
			{ kind: "reply", responseCode: code, rrn: "1", authCode: "", authenticated: proved },
			{ code, proved },
		]),
	),
];

test("firmware and model know the same states and the same inputs", () => {
	deepEqual(
		states.map((state) => stateName(state)).sort(),
		stateNames.filter((name) => name !== "deleted").sort(),
	);
	deepEqual(Object.keys(Input).sort(), [...inputNames].sort());
});

test("every state and input leads to the same state in firmware and model", () => {
	for (const state of states)
		for (const input of inputNames) {
			const firmware = next(state, Input[input]);
			const model = after(modelState(stateName(state)), input);
			equal(
				firmware === undefined ? "no transition" : stateName(firmware),
				model < 0 ? "no transition" : stateNames[model],
				`${stateName(state)} × ${input}`,
			);
		}
});

test("the same states are open in firmware and model", () => {
	for (const state of states)
		equal(
			isOpen(state),
			(openStates as readonly string[]).includes(stateName(state)),
			stateName(state),
		);
});

test("every answer to a sale means the same to firmware and model", () => {
	for (const [outcome, ours] of answers) {
		const { input, reason } = decideRequest(outcome, "once");
		equal(nameOf(input), saleInput(ours), JSON.stringify(ours));
		const expected = ours === "MAC wrong" ? ReversalReason.WrongMac : ReversalReason.NoReply;
		equal(reason, input === Input.Doubt ? expected : undefined, JSON.stringify(ours));
	}
});

test("every answer to a reversal means the same to firmware and model, within and after the life", () => {
	for (const [outcome, ours] of answers)
		for (const lifeOver of [false, true]) {
			const firmware = decideReversal(outcome, lifeOver);
			const expected = repeat(reversalInput(ours, lifeOver), "ReversalAccepted");
			equal(firmware, expected, `${JSON.stringify(ours)}, life ${lifeOver ? "over" : "not over"}`);
		}
});

test("every answer to a stored sale means the same to firmware and model", () => {
	for (const [outcome, ours] of answers)
		equal(
			decideForward(outcome),
			repeat(forwardInput(ours), "ForwardAccepted"),
			JSON.stringify(ours),
		);
});

test("the deadlines of the firmware are those that the model takes for granted", () => {
	ok(limits.replyTimeoutMs < limits.requestLifeMs, "the wait ends before the life of the request");
	// docs/host-protocol.md: refused when older than 60 s, and 30 s for clocks that differ.
	ok(limits.requestLifeMs >= 90_000);
});

function nameOf(input: Input): InputName | undefined {
	return inputNames.find((name) => Input[name] === input);
}

function repeat(input: InputName | undefined, accepted: InputName): RepeatDecision {
	if (input === undefined) return "again";
	return input === accepted ? "close" : "park";
}

import type { HostOutcome } from "host/link";
import { decideForward, decideRequest, decideReversal } from "queue/decide";
import { equal, test } from "test/harness";
import { Input } from "transaction/states";
import { ReversalReason } from "transaction/transaction";

function reply(responseCode: string, authenticated = true): HostOutcome {
	return { kind: "reply", responseCode, rrn: "", authCode: "", authenticated };
}

const sale = (outcome: HostOutcome) => decideRequest(outcome, "once");

test("an authenticated 00 approves, an authenticated refusal declines", () => {
	equal(sale(reply("00")).input, Input.Approve);
	equal(sale(reply("51")).input, Input.Decline);
	equal(sale(reply("ZZ")).input, Input.Decline);
});

test("what is not authenticated never approves and never declines: it is in doubt", () => {
	equal(sale(reply("00", false)).input, Input.Doubt);
	equal(sale(reply("51", false)).input, Input.Doubt);
	equal(sale(reply("A0", false)).input, Input.Doubt);
	equal(sale({ kind: "no-reply" }).reason, ReversalReason.NoReply);
	equal(sale({ kind: "wrong-mac" }).reason, ReversalReason.WrongMac);
});

test("a host that does not know what the issuer did leaves the debit in doubt", () => {
	for (const code of ["09", "22", "68", "94", "96", "98"])
		equal(sale(reply(code)).input, Input.Doubt);
});

test("no original closes a reversal only when it was sent after the life of the request", () => {
	for (const code of ["25", "12", "94"]) {
		equal(decideReversal(reply(code), false), "again");
		equal(decideReversal(reply(code), true), "close");
	}
});

test("a reversal is repeated when unanswered, closed by 00, parked by a plain refusal", () => {
	equal(decideReversal({ kind: "no-reply" }, true), "again");
	equal(decideReversal({ kind: "wrong-mac" }, true), "again");
	equal(decideReversal(reply("00", false), true), "again");
	equal(decideReversal(reply("96"), true), "again");
	equal(decideReversal(reply("00"), false), "close");
	equal(decideReversal(reply("30"), true), "park");
});

test("a stored sale is closed by 00 and 94, repeated when the host is busy, parked by a refusal", () => {
	equal(decideForward(reply("00")), "close");
	equal(decideForward(reply("94")), "close");
	equal(decideForward(reply("91")), "again");
	equal(decideForward(reply("A0", false)), "again");
	equal(decideForward({ kind: "no-reply" }), "again");
	equal(decideForward(reply("51")), "park");
});

test("an inquiry is approved or declined by an answer and lapses without one", () => {
	const ask = (outcome: HostOutcome) => decideRequest(outcome, "inquiry").input;
	equal(
		[ask(reply("00")), ask(reply("51")), ask(reply("96"))],
		[Input.Approve, Input.Decline, Input.Decline],
	);
	for (const outcome of [{ kind: "no-reply" }, { kind: "wrong-mac" }, reply("00", false)] as const)
		equal(ask(outcome), Input.Lapse);
});

test("a part that was approved comes with the decision", () => {
	const part = { ...reply("10"), approvedMinor: 700 } as HostOutcome;
	equal(sale(part).approvedMinor, 700);
	equal(sale(reply("10")).approvedMinor, undefined);
});

import {
	AmountType,
	field44Of,
	field54Of,
	field63Of,
	readField44,
	readField54,
	readField63,
} from "message/text-fields";
import { equal, test, throwsFault } from "test/harness";

test("field 54 holds balances with their sign", () => {
	const available = { account: 10, type: AmountType.Available, currency: 156, amountMinor: 12345 };
	equal(field54Of([available]), "1002156C000000012345");
	const owed = { account: 0, type: AmountType.Ledger, currency: 156, amountMinor: -5 };
	equal(field54Of([available, owed]), "1002156C0000000123450001156D000000000005");
	equal(readField54("1002156C0000000123450001156D000000000005"), [available, owed]);
	equal(readField54("0001156D000000000000"), [{ ...owed, amountMinor: 0 }]);
});

test("field 54 that is cut short or has no sign is not read", () => {
	for (const text of ["", "1002156C00000001234", "1002156X000000012345", "1002156C00000001234 "])
		equal(readField54(text), undefined);
	equal(readField54("1002156C000000012345".repeat(7)), undefined);
	const zero = { account: 0, type: 1, currency: 156, amountMinor: 0 };
	throwsFault("message.value", () => field54Of([]));
	throwsFault("message.value", () => field54Of(new Array(7).fill(zero)));
	throwsFault("message.value", () => field54Of([{ ...zero, amountMinor: 1e12 }]));
	throwsFault("message.value", () => field54Of([{ ...zero, currency: 1000 }]));
});

test("field 44 names the banks of card and merchant", () => {
	equal(field44Of({ issuer: "01020000", acquirer: "48021000" }), "01020000   48021000   ");
	equal(readField44("01020000   48021000   "), { issuer: "01020000", acquirer: "48021000" });
	equal(readField44("01020000"), { issuer: "01020000", acquirer: "" });
	equal(readField44("ICBC       48021000   "), undefined);
	throwsFault("message.value", () => field44Of({ issuer: "012345678901", acquirer: "" }));
	throwsFault("message.value", () => field44Of({ issuer: "x", acquirer: "" }));
});

test("field 63 holds the operator or the card's organisation, and texts to print", () => {
	equal(field63Of({ tag: "01" }), "01 ");
	const none = { issuer: "", network: "", acquirer: "", terminal: "" };
	equal(readField63("01 "), { tag: "01", ...none });
	const texts = { tag: "CUP", ...none, issuer: "CALL BANK", terminal: "UPDATE DUE" };
	equal(field63Of(texts), `CUP${"CALL BANK".padEnd(60)}UPDATE DUE`);
	equal(readField63(field63Of(texts)), texts);
	equal(readField63(""), { tag: "", ...none });
	equal(readField63("CUPCALL"), { tag: "CUP", ...none, issuer: "CALL" });
	throwsFault("message.value", () => field63Of({ tag: "0001" }));
	throwsFault("message.value", () => field63Of({ tag: "CUP", issuer: "x".repeat(21) }));
});

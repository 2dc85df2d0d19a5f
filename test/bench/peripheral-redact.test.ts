import { equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { cardNamed, track2 } from "../../simulator/bench/peripheral/cards";
import { redactBytes, redactText } from "../../simulator/bench/peripheral/redact";

const card = cardNamed("visa");

test("a card number in text is masked, other numbers stay", () => {
	equal(redactText(`pan ${card.pan}.`), "pan 411111******1111.");
	equal(
		redactText("amount 1234567890123 at 4111111111111112"),
		"amount 1234567890123 at 4111111111111112",
	);
});

test("a track in text loses all but the masked number", () => {
	equal(redactText(track2(card)), ";411111******1111=*");
});

test("card numbers in captured bytes are overwritten, the length stays", () => {
	const packed = Buffer.concat([Buffer.from([0x5a, 8]), Buffer.from(card.pan, "hex")]);
	const bytes = Buffer.concat([Buffer.from(`abc${track2(card)}`, "latin1"), packed]);
	const clean = Buffer.from(redactBytes(bytes));
	equal(clean.length, bytes.length);
	ok(!clean.toString("latin1").includes(card.pan));
	ok(!clean.toString("latin1").includes(card.expiry + card.serviceCode));
	ok(!clean.toString("hex").includes(card.pan));
});

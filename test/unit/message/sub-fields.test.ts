import { toHex } from "core/bytes";
import {
	field60Of,
	field61Of,
	field90Of,
	keyBlockOf,
	readField60,
	readField61,
	readField90,
	readKeyBlock,
} from "message/sub-fields";
import { equal, ok, test, throwsFault } from "test/harness";
import { hex } from "./samples";

test("field 60 holds type, batch and network code, and the terminal's capability where it is given", () => {
	const kind = { type: 22, batch: 1, network: 0, capability: 6, chipCondition: 0 };
	equal(field60Of(kind), "2200000100060");
	equal(readField60("2200000100060"), kind);
	const signOn = { type: 0, batch: 123456, network: 3 };
	equal(field60Of(signOn), "00123456003");
	equal(readField60("00123456003"), signOn);
	equal(field60Of({ ...kind, partialApproval: 1 }), "22000001000601");
	equal(readField60("2200000100060123"), { ...kind, partialApproval: 1 });
	equal(readField60("0012345600"), undefined);
	equal(readField60("0012345600x"), undefined);
	throwsFault("message.value", () => field60Of({ ...kind, batch: 1_000_000 }));
	throwsFault("message.value", () =>
		field60Of({ type: 1, batch: 1, network: 1, chipCondition: 1 }),
	);
	throwsFault("message.value", () =>
		field60Of({ type: 1, batch: 1, network: 1, capability: 6, partialApproval: 1 }),
	);
});

test("field 61 holds batch and STAN of the original, and its date where it is known", () => {
	equal(field61Of({ batch: 1, stan: 74, monthDay: 731 }), "0000010000740731");
	equal(field61Of({ batch: 1, stan: 74 }), "000001000074");
	equal(readField61("0000010000740731"), { batch: 1, stan: 74, monthDay: 731 });
	equal(readField61("000001000074"), { batch: 1, stan: 74 });
	equal(readField61("00000100007"), undefined);
	throwsFault("message.value", () => field61Of({ batch: 1, stan: 1.5 }));
});

test("field 62 of a sign-on holds two or three keys of one length", () => {
	const block = hex(`${"11".repeat(16)}aabbccdd${"22".repeat(16)}eeff0011`);
	const keys = readKeyBlock(block);
	ok(keys !== undefined && keys.length === 2);
	equal(keys[0]!.use, "pik");
	equal(toHex(keys[0]!.key), "11".repeat(16));
	equal(toHex(keys[1]!.checkValue), "eeff0011");
	equal(toHex(keyBlockOf(keys)), toHex(block));
	const lengths: number[] = [];
	for (let length = 0; length <= 120; length++)
		if (readKeyBlock(new Uint8Array(length)) !== undefined) lengths.push(length);
	equal(lengths.join(), "24,36,40,56,60,84");
	equal(
		readKeyBlock(new Uint8Array(60))
			?.map(({ use }) => use)
			.join(),
		"pik,mak,tdk",
	);
	throwsFault("message.length", () => keyBlockOf(keys.slice(0, 1)));
	throwsFault("message.length", () => keyBlockOf([keys[1]!, keys[0]!]));
});

test("field 90 names the original, zero filled where it had no institution", () => {
	const original = {
		mti: 0x0200,
		stan: 74,
		transmission: 731153012,
		acquirer: "123",
		forwarder: "",
	};
	equal(field90Of(original), "020000007407311530120000000012300000000000");
	equal(readField90(field90Of(original)), original);
	equal(readField90("0200"), undefined);
	throwsFault("message.value", () => field90Of({ ...original, acquirer: "123456789012" }));
	throwsFault("message.value", () => field90Of({ ...original, acquirer: "1x" }));
	throwsFault("message.value", () => field90Of({ ...original, mti: 0x0a00 }));
});

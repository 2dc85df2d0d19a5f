import { asciiBytes, asciiText, toHex } from "core/bytes";
import {
	ListState,
	listRequestOf,
	parameterListOf,
	parametersOf,
	ParameterTag,
	readListRequest,
	readParameterList,
	readParameters,
} from "message/parameter-block";
import { equal, ok, test, throwsFault } from "test/harness";
import { hex } from "./samples";

test("terminal parameters are tags of two digits with values of known length", () => {
	const block = parametersOf([
		{ tag: ParameterTag.ReplySeconds, value: asciiBytes("60") },
		{ tag: ParameterTag.Redials, value: asciiBytes("3") },
		{ tag: ParameterTag.Phone1, value: asciiBytes("95516") },
		{ tag: ParameterTag.Transactions, value: hex("fc002020") },
	]);
	equal(
		toHex(block),
		toHex(asciiBytes("126013314")) + toHex(asciiBytes("95516         26")) + "fc002020",
	);
	const read = readParameters(block);
	ok(read !== undefined);
	equal(read.map(({ tag }) => tag).join(), "12,13,14,26");
	equal(asciiText(read[2]!.value), "95516         ");
	equal(toHex(read[3]!.value), "fc002020");
	equal(readParameters(new Uint8Array(0)), []);
});

test("a parameter that is unknown or cut short makes the block unreadable", () => {
	for (const text of ["1", "126", "10", "2700", "99", "x2", "12601", "1260133", "1260143"])
		equal(readParameters(asciiBytes(text)) === undefined, text !== "1260133", text);
	throwsFault("message.value", () => parametersOf([{ tag: 27, value: new Uint8Array(0) }]));
	throwsFault("message.value", () => parametersOf([{ tag: 12, value: asciiBytes("060") }]));
});

test("a list is asked for with what has come, and answered with its state", () => {
	equal(asciiText(listRequestOf(7)), "107");
	equal(readListRequest(asciiBytes("107")), 7);
	equal(readListRequest(asciiBytes("1007")), undefined);
	throwsFault("message.value", () => listRequestOf(100));
	const objects = hex("9f0608a000000333010101");
	const block = parameterListOf({ state: ListState.More, objects });
	equal(toHex(block), "32" + "9f0608a000000333010101");
	const read = readParameterList(block);
	equal(read?.state, ListState.More);
	equal(toHex(read!.objects), toHex(objects));
	equal(readParameterList(asciiBytes("0"))?.state, ListState.None);
	equal(readParameterList(asciiBytes("4")), undefined);
	equal(readParameterList(new Uint8Array(0)), undefined);
});

import { fromHex, toHex } from "core/bytes";
import { encodeLine, feedAndCut, initialise, processIdRequest } from "printer/escpos";
import { PrintJob } from "printer/job";
import { equal, ok, test } from "test/harness";

test("a line carries its style, and Chinese mode only where it is needed", () => {
	equal(toHex(encodeLine({ text: "ab" })), "1b61001b45001d210061620a");
	equal(
		toHex(encodeLine({ text: "金A", align: "center", bold: true, large: true })),
		"1b61011b45011d2111" + "1c26" + "bdf041" + "1c2e" + "0a",
	);
	equal(toHex(encodeLine({ text: "", align: "right" })), "1b61021b45001d21000a");
});

test("no text can carry a command to the printer", () => {
	let text = "";
	for (let code = 0; code < 0x500; code++) text += String.fromCharCode(code);
	for (const align of ["left", "center", "right"] as const) {
		const bytes = encodeLine({ text, align, bold: true, large: true });
		ok(!bytes.includes(0x10), "DLE is in the line");
		const body = bytes.subarray(11, bytes.length - 3);
		ok(
			body.every((byte) => byte >= 0x20 && byte !== 0x7f),
			"a control character is in the text",
		);
	}
});

test("a job begins with defaults, ends every segment with its ID, and cuts", () => {
	const job = new PrintJob([{ text: "a" }], 5, false);
	equal(job.begun, false);
	equal(job.take(), initialise());
	equal(job.begun, true);
	equal(job.take(), encodeLine({ text: "a" }));
	equal(job.take(), processIdRequest(fromHex("21212621")!));
	equal(job.take(), feedAndCut());
	equal(job.take(), undefined);
	equal(job.proved, false);
	equal(job.answer(fromHex("21212622")!), false);
	equal(job.answer(fromHex("21212621")!), true);
	equal(job.proved, true);
	equal(job.answer(fromHex("21212621")!), false);
});

test("a job gives no more than two segments ahead of their proof", () => {
	const lines = Array.from({ length: 60 }, () => ({ text: "x".repeat(32) }));
	const job = new PrintJob(lines, 5, false);
	let bytes = 0;
	for (let piece = job.take(); piece !== undefined; piece = job.take()) bytes += piece.length;
	ok(bytes > 1024 && bytes < 1200, `${bytes} bytes ahead`);
	equal(job.answer(fromHex("21212622")!), false);
	equal(job.answer(fromHex("21212621")!), true);
	ok(job.take() !== undefined, "nothing follows the proof");
});

test("an ID that was not asked for yet proves nothing", () => {
	const job = new PrintJob([{ text: "a" }], 5, false);
	equal(job.answer(fromHex("21212621")!), false);
});

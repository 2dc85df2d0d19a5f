/** No test PAN and no track data in clear in anything that a day leaves behind. */
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { test } from "node:test";
import { Keeper } from "../../simulator/bench/day/keeper";
import { testCards, track2 } from "../../simulator/bench/peripheral/cards";
import { makeTill } from "./firmware-support";

/** Every form in which a card number could stand: what is searched, and its name for the failure. */
function forms(): readonly { readonly name: string; readonly bytes: Buffer }[] {
	return testCards.flatMap((card) => {
		const track = track2(card).slice(1, -1);
		const bcd = (digits: string): Buffer =>
			Buffer.from(digits.length % 2 === 0 ? digits : `${digits}f`, "hex");
		const clear = [
			{ name: "PAN in ASCII", bytes: Buffer.from(card.pan) },
			{ name: "PAN in BCD", bytes: bcd(card.pan) },
			{ name: "PAN in BCD, one nibble on", bytes: bcd(`0${card.pan}`).subarray(1, -1) },
			{ name: "track 2 in ASCII", bytes: Buffer.from(track) },
			{ name: "track 2 in BCD", bytes: bcd(track.replace("=", "d")) },
			{ name: "behind the PAN", bytes: Buffer.from(track.slice(track.indexOf("="))) },
		];
		const hex = clear.flatMap(({ name, bytes }) => [
			{ name: `${name}, as hex text`, bytes: Buffer.from(bytes.toString("hex")) },
			{ name: `${name}, as HEX text`, bytes: Buffer.from(bytes.toString("hex").toUpperCase()) },
			{ name: `${name}, as base64`, bytes: Buffer.from(bytes.toString("base64").slice(0, -4)) },
		]);
		return [...clear, ...hex].map((form) => ({ ...form, name: `${card.name}: ${form.name}` }));
	});
}

function assertClean(what: string, bytes: Uint8Array): void {
	const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
	for (const { name, bytes: form } of forms())
		assert.equal(all.indexOf(form), -1, `${what} holds ${name}`);
}

/** Bytes of a wire as they went over it, whatever pieces they came in. */
function wireBytes(log: string, direction: string): Buffer {
	const lines = log.split("\n").filter((line) => line.includes(` ${direction} `));
	return Buffer.from(lines.map((line) => line.split(" ").at(-1)).join(""), "hex");
}

test("the search itself finds each form", () => {
	const [card] = testCards;
	for (const planted of [
		card!.pan,
		Buffer.from(card!.pan, "hex"),
		Buffer.from(`1${card!.pan}2`.padEnd(20, "0"), "hex"),
		Buffer.from(card!.pan).toString("hex"),
		track2(card!),
	])
		assert.throws(
			() => assertClean("a plant", Buffer.concat([Buffer.from("x"), Buffer.from(planted)])),
			/a plant holds unionpay/,
		);
});

test("a day with every kind of card leaves no card number behind", async (context) => {
	const folder = mkdtempSync(join(tmpdir(), "card-data-"));
	const keeper = new Keeper(folder);
	const till = await makeTill(context, keeper.hooks());
	// After the bench: its last words go into the folder.
	context.after(() => rmSync(folder, { recursive: true, force: true }));
	const { bench } = till;
	keeper.attach(bench);
	await till.open();
	for (const { name, ways } of testCards)
		for (const way of ways) {
			await till.sell("2.00", name, way, name === "expired" ? "declined" : "approved");
		}
	// In doubt, reversed; stored and forwarded; stored when the power goes.
	bench.acquirer.addFault({ kind: "silence", mti: "0200" });
	await till.sell("3.00", "visa", "chip", "unknown");
	bench.modem.cut();
	await till.offline();
	await till.sell("4.00", "unionpay", "chip", "stored");
	await till.sell("4.00", "visa", "tap", "stored");
	assertClean("the vault while it holds cards", bench.board.vaultFlash.image);
	bench.board.powerCut();
	bench.modem.restore();
	await till.open();
	await till.drained();
	// A reader that does not encrypt is refused, and what it sent goes nowhere.
	for (const way of ["swipe", "chip", "tap"] as const) {
		bench.reader.failNext("clear-data");
		await till.sell("5.00", "unionpay", way, "card-refused");
		assert.match(bench.panel.lines[0] ?? "", /REFUSED/);
		bench.panel.press("cancel");
		await bench.pass(500);
	}
	for (const fault of ["truncated", "wrong-crc", "noise-before", "garbage"] as const) {
		bench.reader.failNext(fault);
		await till.sell("6.00", "unionpay-2", "tap");
		await bench.pass(6000);
	}
	for (const line of ["status", "queue", "list", "log", "help", "show 1", "why 1", "show 99"])
		for (const json of ["", " --json"]) await bench.ask(`${line}${json}`);
	bench.panel.press("reprint");
	await bench.pass(20_000);
	const slips = till.slips;
	const rows = await till.close();
	keeper.finish({});
	assert.ok(rows.length > 30 && slips > 10, `${rows.length} rows, ${slips} slips`);

	assertClean("journal", bench.board.journalFlash.image);
	assertClean("vault", bench.board.vaultFlash.image);
	assert.ok(
		bench.board.vaultFlash.image.every((byte) => byte === 0xff),
		"the vault is not wiped",
	);
	const files = readdirSync(folder, { withFileTypes: true, recursive: true })
		.filter((one) => one.isFile())
		.map((one) => relative(folder, join(one.parentPath, one.name)));
	for (const wanted of ["console.txt", "devices.log", "mqtt.log", "paper.txt", "ledger/CURRENT"])
		assert.ok(files.includes(wanted), `${wanted} is not kept`);
	for (const file of files) {
		if (file === "uart-cardReader.log") continue;
		const bytes = readFileSync(join(folder, file));
		assertClean(file, bytes);
		if (!file.startsWith("uart-")) continue;
		for (const direction of ["to-terminal", "from-terminal"])
			assertClean(`${file} ${direction}`, wireBytes(bytes.toString("latin1"), direction));
	}
	// What the terminal tells the reader has no card in it; the other way a broken reader spoke in clear.
	const reader = readFileSync(join(folder, "uart-cardReader.log"), "latin1");
	assertClean("to the reader", wireBytes(reader, "from-terminal"));
	assert.throws(() => assertClean("the reader", wireBytes(reader, "to-terminal")));
	// First six and last four are there: something was printed and kept at all.
	assert.match(readFileSync(join(folder, "paper.txt"), "utf8"), /621483\*+\d{4}/);
});

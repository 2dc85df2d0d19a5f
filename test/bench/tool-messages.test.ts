/** decode iso8583 and encode iso8583 against the acquirer's own codec and messages spelled out by hand. */
import { deepEqual, doesNotMatch, equal, match } from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { decode, encode } from "../../simulator/bench/acquirer/codec";
import { verify } from "../../simulator/bench/acquirer/mac";
import { testCards } from "../../simulator/bench/peripheral/cards";
import { unionpayMessages } from "../fixtures/messages";
import { ascii, holdfast, json } from "./tool-support";

const folder = mkdtempSync(join(tmpdir(), "holdfast-tool-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const shownCards = testCards.filter(({ name }) =>
	["unionpay", "unionpay-long", "visa"].includes(name),
);

const decodeJson = (...args: string[]) => json(["decode", "iso8583", "--json", ...args]);

const fields = {
	3: "000000",
	4: "000000012345",
	7: "0731073012",
	11: "000074",
	12: "153012",
	13: "0731",
	22: "022",
	25: "00",
	41: "TERM0001",
	42: "104100000000001",
	49: "156",
	57: Buffer.from("dfee120affff9876543210e00001dfee30080102030405060708", "hex"),
	60: "2200000100060",
	64: Buffer.from("41424344", "hex").toString("hex"),
};

/** A sale as the acquirer's codec makes it. */
const sale = encode({ mti: "0200", fields: { ...fields, 64: Buffer.from("ABCDEF01") } }).toString(
	"hex",
);
const saleView = {
	dialect: "unionpay",
	lengthOk: null,
	tpdu: null,
	header: null,
	mti: "0200",
	bitmap: sale.slice(4, 20),
	fields: {
		...fields,
		57: "dfee120affff9876543210e00001dfee30080102030405060708",
		64: ascii("ABCDEF01"),
	},
};
/** An echo of ISO 8583:1987. */
const echoText = "0800822000000000000004000000000000000731153012000074301";
const envelope = "6000030000603100311300";

function lengthOf(hex: string): string {
	return (hex.length / 2).toString(16).padStart(4, "0");
}

test("a message of the acquirer's codec is read field for field", async () => {
	deepEqual(await decodeJson(sale), saleView);
});

test("white space and capitals in the hex, and standard input, make no difference", async () => {
	const spaced = sale.toUpperCase().replace(/(..)/g, "$1 ");
	deepEqual(await decodeJson(spaced), saleView);
	deepEqual(await decodeJson(...spaced.trim().split(" ")), saleView);
	deepEqual(await json(["decode", "iso8583", "-", "--json"], `${spaced}\n`), saleView);
});

test("length, TPDU and header are found where they stand", async () => {
	const tpdu = envelope.slice(0, 10);
	const header = envelope.slice(10);
	const whole = envelope + sale;
	deepEqual(await decodeJson(lengthOf(whole) + whole), {
		...saleView,
		lengthOk: true,
		tpdu,
		header,
	});
	deepEqual(await decodeJson(whole), { ...saleView, tpdu, header });
	deepEqual(await decodeJson(lengthOf(sale) + sale), { ...saleView, lengthOk: true });
	deepEqual(await decodeJson(tpdu + sale), { ...saleView, tpdu });
	const packed = String(whole.length / 2).padStart(4, "0");
	deepEqual(await decodeJson(packed + whole), { ...saleView, lengthOk: true, tpdu, header });
});

test("a length that lies is told, and the message is read all the same", async () => {
	const wrong = { ...saleView, lengthOk: false, tpdu: "6000030000", header: "603100311300" };
	deepEqual(await decodeJson(`0010${envelope}${sale}`), wrong);
	deepEqual(await decodeJson(`ffff${envelope}${sale}`), wrong);
	// Two frames in one: the length ends the first.
	const frame = lengthOf(envelope + sale) + envelope + sale;
	deepEqual(await decodeJson(frame + frame), wrong);
});

test("what cannot be read gives code, field and offset, and exit code 1", async () => {
	const cut = await holdfast(["decode", "iso8583", "--json", sale.slice(0, -2)]);
	equal(cut.code, 1);
	const offset = sale.length / 2 - 8;
	deepEqual(JSON.parse(cut.out), { error: { code: "message.length", field: 64, offset } });
	const plain = await holdfast(["decode", "iso8583", sale.slice(0, -2)]);
	equal(plain.code, 1);
	const words = "the content is too long, too short or cut off";
	equal(plain.err, `holdfast: message.length, field 64, offset ${offset}: ${words}\n`);
	const framed = `00ff${envelope}${sale}`.slice(0, -2);
	deepEqual(await decodeJson(framed), {
		error: { code: "message.length", field: 64, offset: offset + 13 },
	});
	deepEqual(await decodeJson("02"), { error: { code: "message.bitmap", field: 1, offset: 1 } });
});

test("wrong arguments are one line and exit code 2, without the input", async () => {
	for (const args of [
		["decode"],
		["decode", "iso"],
		["decode", "iso8583"],
		["decode", "iso8583", ""],
		["decode", "iso8583", "4111111111111111x"],
		["decode", "iso8583", "41111"],
		["decode", "iso8583", "--dialect", "other", sale],
		["decode", "iso8583", "--colour", sale],
		["encode", "iso8583"],
		["encode", "iso8583", join(folder, "missing.json")],
	]) {
		const { code, out, err } = await holdfast(args);
		equal(code, 2, args.join(" "));
		equal(out, "");
		match(err, /^holdfast: [^\n]+\n$/);
		doesNotMatch(err, /4111/);
	}
});

test("the table names the fields and says what a reply means", async () => {
	const reply = encode({
		mti: "0210",
		fields: { 11: "000074", 39: "51", 41: "TERM0001", 60: "2200000100060" },
	});
	const { out, code } = await holdfast(["decode", "iso8583", reply.toString("hex")]);
	equal(code, 0);
	match(out, /MTI +0210 +financial reply/);
	match(out, / 11 +STAN +000074\n/);
	match(out, / 39 +response code +51 +\(Insufficient funds \/ 可用余额不足\)/);
	match(out, /type 22, batch 000001/);
});

test("the parts of settlement fields, balances and originals are shown in words", async () => {
	const shown = async (name: string, mti: string) => {
		const sample = unionpayMessages.find((one) => one.name === name && one.mti === mti)!;
		return (await holdfast(["decode", "iso8583", sample.hex])).out;
	};
	match(await shown("settlement", "0510"), /domestic: 10 debits 123450, 1 credits 2000, balanced;/);
	match(await shown("batch upload", "0320"), /\(sale 000074 12345, refund 000076 -12345\)/);
	const end = await shown("end of a batch upload", "0330");
	match(end, /\(host only 000074 12345, other amount 000076 -12300\)/);
	match(await shown("balance", "0210"), /\(available 123456 in currency 156\)/);
	match(
		await shown("tip", "0220"),
		/\(tip 1000\)[^]+\(original: batch 000001, STAN 000074, date 0731\)/,
	);
	match(await shown("notice", "0630"), / c9 +000003 +\(Highest number taken\)/);
});

test("what cannot be read is said in words, with the dialect that could read it", async () => {
	const { code, out, err } = await holdfast(["decode", "iso8583", ascii(echoText)]);
	equal(code, 1);
	equal(out, "");
	match(
		err,
		/^holdfast: message\.field, field 19, offset 25: the dialect does not know this field\n/,
	);
	match(err, /it can be read with --dialect iso87\n$/);
});

test("usage is shown when it is asked for", async () => {
	const all = await holdfast(["decode", "--help"]);
	equal(all.code, 0);
	match(all.out, /^holdfast decode iso8583 [^]+\nholdfast responses [^\n]+\n$/);
	const one = await holdfast(["tlv", "--help"]);
	equal(one.code, 0);
	match(one.out, /^holdfast decode tlv [^\n]+\n$/);
	equal((await holdfast(["--help"])).code, 0);
});

test("no output holds more of a card than first six and last four", async () => {
	for (const { pan } of shownCards) {
		const track = `${pan}d4912120117589288`;
		const objects = `5a${counted(even(pan))}57${counted(even(track))}70${counted(`5a${counted(even(pan))}`)}df7f${counted(even(pan))}`;
		const message = [
			"0200",
			"4000000020000204", // 2, 35, 55, 62
			pan.length + even(pan).replace("f", "0"),
			track.length + even(track).replace("f", "0"),
			bcd(objects.length / 2) + objects,
			bcd(pan.length + 3) + ascii(`PAN${pan}`),
		].join("");
		for (const args of [[message], ["--json", message]]) {
			const { code, out, err } = await holdfast(["decode", "iso8583", ...args]);
			equal(code, 0, err);
			match(out, new RegExp(`${pan.slice(0, 6)}\\*+${pan.slice(-4)}`));
			for (const hidden of [pan.slice(0, 7), ascii(pan.slice(0, 7)), pan.slice(-6), "117589288"])
				equal(out.includes(hidden), false, hidden.slice(-3));
		}
	}
});

test("free text of the ISO dialect is searched for cards too", async () => {
	for (const { pan } of shownCards) {
		const tracks = `B${pan}^NAME/A^4912 ;${pan}=4912201175?`;
		const fields = { 45: tracks.slice(0, 30), 48: `ref ${pan} ${tracks}`, 63: `12${pan}34` };
		const made = await holdfast(
			["encode", "iso8583", "-"],
			JSON.stringify({ dialect: "iso87", mti: "0200", fields }),
		);
		const { out } = await holdfast(["decode", "iso8583", "--json", "--dialect", "iso87", made.out]);
		match(out, /"63":"/);
		for (const hidden of [pan.slice(0, 8), pan.slice(-6), "NAME", "201175"])
			equal(out.includes(hidden), false, hidden.slice(-3));
	}
});

test("what decode prints as JSON encodes to the same bytes", async () => {
	for (const hex of [sale, lengthOf(envelope + sale) + envelope + sale]) {
		const view = await holdfast(["decode", "iso8583", "--json", hex]);
		const encoded = await holdfast(["encode", "iso8583", "-"], view.out);
		equal(encoded.out, `${hex}\n`);
	}
});

test("a file is encoded with a MAC that the acquirer finds right", async () => {
	const mak = Buffer.from("0123456789abcdeffedcba9876543210", "hex");
	const file = join(folder, "sale.json");
	writeFileSync(file, JSON.stringify({ ...saleView, lengthOk: undefined }));
	writeFileSync(join(folder, "mak"), `${mak.toString("hex")}\n`);
	const { out, code } = await holdfast([
		"encode",
		"iso8583",
		file,
		"--mak",
		`@${join(folder, "mak")}`,
	]);
	equal(code, 0);
	const bytes = Buffer.from(out.trim(), "hex");
	equal(verify(mak, bytes, decode(bytes)), true);
	const check = (key: string) => holdfast(["mac", "--check", "--key", key, out.trim()]);
	equal((await check(mak.toString("hex"))).code, 0);
	const wrong = await check("00".repeat(16));
	equal(wrong.code, 1);
	match(wrong.out, /WRONG/);
});

test("a value that does not fit its field is refused with the field's number", async () => {
	const refusal = async (change: Record<string, string>) => {
		const given = JSON.stringify({ mti: "0200", fields: { ...saleView.fields, ...change } });
		const { code, out } = await holdfast(["encode", "iso8583", "--json", "-"], given);
		equal(code, 1);
		return (JSON.parse(out) as { error: unknown }).error;
	};
	deepEqual(await refusal({ 11: "74" }), { code: "message.length", field: 11, offset: null });
	deepEqual(await refusal({ 11: "00007x" }), { code: "message.value", field: 11, offset: null });
	deepEqual(await refusal({ 57: "xx" }), { code: "message.value", field: 57, offset: null });
	deepEqual(await refusal({ 2: "476173******0119" }), {
		code: "message.value",
		field: 2,
		offset: null,
	});
	deepEqual(await refusal({ 10: "0" }), { code: "message.field", field: 10, offset: null });
});

test("a file of another shape is one line and exit code 2", async () => {
	for (const text of [
		"",
		"{",
		"[]",
		'{"mti":"0200"}',
		'{"mti":200,"fields":{}}',
		'{"mti":"0200","fields":{"1":"0"}}',
		'{"mti":"0200","fields":{"11":74}}',
		'{"mti":"0200","tpdu":"60","fields":{}}',
	]) {
		const { code, err } = await holdfast(["encode", "iso8583", "-"], text);
		equal(code, 2, text);
		match(err, /^holdfast: [^\n]+\n$/);
	}
});

test("GBK text is shown as text and goes back to the same bytes", async () => {
	const text = "c9ccbba7"; // 商户
	const hex = `0210${"0000000002000000"}${""}`.replace("0000000002000000", "0000000000100000");
	const message = `${hex}04${text}`;
	const view = (await decodeJson(message)) as { fields: Record<string, string> };
	equal(view.fields["44"], "商户");
	equal((await holdfast(["encode", "iso8583", "-"], JSON.stringify(view))).out, `${message}\n`);
	const odd = `${hex}02ff80`;
	const bytes = (await decodeJson(odd)) as { fields: Record<string, string> };
	equal(bytes.fields["44"], "hex:ff80");
	equal((await holdfast(["encode", "iso8583", "-"], JSON.stringify(bytes))).out, `${odd}\n`);
});

test("the ISO dialect is read in characters, with two bitmaps", async () => {
	const text = echoText;
	const view = await decodeJson("--dialect", "iso87", ascii(text));
	deepEqual(view, {
		dialect: "iso87",
		lengthOk: null,
		tpdu: null,
		header: null,
		mti: "0800",
		bitmap: "82200000000000000400000000000000",
		fields: { 7: "0731153012", 11: "000074", 70: "301" },
	});
	const encoded = await holdfast(["encode", "iso8583", "-"], JSON.stringify(view));
	equal(encoded.out, `${ascii(text)}\n`);
	const framed = `${lengthOf(ascii(text))}${ascii(text)}`;
	deepEqual(await decodeJson("--dialect", "iso87", framed), {
		...(view as object),
		lengthOk: true,
	});
});

function even(hex: string): string {
	return hex.length % 2 === 0 ? hex : `${hex}f`;
}

/** Length byte and value of a data object. */
function counted(hex: string): string {
	return (hex.length / 2).toString(16).padStart(2, "0") + hex;
}

function bcd(value: number): string {
	return String(value).padStart(4, "0");
}

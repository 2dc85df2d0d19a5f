/** `journal dump` and `journal verify` as a technician calls them, and what they show of a vault. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { Vault } from "journal/vault";
import { FakeFlash } from "test/simulation/fakes/flash";
import { readingOf } from "../../simulator/bench/tool/journal/command";
import { Till } from "./journal-till";
import { holdfast, json } from "./tool-support";

const folder = mkdtempSync(join(tmpdir(), "holdfast-"));
after(() => rmSync(folder, { recursive: true }));

function stored(name: string, bytes: Uint8Array): string {
	const path = join(folder, name);
	writeFileSync(path, bytes);
	return path;
}

test("a vault is shown by numbers and lengths, never by what it holds", () => {
	const flash = new FakeFlash({ byteLength: 8 * 4096, writeAlignment: 16 });
	const vault = new Vault(flash);
	vault.mount(() => true);
	const sealed = Uint8Array.of(3, 0xde, 0xad, 0xc0, 4, 0xde, 0xad, 0xbe, 0xef);
	for (const number of [7, 8]) vault.put(number, sealed);
	const bytes = Buffer.from(flash.image);
	const reading = readingOf(bytes);
	ok(!("reason" in reading));
	deepEqual(reading.image.findings.damage, []);
	const text = reading.lines().join("\n");
	match(text, /#7 {2}KSN 3 bytes, ciphertext 4 bytes/);
	ok(!/dead|beef/i.test(text + JSON.stringify(reading.view())));
	const at = bytes.indexOf(Buffer.from([0xbe, 0xef]));
	bytes[at]! ^= 1;
	const damaged = readingOf(bytes);
	ok(!("reason" in damaged));
	equal(damaged.image.findings.damage[0]?.code, "skipped");
});

test("the command: exit codes, one line when sound, JSON, no card data", async () => {
	const till = new Till({ seed: 9, alignment: 32, retainCount: 1000 });
	till.sell(12);
	const sound = stored("sound.bin", till.image);
	const verified = await holdfast(["journal", "verify", sound]);
	equal(verified.code, 0);
	equal(
		verified.out,
		"sound: journal, 16 blocks of 4096 bytes: 1 kept, 51 records, 12 transactions, 0 open\n",
	);
	const dumped = await holdfast(["journal", "dump", sound]);
	match(dumped.out, /#3 open {2}intent {2}sale {2}.* CNY {2}STAN .* 621483\*{6}0018/);
	ok(!/\d{13}/.test(dumped.out.replace(/RRN \d{12}/g, "")));
	const data = (await json(["journal", "dump", "--json", sound])) as {
		transactions: { number: number; state: string }[];
	};
	deepEqual(
		data.transactions.map(({ number, state }) => `${number} ${state}`),
		Array.from({ length: 12 }, (_, i) => `${i + 1} approved`),
	);
	const image = till.image;
	image[200]! ^= 4;
	const damaged = await holdfast(["journal", "verify", stored("damaged.bin", image), "--json"]);
	equal(damaged.code, 1);
	equal((JSON.parse(damaged.out) as { sound: boolean }).sound, false);
	const blank = await holdfast(["journal", "verify", stored("blank.bin", Buffer.alloc(8192, 255))]);
	deepEqual([blank.code, blank.out, blank.err.split("\n").length], [1, "", 2]);
	for (const args of [[], ["erase", sound], ["dump"], ["verify", join(folder, "none")]]) {
		const { code, err } = await holdfast(["journal", ...args]);
		deepEqual([code, err.split("\n").length], [2, 2], err);
	}
});

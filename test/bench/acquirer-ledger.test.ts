/** The books and the database that keeps them. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { ClassicLevel } from "classic-level";
import { Ledger, nextBatch } from "../../simulator/bench/acquirer/ledger";
import { folderStore, LedgerError, memoryStore } from "../../simulator/bench/acquirer/ledger-store";
import {
	readRecord,
	type LedgerRecord,
	type RecordKind,
} from "../../simulator/bench/acquirer/records";

let folder: string;
let path: string;

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "acquirer-"));
	path = join(folder, "ledger");
});
afterEach(() => rmSync(folder, { recursive: true }));

function record(kind: RecordKind, stan: string, amountMinor: number): LedgerRecord {
	const names = { terminal: "60000001", batch: "000001", maskedPan: "", rrn: "", authCode: "" };
	return { kind, ms: 1, stan, amountMinor, code: "00", ...names };
}

function booksOf(records: readonly LedgerRecord[]): Ledger {
	const ledger = new Ledger();
	for (const one of records) ledger.take(one);
	return ledger;
}

const someRecords = Object.freeze([
	record("sale", "000001", 100),
	record("stored", "000002", 250),
	record("sale", "000003", 70),
	record("reversal", "000003", 70),
	record("tombstone", "000004", 5),
	{ ...record("batch", "", 0), batch: "000009" },
]);

test("what was appended is there in its order when the folder is opened again", async () => {
	const store = folderStore(path);
	assert.deepEqual(await store.load(), { records: [], notices: [] });
	for (const one of someRecords.slice(0, 3)) await store.append([one]);
	await store.append(someRecords.slice(3));
	await store.close();
	const again = folderStore(path);
	const { records } = await again.load();
	assert.deepEqual(records, someRecords);
	const books = booksOf(records);
	const { count, amountMinor, forwards, reversals, tombstones } = books.totals("60000001");
	assert.deepEqual([count, amountMinor, forwards, reversals, tombstones], [2, 350, 1, 1, 1]);
	assert.equal(books.batch("60000001"), "000009");
	assert.equal(books.totals("60000002").count, 0);
	await again.append([record("sale", "000005", 1)]);
	await again.close();
	assert.equal((await again.load()).records.length, someRecords.length + 1);
	await again.close();
});

test("a folder that is in use, a file, or another folder are refused with one line", async () => {
	const store = folderStore(path);
	await store.load();
	await assert.rejects(folderStore(path).load(), /^LedgerError: ledger .*in use by another/);
	await store.close();
	writeFileSync(join(folder, "file"), "x");
	await assert.rejects(folderStore(join(folder, "file")).load(), /is a file, a folder is wanted/);
	await assert.rejects(folderStore(folder).load(), /the folder holds something else/);
	assert.deepEqual(readdirSync(folder).sort(), ["file", "ledger"], "nothing was added to it");
	await assert.rejects(folderStore(join(folder, "file", "x")).load(), LedgerError);
	await assert.rejects(folderStore(join(folder, "no"), { mustExist: true }).load(), /is not there/);
	await assert.rejects(store.append([record("sale", "000001", 1)]), /not open/);
});

test("a database that is no ledger, or that holds no record of ours, is refused with its key", async () => {
	const database = new ClassicLevel(path);
	await database.put("a", "b");
	await database.close();
	await assert.rejects(folderStore(path).load(), /not a ledger/);
	const good = record("sale", "000001", 100);
	for (const bad of ["7", "[]", "null", '{"kind":"sale"}', JSON.stringify({ ...good, of: "x" })]) {
		const store = folderStore(join(folder, "second"));
		await store.load();
		await store.append([good]);
		await store.close();
		const spoilt = new ClassicLevel(join(folder, "second"));
		const key = "r/60000001/000001/000001/000000000000";
		await spoilt.put(key, bad);
		await spoilt.close();
		await assert.rejects(
			folderStore(join(folder, "second")).load(),
			/000000000000 is not a record/,
		);
		rmSync(join(folder, "second"), { recursive: true });
	}
});

test("a folder that a killed host has half made is taken", async () => {
	mkdirSync(path);
	writeFileSync(join(path, "LOCK"), "");
	const store = folderStore(path);
	assert.equal((await store.load()).records.length, 0);
	await store.close();
});

test("memory keeps what was appended until the process ends", async () => {
	const store = memoryStore();
	await store.append(someRecords);
	await store.close();
	assert.deepEqual((await store.load()).records, someRecords);
});

test("a record is read back as it is, and nothing else is a record", () => {
	for (const one of someRecords) assert.equal(readRecord(one), one);
	const full = { ...record("refund", "000001", 5), type: "25", date: "0506", askedMinor: 5 };
	const place = { terminal: "60000001", batch: "000001", stan: "000009" };
	assert.ok(readRecord({ ...full, original: place, of: "sale", data: "0" }) !== undefined);
	const wrong = [null, 1, "x", [], {}, { ...full, kind: "gift" }, { ...full, amountMinor: 0.5 }];
	for (const one of wrong) assert.equal(readRecord(one), undefined);
	for (const more of [{ of: "gift" }, { original: {} }, { original: 1 }, { type: 25 }, { ms: "1" }])
		assert.equal(readRecord({ ...full, ...more }), undefined);
});

test("money taken twice is counted as doubled, and no more after one reversal", () => {
	const ledger = new Ledger();
	ledger.take(record("sale", "000001", 100));
	ledger.take(record("sale", "000001", 100));
	assert.equal(ledger.totals().doubled, 1);
	ledger.take(record("reversal", "000001", 100));
	assert.equal(ledger.totals().doubled, 0);
	assert.equal(ledger.totals().amountMinor, 100);
});

test("voids and refunds take money away, pre-authorisations and inquiries move none", () => {
	const books = booksOf([
		record("sale", "000001", 500),
		record("void", "000002", 100),
		record("refund", "000003", 50),
		record("preauth", "000004", 9000),
		record("completion", "000005", 30),
		record("completion-void", "000006", 30),
		record("balance", "000007", 0),
		record("script", "000008", 500),
		record("tip", "000009", 7),
	]);
	const totals = books.totals();
	assert.equal(totals.amountMinor, 500 - 100 - 50 + 30 - 30 + 7);
	assert.deepEqual([totals.count, totals.preauths, totals.voids, totals.refunds], [6, 1, 2, 1]);
});

test("after batch 999999 comes 000001", () => {
	assert.deepEqual(["000001", "000123", "999999"].map(nextBatch), ["000002", "000124", "000001"]);
});

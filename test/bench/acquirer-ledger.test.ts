import assert from "node:assert/strict";
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { Ledger, type LedgerRecord, type RecordKind } from "../../simulator/bench/acquirer/ledger";

let folder: string;
let path: string;

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "acquirer-"));
	path = join(folder, "ledger.jsonl");
});
afterEach(() => rmSync(folder, { recursive: true }));

function record(kind: RecordKind, stan: string, amountMinor: number): LedgerRecord {
	const names = { terminal: "60000001", batch: "000001", maskedPan: "", rrn: "", authCode: "" };
	return { kind, ms: 1, stan, amountMinor, code: "00", ...names };
}

test("what was appended is there when the file is opened again", () => {
	const ledger = new Ledger(path);
	ledger.append(record("sale", "000001", 100));
	ledger.append(record("stored", "000002", 250));
	ledger.append(record("sale", "000003", 70));
	ledger.append(record("reversal", "000003", 70));
	ledger.append(record("tombstone", "000004", 5));
	ledger.append({ ...record("batch", "", 0), batch: "000009" });
	ledger.close();
	const again = new Ledger(path);
	assert.deepEqual(again.totals(), ledger.totals());
	assert.deepEqual(again.records(), ledger.records());
	const { count, amountMinor, forwards, reversals, tombstones } = again.totals("60000001");
	assert.deepEqual([count, amountMinor, forwards, reversals, tombstones], [2, 350, 1, 1, 1]);
	assert.equal(again.batch("60000001"), "000009");
	assert.equal(again.totals("60000002").count, 0);
	again.close();
});

test("half a last line is cut off, and the next record stands on its own line", () => {
	const ledger = new Ledger(path);
	ledger.append(record("sale", "000001", 100));
	ledger.close();
	for (const torn of ['{"kind":"sa', JSON.stringify(record("sale", "000002", 1))]) {
		appendFileSync(path, torn);
		const again = new Ledger(path);
		assert.equal(again.totals().count, 1);
		again.close();
	}
	const last = new Ledger(path);
	last.append(record("sale", "000003", 100));
	last.close();
	assert.equal(new Ledger(path).totals().count, 2);
	assert.equal(readFileSync(path, "utf8").split("\n").length, 3);
});

test("a file that is no ledger is refused with its line, and left as it is", () => {
	const good = JSON.stringify(record("sale", "000001", 100));
	for (const bad of ["no json", "[]", "null", '{"kind":"sale"}', good.replace("sale", "gift")]) {
		const content = `${good}\n${bad}\n`;
		writeFileSync(path, content);
		assert.throws(() => new Ledger(path), /ledger\.jsonl line 2: not a ledger record/);
		assert.equal(readFileSync(path, "utf8"), content);
	}
});

test("money taken twice is counted as doubled, and no more after one reversal", () => {
	const ledger = new Ledger();
	ledger.append(record("sale", "000001", 100));
	ledger.append(record("sale", "000001", 100));
	assert.equal(ledger.totals().doubled, 1);
	ledger.append(record("reversal", "000001", 100));
	assert.equal(ledger.totals().doubled, 0);
	assert.equal(ledger.totals().amountMinor, 100);
});

import iconv from "iconv-lite";
import assert from "node:assert/strict";
import { test } from "node:test";
import { gbkBytes } from "core/gbk";
import { gbkTable } from "core/gbk-table";

test("every character of the table encodes as iconv-lite encodes it", () => {
	const wrong: string[] = [];
	for (const char of gbkTable.rows.join("")) {
		const expected = iconv.encode(char, "gbk").toString("hex");
		const actual = Buffer.from(gbkBytes(char)).toString("hex");
		if (actual !== expected) wrong.push(`${char} ${actual} ${expected}`);
	}
	assert.deepEqual(wrong, []);
});

test("the table holds all 6,763 hanzi of GB2312", () => {
	const hanzi = gbkTable.rows.slice(2).join("").replaceAll("\u3000", "");
	assert.equal(new Set(hanzi).size, 6763);
	for (const row of gbkTable.rows) assert.equal([...row].length, gbkTable.rowLength);
});

test("ASCII and Chinese mixed encodes as iconv-lite encodes it", () => {
	const text = "银联POS签购单 RMB 12.34 — 鑫源饭店（北京）…《票》￥";
	assert.equal(
		Buffer.from(gbkBytes(text)).toString("hex"),
		iconv.encode(text, "gbk").toString("hex"),
	);
});

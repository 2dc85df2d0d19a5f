import { columnsOf, cutColumns, gbkBytes } from "core/gbk";
import { equal, ok, test } from "test/harness";

test("hanzi of both levels, symbols and ASCII become GBK", () => {
	equal(gbkBytes("A啊鑫、！"), Uint8Array.of(0x41, 0xb0, 0xa1, 0xf6, 0xce, 0xa1, 0xa2, 0xa3, 0xa1));
});

test("what the table lacks becomes a box and the yen sign its full-width form", () => {
	equal(gbkBytes("é😀¥"), Uint8Array.of(0xa1, 0xf5, 0xa1, 0xf5, 0xa3, 0xa4));
});

test("control characters never get through", () => {
	let text = "";
	for (let code = 0; code < 0x20; code++) text += String.fromCharCode(code);
	const bytes = gbkBytes(`${text}\x7f`);
	equal(bytes.length, 33);
	ok(
		bytes.every((byte) => byte === 0x3f),
		"not a question mark",
	);
});

test("columns count two for a hanzi and a cut never splits one", () => {
	equal(columnsOf("卡号 1"), 6);
	equal(cutColumns("卡号 1", 3), "卡");
	equal(cutColumns("卡号 1", 5), "卡号 ");
	equal(cutColumns("ab", 20), "ab");
});

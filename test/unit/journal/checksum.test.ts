import { crc32 } from "core/crc";
import { crcOfRange, crcOfWord } from "journal/checksum";
import { equal, test } from "test/harness";

test("the CRC by words is the CRC by bytes", () => {
	const bytes = Uint8Array.from({ length: 64 }, (_, i) => (i * 73 + 11) & 0xff);
	const words = new Int32Array(bytes.buffer);
	for (let start = 0; start < 12; start += 4)
		for (let end = start; end <= 64; end++)
			equal(crcOfRange(words, bytes, start, end, 0x1234) >>> 0, crc32(bytes, start, end, 0x1234));
	equal(crcOfWord(words[2]!, 77) >>> 0, crc32(bytes, 8, 12, 77));
});

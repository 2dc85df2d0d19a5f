import { fail, equal, ok, test } from "test/harness";
import { FakeCiphers } from "./ciphers";

const ciphers = new FakeCiphers();
const key = Uint8Array.from({ length: 16 }, (_, i) => i * 7);
const data = Uint8Array.from({ length: 16 }, (_, i) => i * 11);

function flipped(bytes: Uint8Array, bit: number): Uint8Array {
	const copy = bytes.slice();
	copy[bit >> 3] = copy[bit >> 3]! ^ (1 << (bit & 7));
	return copy;
}

test("the stand-in cipher is undone by its inverse and leaves its arguments alone", () => {
	const before = data.slice();
	const sealed = ciphers.tdesEncrypt(key, data);
	ok(sealed.some((byte, i) => byte !== data[i]));
	equal(ciphers.tdesDecrypt(key, sealed), data);
	equal(data, before);
});

test("every bit of key and block of the stand-in cipher counts, and equal bytes in a key do not cancel", () => {
	const seen = [ciphers.tdesEncrypt(key, data).subarray(0, 8).join()];
	for (let bit = 0; bit < 128; bit++)
		seen.push(ciphers.tdesEncrypt(flipped(key, bit), data).subarray(0, 8).join());
	for (let bit = 0; bit < 64; bit++)
		seen.push(ciphers.tdesEncrypt(key, flipped(data, bit)).subarray(0, 8).join());
	for (let byte = 0; byte < 256; byte++)
		seen.push(ciphers.tdesEncrypt(new Uint8Array(16).fill(byte), data).subarray(0, 8).join());
	seen.sort();
	for (let i = 1; i < seen.length; i++) if (seen[i] === seen[i - 1]) fail(`twice: ${seen[i]!}`);
});

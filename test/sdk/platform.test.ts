import { fromHex, toHex } from "core/bytes";
import type { Directory } from "embedded:storage/files";
import storage from "embedded:storage/files";
import { fillWithEntropy, monotonicMs } from "platform/environment";
import { FileFlash } from "platform/file-flash";
import { FileKeys } from "platform/file-keys";
import { NativeCiphers } from "platform/native-ciphers";
import { NativeTimers } from "platform/native-timers";
import { TickClock } from "platform/tick-clock";
import { equal, ok, test, throwsFault } from "test/harness";

const root = storage as unknown as Directory;
const ciphers = new NativeCiphers();
const key16 = fromHex("0123456789abcdeffedcba9876543210")!;

function bytes(length: number, value: (index: number) => number): Uint8Array {
	return Uint8Array.from({ length }, (_, i) => value(i) & 0xff);
}

test("single DES gives the standard's worked example", () => {
	const key = fromHex("133457799bbcdff1")!;
	const sealed = ciphers.tdesEncrypt(key, fromHex("0123456789abcdef")!);
	equal(toHex(sealed), "85e813540f0ab405");
	equal(toHex(ciphers.tdesDecrypt(key, sealed)), "0123456789abcdef");
});

test("a key of 16 bytes is K1 K2 K1, and blocks do not depend on each other", () => {
	const key24 = new Uint8Array(24);
	key24.set(key16);
	key24.set(key16.subarray(0, 8), 16);
	const data = bytes(24, (i) => i * 37);
	const sealed = ciphers.tdesEncrypt(key16, data);
	equal(sealed, ciphers.tdesEncrypt(key24, data));
	equal(sealed.subarray(8, 16), ciphers.tdesEncrypt(key16, data.subarray(8, 16)));
	equal(ciphers.tdesDecrypt(key16, sealed), data);
});

test("AES of 16, 24 and 32 bytes gives the examples of FIPS 197", () => {
	const data = fromHex("00112233445566778899aabbccddeeff")!;
	const sealed = [16, 24, 32].map((length) =>
		toHex(
			ciphers.aesEncrypt(
				bytes(length, (i) => i),
				data,
			),
		),
	);
	equal(sealed, [
		"69c4e0d86a7b0430d8cdb78070b4c55a",
		"dda97ca4864cdfe06eaf70a0ec0d7191",
		"8ea2b7ca516745bfeafc49904b496089",
	]);
});

test("keys and data of a wrong length are refused", () => {
	const block = new Uint8Array(16);
	throwsFault("cipher.key", () => ciphers.tdesEncrypt(new Uint8Array(7), block));
	throwsFault("cipher.key", () => ciphers.tdesEncrypt(key16, new Uint8Array(12)));
	throwsFault("cipher.key", () => ciphers.aesEncrypt(new Uint8Array(8), block));
	throwsFault("cipher.key", () => ciphers.aesEncrypt(key16, new Uint8Array(2064)));
});

test("flash in a file starts erased, clears bits only and erases whole blocks", () => {
	const flash = new FileFlash(root, "flash-a", 8192, 16);
	const read = new Uint8Array(16);
	flash.read(read, 4096);
	equal(read, new Uint8Array(16).fill(0xff));
	flash.write(new Uint8Array(16).fill(0xf3), 4096);
	flash.write(new Uint8Array(16).fill(0x3f), 4096);
	flash.read(read, 4096);
	equal(read, new Uint8Array(16).fill(0x33));
	flash.write(new Uint8Array(16).fill(0), 4080);
	flash.eraseBlock(1);
	flash.read(read, 4096);
	equal(read, new Uint8Array(16).fill(0xff));
	flash.read(read, 4080);
	equal(read, new Uint8Array(16));
});

test("flash in a file is still there when it is opened again", () => {
	new FileFlash(root, "flash-b", 8192, 16).write(new Uint8Array(32).fill(0x5a), 64);
	const read = new Uint8Array(32);
	new FileFlash(root, "flash-b", 8192, 16).read(read, 64);
	equal(read, new Uint8Array(32).fill(0x5a));
});

test("flash in a file refuses what lies outside or is not aligned", () => {
	const flash = new FileFlash(root, "flash-c", 8192, 32);
	throwsFault("flash.range", () => flash.write(new Uint8Array(32), 16));
	throwsFault("flash.range", () => flash.write(new Uint8Array(16), 0));
	throwsFault("flash.range", () => flash.write(new Uint8Array(32), 8192));
	throwsFault("flash.range", () => flash.read(new Uint8Array(1), 8192));
	throwsFault("flash.range", () => flash.eraseBlock(2));
	throwsFault("flash.range", () => flash.eraseBlock(-1));
});

test("keys are kept, replaced and unknown by name", () => {
	const keys = new FileKeys(root);
	equal(keys.read("tmk"), undefined);
	keys.write("tmk", key16);
	equal(new FileKeys(root).read("tmk"), key16);
	keys.write("tmk", key16.subarray(0, 8));
	equal(keys.read("tmk"), key16.subarray(0, 8));
	keys.write("empty", new Uint8Array(0));
	equal(keys.read("empty"), new Uint8Array(0));
	throwsFault("io.options", () => keys.read("a-name-that-is-too-long"));
	throwsFault("io.options", () => keys.write("big", new Uint8Array(257)));
});

test("the wall clock is unknown until it is set, and an absurd time is not taken", () => {
	const now = { ms: 5.7 };
	const clock = new TickClock(() => now.ms);
	equal(clock.ticksMs(), 5);
	equal(clock.wallMs(), undefined);
	clock.setWallMs(1_000);
	equal(clock.wallMs(), undefined);
	clock.setWallMs(1_800_000_000_000);
	now.ms = 105.7;
	equal(clock.wallMs(), 1_800_000_000_100);
	equal(clock.ticksMs(), 105);
});

test("the system's clock goes on and its entropy does not repeat", () => {
	const before = monotonicMs();
	const one = new Uint8Array(32);
	const two = new Uint8Array(32);
	fillWithEntropy(one);
	fillWithEntropy(two);
	ok(one.some((byte, i) => byte !== two[i]));
	ok(monotonicMs() >= before);
});

test("a timer is never called from inside set, and clearing an unknown one is fine", () => {
	const timers = new NativeTimers();
	const called: number[] = [];
	const id = timers.set(() => called.push(1), 0);
	equal(called, []);
	timers.clear(id);
	timers.clear(id);
	timers.clear(9999);
});

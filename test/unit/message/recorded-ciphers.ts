/**
 * Ciphers for tests on engines that have none: they know only the calls below, made once with OpenSSL, and stop
 * at any other. test/bench/message-oracle.test.ts makes each of them again.
 */
import type { Ciphers } from "core/ciphers";
import { toHex } from "core/bytes";
import { hex } from "./samples";

export const sampleKeys = Object.freeze({
	tmk: hex("0f1e2d3c4b5a69788796a5b4c3d2e1f0"),
	pik: hex("101112131415161720212223242526a7"),
	mak: hex("31323334353637384142434445464748"),
	/** PIK and MAK under the TMK, with check values. */
	block: hex("4a6c7cdcbd5c494b45bf2efff0ba7e4cc8f2accc95c9dd3b270bbd399864e2606cd7d21101cc1ed4"),
	/** UnionPay MAC under MAK of 02000020000000000001000074. */
	macOfBody: "D3BC80CF",
});

/** RFC 4493, section 4. */
export const rfc4493 = Object.freeze({
	key: hex("2b7e151628aed2a6abf7158809cf4f3c"),
	message: hex(
		"6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51" +
			"30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710",
	),
	examples: Object.freeze([
		{ length: 0, mac: "bb1d6929e95937287fa37d129b756746" },
		{ length: 16, mac: "070a16b46b4d4144f79bdd9dd04a287c" },
		{ length: 40, mac: "dfa66747de9ae63030ca32611497c827" },
		{ length: 64, mac: "51f0bebf7e3b9d92fc49741779363cfe" },
	]),
});

/** "E" TDES encrypt, "D" TDES decrypt, "A" AES encrypt; key, data, result. */
export const recordedCalls: readonly string[] = Object.freeze([
	"A 2b7e151628aed2a6abf7158809cf4f3c 00000000000000000000000000000000 7df76b0c1ab899b33e42f047b91b546f",
	"A 2b7e151628aed2a6abf7158809cf4f3c 77ddac306ae266ccf90bc11ee46d513b bb1d6929e95937287fa37d129b756746",
	"A 2b7e151628aed2a6abf7158809cf4f3c 902f68fa1b31acf095b89e9e01a5bff4 070a16b46b4d4144f79bdd9dd04a287c",
	"A 2b7e151628aed2a6abf7158809cf4f3c 6bc1bee22e409f96e93d7e117393172a 3ad77bb40d7a3660a89ecaf32466ef97",
	"A 2b7e151628aed2a6abf7158809cf4f3c 94faf1e313799afc3629a55f61c961c6 b148c17f309ee692287ae57cf12add49",
	"A 2b7e151628aed2a6abf7158809cf4f3c 765d7109f920644f5171246215478c72 dfa66747de9ae63030ca32611497c827",
	"A 2b7e151628aed2a6abf7158809cf4f3c 8180dd3993c20283cd812465eb208fa6 c93d11bfaf08c5dc4d90b37b4dee002b",
	"A 2b7e151628aed2a6abf7158809cf4f3c c44ce3e245366dad9c3e128fd9b49fe5 51f0bebf7e3b9d92fc49741779363cfe",
	"E 0123456789abcdef 4e6f772069732074 3fa40e8a984d4815",
	"E 0123456789abcdef 57c12efef1202d35 0b2e73f88dc5856a",
	"E 0123456789abcdef 6d4101d8eca9e94a 70a30640cc76dd8b",
	"D fedcba9876543210 70a30640cc76dd8b b48d36ec7ad5694f",
	"E 0123456789abcdef b48d36ec7ad5694f a1c72e74ea3fa9b6",
	"E 31323334353637384142434445464748 3032303130303230 a274bc13825f331e",
	"E 31323334353637384142434445464748 95408c23b26f032e d3bc80cf61f0cce1",
	"E 0723c80db5f4cd3d 3337363133343336 dd662804cb30f348",
	"E 0723c80db5f4cd3d ec5f6947fd04ca7a b3a092aedace4c88",
	"D 0f1e2d3c4b5a69788796a5b4c3d2e1f0 4a6c7cdcbd5c494b45bf2efff0ba7e4c 101112131415161720212223242526a7",
	"E 101112131415161720212223242526a7 0000000000000000 c8f2accc3076502c",
	"D 0f1e2d3c4b5a69788796a5b4c3d2e1f0 95c9dd3b270bbd399864e2606cd7d211 31323334353637384142434445464748",
	"E 31323334353637384142434445464748 0000000000000000 01cc1ed4ceab61b2",
]);

function recall(operation: string, key: Uint8Array, data: Uint8Array): Uint8Array {
	const start = `${operation} ${toHex(key)} ${toHex(data)} `;
	const call = recordedCalls.find((line) => line.startsWith(start));
	if (call === undefined) throw new Error(`not recorded: ${start}`);
	return hex(call.slice(start.length));
}

export const recordedCiphers: Ciphers = Object.freeze({
	tdesEncrypt: (key: Uint8Array, data: Uint8Array) => recall("E", key, data),
	tdesDecrypt: (key: Uint8Array, data: Uint8Array) => recall("D", key, data),
	aesEncrypt: (key: Uint8Array, data: Uint8Array) => recall("A", key, data),
});

import { asciiBytes, asciiText, toHex } from "core/bytes";
import { checkValue, openKeyBlock } from "message/key-block";
import { makeDialect } from "message/dialect";
import { iso87 } from "message/iso87";
import { aesCmac, macAesCmac, macs, macUnionPayEcb, macX919 } from "message/mac";
import { unionpay } from "message/unionpay";
import { equal, test } from "test/harness";
import { recordedCiphers, rfc4493, sampleKeys } from "./recorded-ciphers";
import { hex } from "./samples";

const ciphers = recordedCiphers;

test("AES-CMAC gives the four examples of RFC 4493", () => {
	for (const { length, mac } of rfc4493.examples) {
		const body = rfc4493.message.slice(0, length);
		equal(toHex(aesCmac(ciphers, rfc4493.key, body)), mac, `length ${length}`);
		equal(toHex(macAesCmac(ciphers, rfc4493.key, body)), mac.slice(0, 16));
	}
});

test("X9.19 gives the example of ISO/IEC 9797-1 algorithm 3, padding 1", () => {
	const key = hex("0123456789abcdef fedcba9876543210");
	equal(toHex(macX919(ciphers, key, asciiBytes("Now is the time for all "))), "a1c72e74ea3fa9b6");
});

test("the UnionPay MAC is eight upper-case hex characters", () => {
	const body = hex("02000020000000000001000074");
	equal(asciiText(macUnionPayEcb(ciphers, sampleKeys.mak, body)), sampleKeys.macOfBody);
});

test("the UnionPay MAC gives field 64 of a message captured at a real terminal", () => {
	// The message folded to its last block: the MAC depends on nothing else.
	const folded = hex("3761343619ac6492");
	equal(asciiText(macUnionPayEcb(ciphers, hex("0723c80db5f4cd3d"), folded)), "B3A092AE");
});

test("a dialect says which MAC its messages have, and one that is made of another may say else", () => {
	const own = makeDialect("own", 512, {}, unionpay, { mac: "aes-cmac" });
	equal([unionpay, iso87, own].map(({ mac }) => mac).join(), "unionpay-ecb,x9.19,aes-cmac");
	const body = rfc4493.message.slice(0, 40);
	equal(toHex(macs[own.mac].code(ciphers, rfc4493.key, body)), "dfa66747de9ae630");
	const key = hex("0123456789abcdef fedcba9876543210");
	const text = asciiBytes("Now is the time for all ");
	equal(toHex(macs[iso87.mac].code(ciphers, key, text)), "a1c72e74ea3fa9b6");
});

test("the UnionPay MAC pads with zeros and folds blocks", () => {
	const body = hex("02000020000000000001000074");
	const same = hex("0200002000000000 0001000074 000000 aaaaaaaaaaaaaaaa aaaaaaaaaaaaaaaa");
	equal(
		toHex(macUnionPayEcb(ciphers, sampleKeys.mak, same)),
		toHex(macUnionPayEcb(ciphers, sampleKeys.mak, body)),
	);
});

test("a key block opens to PIK and MAK", () => {
	const keys = openKeyBlock(ciphers, sampleKeys.tmk, sampleKeys.block);
	equal(keys, { pik: sampleKeys.pik, mak: sampleKeys.mak });
	equal(toHex(checkValue(ciphers, sampleKeys.mak)), toHex(sampleKeys.block.slice(36)));
});

test("a wrong check value or length opens nothing", () => {
	for (const at of [16, 19, 36, 39]) {
		const block = sampleKeys.block.slice();
		block[at] = block[at]! ^ 1;
		equal(openKeyBlock(ciphers, sampleKeys.tmk, block), undefined, `byte ${at}`);
	}
	equal(openKeyBlock(ciphers, sampleKeys.tmk, sampleKeys.block.slice(0, 39)), undefined);
	equal(openKeyBlock(ciphers, sampleKeys.tmk, new Uint8Array(0)), undefined);
});

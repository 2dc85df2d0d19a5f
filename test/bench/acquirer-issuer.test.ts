import assert from "node:assert/strict";
import { test } from "node:test";
import type { Message } from "../../simulator/bench/acquirer/codec";
import { bend } from "../../simulator/bench/acquirer/faults";
import { issuerData } from "../../simulator/bench/acquirer/issuer";
import { arpcOf, completionAnswer } from "../../simulator/bench/peripheral/chip";
import { sale, storedSale } from "./acquirer-terminal";

const arqc = Buffer.from("0102030405060708", "hex");
const field55 = Buffer.concat([Buffer.from("9F2608", "hex"), arqc, Buffer.from("9F270180", "hex")]);
const chipSale = sale(1, 1000, { 22: "052", 55: field55 });

function withField(code: string, field: Buffer): Buffer {
	return Buffer.concat([Buffer.from([1, 0x8a, 2]), Buffer.from(code, "latin1"), field]);
}

function lastWord(data: Buffer): string {
	const answer = completionAnswer({ arqc, counter: 1 }, data, false)!;
	return answer.includes(Buffer.from("9f270140", "hex")) ? "TC" : "AAC";
}

test("the issuer's cryptogram is the one that the bench's card expects, for this code alone", () => {
	const field = issuerData(chipSale, "00")!;
	assert.deepEqual(field.subarray(2, 10), arpcOf(arqc, Buffer.from("00")));
	assert.equal(lastWord(withField("00", field)), "TC");
	assert.equal(lastWord(withField("00", issuerData(chipSale, "51")!)), "AAC");
	assert.equal(lastWord(withField("51", issuerData(chipSale, "51")!)), "AAC");
});

test("only a chip that is online gets a cryptogram", () => {
	for (const request of [
		sale(1, 1000),
		sale(1, 1000, { 22: "072", 55: field55 }),
		storedSale(1, 1000, { 22: "052", 55: field55 }),
		sale(1, 1000, { 22: "052", 55: Buffer.from("9F2607", "hex") }),
	])
		assert.equal(issuerData(request, "00"), undefined);
});

test("a wrong cryptogram makes the card refuse, a script leaves it content", () => {
	const reply: Message = { mti: "0210", fields: { 39: "00", 55: issuerData(chipSale, "00")! } };
	const bent = (kind: "wrong-arpc" | "script") => bend({ kind }, reply).fields[55] as Buffer;
	assert.equal(lastWord(withField("00", bent("wrong-arpc"))), "AAC");
	assert.equal(lastWord(withField("00", bent("script"))), "TC");
	const answer = completionAnswer({ arqc, counter: 1 }, withField("00", bent("script")), false);
	assert.ok(answer?.includes(Buffer.from("9f5b052100000000", "hex")));
});

import { equal } from "node:assert/strict";
import { test } from "node:test";
import {
	benchBdk,
	benchKsn,
	counterOf,
	dataKey,
	initialKey,
	ksnAt,
	nextKsn,
	transactionKey,
} from "../../simulator/bench/peripheral/dukpt";

const ipek = initialKey(benchBdk, benchKsn);

test("the initial key is the one of X9.24-1", () => {
	equal(ipek.toString("hex"), "6ac292faa1315b4d858ab3a3d7d5933a");
});

test("the keys of the first counters are those of X9.24-1", () => {
	const keyAt = (counter: number) => transactionKey(ipek, ksnAt(benchKsn, counter)).toString("hex");
	equal(keyAt(1), "042666b49184cfa368de9628d0397bc9");
	equal(keyAt(2), "c46551cef9fd24b0aa9ad834130d3bc7");
	equal(keyAt(3), "0df3d9422aca56e547676d07ad6badfa");
});

test("the data key is the encrypted request variant", () => {
	const key = dataKey(transactionKey(ipek, ksnAt(benchKsn, 1)));
	equal(key.toString("hex"), "448d3f076d8304036a55a3d7e0055a78");
});

test("counters with more than ten one-bits are skipped", () => {
	equal(counterOf(nextKsn(ksnAt(benchKsn, 0x7fe))), 0x800);
	equal(counterOf(nextKsn(ksnAt(benchKsn, 0x3fe))), 0x3ff);
});

/** Every message of the UnionPay terminal dialect against the acquirer's own codec and its rules of what a request looks like. */
import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { decode, encode } from "../../simulator/bench/acquirer/codec";
import { flawOf, isRequest } from "../../simulator/bench/acquirer/layout";
import { unionpayMessages, type SampleMessage } from "../fixtures/messages";

/** Field 44 is of the dialect, but the acquirer does not use it. */
const samples = unionpayMessages.filter(({ fields }) => !fields.includes("|44:"));
/** Another part of the dialect, which this acquirer does not offer: it has notices for that. */
const downloads = /\|60:00\d{6}3[678]/;

const bytesOf = ({ hex }: SampleMessage) => Buffer.from(hex, "hex");

test("the acquirer reads every message field for field, and packs it to the same bytes", () => {
	equal(samples.length, unionpayMessages.length - 1);
	for (const sample of samples) {
		const message = decode(bytesOf(sample));
		const found = Object.entries(message.fields).map(([field, value]) =>
			typeof value === "string"
				? `${field}:${field === "63" ? value : value.trimEnd()}`
				: `${field}:${value.toString("hex").toUpperCase()}`,
		);
		equal(`${message.mti} ${found.join("|")}`, `${sample.mti} ${sample.fields}`);
		deepEqual(encode(message), bytesOf(sample));
	}
});

test("no request is one that the acquirer would refuse for its fields", () => {
	const requests = samples.filter(
		({ name, mti, fields }) =>
			"024".includes(mti[2]!) && !downloads.test(fields) && name !== "notice",
	);
	equal(requests.length, 24);
	for (const sample of requests) {
		equal(isRequest(sample.mti), true, sample.name);
		equal(flawOf(decode(bytesOf(sample))), undefined, `${sample.name} ${sample.mti}`);
	}
});

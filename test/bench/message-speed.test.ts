/** The codec's cost on the device's engine, which is the same on every machine, stays within its limits. */
import { equal } from "node:assert/strict";
import { test } from "node:test";
import { benchXs, computeLimits } from "./message-bench";

test("packing and unpacking stay within their limits on XS", async () => {
	const { packCompute, unpackCompute } = await benchXs(500);
	equal(packCompute <= computeLimits.pack, true, `pack ${packCompute}`);
	equal(unpackCompute <= computeLimits.unpack, true, `unpack ${unpackCompute}`);
});

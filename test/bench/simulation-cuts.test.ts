import assert from "node:assert/strict";
import { test } from "node:test";
import { runAllCuts } from "../simulation/runner";

test("a power cut anywhere in a story breaks no promise, and the next sale works", async () => {
	const { failures, table, cuts } = await runAllCuts(undefined, 31, 1);
	assert.deepEqual(failures, []);
	for (const { scenario, programs } of table) assert.ok(programs > 0, `${scenario} writes nothing`);
	assert.ok(table.some(({ erases }) => erases > 0));
	assert.ok(cuts > 1000, `${cuts} cuts`);
});

test("power cuts find what does not stand them", async () => {
	const faults: readonly (readonly [mutant: string, scenario: string])[] = [
		["journal after send", "sale"],
		["slip before its state", "sale"],
		["Sending ignored at boot", "reversal"],
		["card wiped before the answer is durable", "stored sale"],
	];
	for (const [mutant, scenario] of faults) {
		const { failures } = await runAllCuts(scenario, 1000, 1, undefined, mutant);
		assert.ok(failures.length > 0, mutant);
	}
});

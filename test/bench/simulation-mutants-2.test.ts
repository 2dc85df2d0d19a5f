import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { root } from "../../simulator/bench/build/root";
import { runMutants } from "../simulation/runner";

test("every third mutant of the firmware is caught, from number 2", async () => {
	const path = join(root, "test/simulation/caught.json");
	const caught = JSON.parse(readFileSync(path, "utf8")) as Record<string, number>;
	const { table } = await runMutants(300, undefined, undefined, caught, [1, 3]);
	const missed = table
		.filter(({ checker }) => checker === "")
		.map(({ name, text }) => [name, text]);
	assert.deepEqual(missed, []);
	assert.ok(table.length >= 17);
});

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { root } from "../../simulator/bench/build/root";
import { loadSimulation } from "../simulation/build";
import { openPlayer } from "../simulation/player";
import { runSeeds } from "../simulation/runner";

const seeds = 300;

test(`${seeds} days under faults break no promise`, async () => {
	const report = await runSeeds({ from: 1, seeds });
	assert.deepEqual(report.failed, []);
	assert.ok(report.swipes > 30 * seeds, `${report.swipes} swipes`);
	assert.ok(report.powerCuts > seeds, `${report.powerCuts} power cuts`);
	const idle = Object.entries(report.faults).filter(([, count]) => count === 0);
	assert.deepEqual(idle, [], "every kind of fault happens");
});

test("seeds that once failed stay good", async () => {
	const path = join(root, "test/simulation/seeds.json");
	const kept = JSON.parse(readFileSync(path, "utf8")) as { seed: number; was: string }[];
	const { runDay } = await loadSimulation("kept");
	for (const { seed, was } of kept) assert.deepEqual(runDay({ seed }).violations, [], was);
});

test("the same seed gives the same day", async () => {
	const { runDay } = await loadSimulation("twice");
	for (const seed of [3, 14, 159]) {
		const once = runDay({ seed, story: true, whole: true });
		assert.deepEqual(runDay({ seed, story: true, whole: true }), once);
		const { story: _story, ...unread } = runDay({ seed });
		const { story: _told, ...told } = once;
		assert.deepEqual(unread, told, "telling the story changes nothing");
	}
});

test("XS and Node write, send, show and print the same bytes for the same seed", async () => {
	const onNode = await openPlayer("node");
	const onXs = await openPlayer("xs");
	try {
		for (const seed of [2, 7, 31, 404]) {
			const day = await onXs.play({ seed, digest: true });
			assert.match(day.digest, /^[0-9a-f]{16}$/);
			assert.deepEqual(day, await onNode.play({ seed, digest: true }));
		}
	} finally {
		onXs.close();
	}
});

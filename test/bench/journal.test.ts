import { ok } from "node:assert/strict";
import { test } from "node:test";
import { runEveryOperation, runJournalSim, runMountPairs } from "../simulation/journal-sim";
import { runVaultSim } from "../simulation/vault-sim";
import { benchJournal } from "./journal-bench";

const limits = {
	align4: { bytes: 440, erases: 0.115 },
	align16: { bytes: 470, erases: 0.115 },
	align32: { bytes: 520, erases: 0.13 },
} as const;

test("the journal's figures are within their limits", async () => {
	const bench = await benchJournal();
	for (const name of ["align4", "align16", "align32"] as const) {
		const figures = bench[name];
		const text = `${name} ${JSON.stringify(figures)}`;
		ok(figures.bytesPerTransaction <= limits[name].bytes, text);
		ok(figures.programsPerTransaction <= 4.25, text);
		ok(figures.erasesPerTransaction <= limits[name].erases, text);
		ok(figures.eraseSpread <= 1, text);
		ok(figures.readBytesOnCommit === 0, text);
		ok(figures.mountReadBytes <= 16_384 && figures.mountErases <= 1, text);
		ok(figures.longestCommitMs <= 2.8 && figures.longestCommitNoIdleMs <= 50, text);
	}
	ok(bench.ramBytes <= 12 * 1024, `RAM ${bench.ramBytes}`);
	ok(bench.xsComputePerCommit <= 2600, `compute ${bench.xsComputePerCommit}`);
});

for (const model of [1, 2] as const)
	for (const alignment of [4, 16, 32])
		test(`1,000 seeds of power cuts, model ${model}, alignment ${alignment}`, () => {
			const failed: string[] = [];
			const onFailure = (seed: number, reason: string) => failed.push(`${seed} ${reason}`);
			runJournalSim({ seeds: 1000, model, alignment, onFailure });
			runVaultSim({ seeds: 200, model, alignment, onFailure });
			ok(failed.length === 0, failed[0]);
		});

test("every operation of a turn of the ring, and every pair of cuts in mounts", () => {
	const failed: string[] = [];
	const onFailure = (seed: number, reason: string) => failed.push(`${seed} ${reason}`);
	runEveryOperation({ model: 2, alignment: 16, variants: 1, onFailure });
	runMountPairs({ model: 2, alignment: 16, variants: 4, onFailure });
	ok(failed.length === 0, failed[0]);
});

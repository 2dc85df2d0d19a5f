import { deepEqual, ok } from "node:assert/strict";
import { test } from "node:test";
import { XsProgram } from "../../simulator/bench/board/xs-program";
import { proofs, runProof, type ProofResult } from "../simulation/journal-proofs";
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
	ok(bench.ramBytes <= 24_000, `RAM ${bench.ramBytes}`);
	ok(bench.xsComputePerCommit <= 2347, `compute ${bench.xsComputePerCommit}`);
});

test("a seed ends alike on Node and on XS", async (context) => {
	const program = await XsProgram.load({
		source: `import { runProof } from "test/simulation/journal-proofs"; globalThis.runProof = runProof;`,
		name: "journal-proofs",
		callTimeoutMs: 120_000,
	});
	try {
		for (const name of ["cuts", "vault", "flips"]) {
			const options = { model: 2, alignment: 16, from: 300, seeds: 4 } as const;
			const { value } = await program.call<ProofResult>("runProof", name, options);
			context.diagnostic(`${name} ${JSON.stringify(value)}`);
			deepEqual(value, runProof(name, options));
		}
	} finally {
		program.close();
	}
});

const sizes: Readonly<Record<string, number>> = Object.freeze({ cuts: 500, vault: 200, open: 4 });

for (const name of Object.keys(proofs))
	for (const model of [1, 2] as const)
		for (const alignment of [4, 16, 32])
			test(`no failure: ${proofs[name]!.text}, model ${model}, alignment ${alignment}`, (context) => {
				const seeds = sizes[name] ?? (proofs[name]!.hasSeeds ? 60 : 1);
				const every = 20 + model + alignment;
				const { failed, ...counts } = runProof(name, { model, alignment, from: 0, seeds, every });
				context.diagnostic(JSON.stringify(counts));
				deepEqual(failed, []);
			});

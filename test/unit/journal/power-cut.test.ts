import { equal, test } from "test/harness";
import type { PowerModel } from "test/simulation/fakes/flash";
import { runFlips, runInDoubt, runJournalSim } from "../../simulation/journal-sim";

const reasons = (): { list: string[]; onFailure: (seed: number, reason: string) => void } => {
	const list: string[] = [];
	return { list, onFailure: (seed, reason) => list.push(`${seed} ${reason}`) };
};

for (const model of [1, 2] as const satisfies readonly PowerModel[])
	for (const alignment of [4, 16, 32])
		test(`random power cuts lose nothing: model ${model}, alignment ${alignment}`, () => {
			const { list, onFailure } = reasons();
			runJournalSim({ seeds: 5, model, alignment, onFailure });
			equal(list, []);
		});

test("seven open subjects survive four turns with twelve cuts", () => {
	const { list, onFailure } = reasons();
	runInDoubt({ seeds: 1, model: 2, alignment: 16, onFailure });
	equal(list, []);
});

test("a flipped bit costs at most one record and never shows a false one", () => {
	const { list, onFailure } = reasons();
	runFlips({ seeds: 24, model: 1, alignment: 4, onFailure });
	equal(list, []);
});

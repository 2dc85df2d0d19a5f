import { equal, test } from "test/harness";
import type { PowerModel } from "test/simulation/fakes/flash";
import { JournalWorld } from "../../simulation/journal-world";
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

test("boots alone, also interrupted ones, never fill the ring", () => {
	const world = new JournalWorld({
		seed: 9,
		model: 2,
		blocks: 8,
		retainCount: 1000,
		retainChecked: 0,
	});
	world.boot();
	for (let i = 0; i < 250; i++) world.step();
	for (let i = 0; i < 60; i++) {
		world.bootCut(1 + (i % 9));
		if (i % 7 === 0) world.boot();
	}
	world.boot();
	for (let i = 0; i < 60; i++) world.step();
	world.boot();
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

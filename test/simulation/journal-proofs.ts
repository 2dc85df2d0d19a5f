/** What is shown of journal and vault under power cuts, by name: the same on Node and on XS. */
import type { PowerModel } from "test/simulation/fakes/flash";
import {
	runEveryOperation,
	runFlips,
	runInDoubt,
	runJournalSim,
	runMountPairs,
	type SimResult,
} from "./journal-sim";
import { runVaultSim } from "./vault-sim";

export interface ProofOptions {
	readonly model: PowerModel;
	readonly alignment: number;
	/** Seeds; torn states of each operation, or beginnings, for the exhaustive ones. */
	readonly seeds: number;
	/** First seed. */
	readonly from: number;
	/** Of the exhaustive ones one operation in so many. */
	readonly every?: number;
}

export interface ProofResult extends SimResult {
	readonly failed: readonly { readonly seed: number; readonly reason: string }[];
}

type OnFailure = (seed: number, reason: string) => void;

interface Proof {
	readonly text: string;
	/** Seeds can be shown in portions. */
	readonly hasSeeds: boolean;
	readonly run: (options: ProofOptions & { readonly onFailure: OnFailure }) => SimResult;
}

export const proofs: Readonly<Record<string, Proof>> = Object.freeze({
	cuts: { text: "random power cuts", hasSeeds: true, run: runJournalSim },
	vault: { text: "random power cuts over a vault", hasSeeds: true, run: runVaultSim },
	open: {
		text: "seven left open over four turns, twelve cuts",
		hasSeeds: true,
		run: runInDoubt,
	},
	flips: { text: "single bit flips; cuts counts records lost", hasSeeds: true, run: runFlips },
	operations: {
		text: "every operation of one turn of the ring, whole and torn",
		hasSeeds: false,
		run: ({ seeds, ...options }) => runEveryOperation({ ...options, variants: seeds }),
	},
	mounts: {
		text: "every pair of cuts inside mount",
		hasSeeds: false,
		run: ({ seeds, ...options }) => runMountPairs({ ...options, variants: seeds }),
	},
});

/** @param name one of `proofs` */
export function runProof(name: string, options: ProofOptions): ProofResult {
	const failed: { seed: number; reason: string }[] = [];
	const onFailure: OnFailure = (seed, reason) => {
		if (failed.length < 20) failed.push({ seed, reason });
	};
	return { ...proofs[name]!.run({ ...options, onFailure }), failed };
}

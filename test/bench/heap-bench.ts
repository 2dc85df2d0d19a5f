/**
 * `npm run bench -- heap`: slots of the XS heap after a thousand transactions and after a hundred thousand. The whole of
 * what remembers transactions runs on XS (books, index, worker, journal and vault over flash in memory); link and time are the tests'.
 */
import { XsProgram } from "../../simulator/bench/board/xs-program";

/**
 * Whole rounds of what repeats: of 20 kinds of customer, and of the 17 transactions after which memory forgets the oldest. So both
 * moments are the same but for their age. One call each: a call leaves a slot behind in the machine that serves it.
 */
const round = 340;
const few = 3 * round;
const many = 295 * round;

interface Made {
	readonly made: number;
	readonly open: number;
	readonly newest: number;
}

/** What `npm run bench -- heap` prints. */
export async function benchHeap(): Promise<Record<string, unknown>> {
	const source =
		'import { make } from "./test/bench/heap-program"; globalThis.make = make; globalThis.hasGc = () => typeof gc === "function";';
	const program = await XsProgram.load({ source, name: "heap", callTimeoutMs: 1_800_000 });
	try {
		const collected = (await program.call<boolean>("hasGc")).value;
		const startMs = performance.now();
		const slotsAfterFew = (await program.call<Made>("make", few)).heapCount;
		const after = await program.call<Made>("make", many - few);
		const slotsAfterMany = after.heapCount;
		const { made, open, newest } = after.value;
		return {
			collected,
			transactions: newest,
			rounds: made,
			open,
			slotsAfterFew,
			slotsAfterMany,
			growthPercent: Math.round((slotsAfterMany / slotsAfterFew - 1) * 10_000) / 100,
			seconds: Math.round((performance.now() - startMs) / 1000),
		};
	} finally {
		program.close();
	}
}

/**
 * `npm run bench -- heap`: slots of the XS heap after a thousand transactions and after a hundred thousand. The whole of
 * what remembers transactions runs on XS (books, index, worker, journal and vault over flash in memory); link and time are the tests'.
 */
import { XsProgram } from "../../simulator/bench/board/xs-program";

const few = 1000;
const many = 100_000;
const moments = 48;
/** At a time, so that no call takes long. */
const chunk = 1000;

interface Made {
	readonly made: number;
	readonly open: number;
	readonly newest: number;
}

/** What `npm run bench -- heap` prints. */
export async function benchHeap(): Promise<Record<string, unknown>> {
	const source =
		'import { make } from "./test/bench/heap-program"; globalThis.make = make; globalThis.hasGc = () => typeof gc === "function";';
	const program = await XsProgram.load({ source, name: "heap", callTimeoutMs: 300_000 });
	try {
		const collected = (await program.call<boolean>("hasGc")).value;
		const startMs = performance.now();
		await make(program, few);
		const slotsAfterFew = await meanSlots(program);
		await make(program, many);
		const slotsAfterMany = await meanSlots(program);
		const { made, open, newest } = (await program.call<Made>("make", 1)).value;
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

/** Makes transactions until there are so many. */
async function make(program: XsProgram, rounds: number): Promise<void> {
	for (;;) {
		const { made } = (await program.call<Made>("make", 0)).value;
		if (made >= rounds) return;
		await program.call<Made>("make", Math.min(chunk, rounds - made));
	}
}

/**
 * Slots in use, the mean of several moments: closed transactions are forgotten sixteen at a time, so that a single moment
 * says more about where in that round it was than about growth.
 */
async function meanSlots(program: XsProgram): Promise<number> {
	let sum = 0;
	for (let i = 0; i < moments; i++) sum += (await program.call<Made>("make", 7)).heapCount;
	return Math.round(sum / moments);
}

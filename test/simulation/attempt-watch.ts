import { saleOf } from "test/simulation/describe";
import type { Handed } from "test/simulation/network";
import type { Violations } from "test/simulation/violation";

/** An answer counts only for the attempt that it belongs to: what an older attempt's answer decides is wrong. */
export class AttemptWatch {
	readonly #violations: Violations;
	/** Last attempt that the terminal handed over, by sale. */
	readonly #last = new Map<number, string>();
	#arriving: { readonly attempt: string; readonly sale: number } | undefined;

	constructor(violations: Violations) {
		this.#violations = violations;
	}

	/** The terminal hands over a message to the host. @returns whether it is about a sale */
	leaves({ attempt, payload }: Handed): boolean {
		const sale = saleOf(payload);
		if (sale !== 0) this.#last.set(sale, attempt);
		return sale !== 0;
	}

	/** An answer is about to be read by the firmware. */
	arrives(attempt: string, sale: number): void {
		this.#arriving = { attempt, sale };
	}

	delivered(): void {
		this.#arriving = undefined;
	}

	/** A sale changed its state. */
	decided(sale: number, state: string): void {
		const arriving = this.#arriving;
		if (arriving === undefined || sale === 0) return;
		const last = this.#last.get(sale);
		if (last === undefined || last === arriving.attempt) return;
		if (!["approved", "declined", "reversed", "forwarded"].includes(state)) return;
		const text = `the answer to attempt ${arriving.attempt} made it ${state}, it belongs to another attempt`;
		this.#violations.add("this attempt", text, sale);
	}
}

import { saleOf } from "test/simulation/describe";
import { cutPackets, readPublish } from "test/simulation/mqtt-wire";
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

	/** The terminal hands over one packet. @returns whether it is about a sale */
	leaves(bytes: Uint8Array): boolean {
		if (bytes[0]! >> 4 !== 3) return false;
		const [packet] = cutPackets(bytes).packets;
		if (packet === undefined) return false;
		const { topic, payload } = readPublish(packet);
		const sale = saleOf(payload);
		if (sale !== 0) this.#last.set(sale, topic.slice(topic.lastIndexOf("/") + 1));
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
		if (this.#last.get(sale) === arriving.attempt) return;
		if (!["approved", "declined", "reversed", "forwarded"].includes(state)) return;
		const text = `the answer to attempt ${arriving.attempt} made it ${state}, it belongs to another attempt`;
		this.#violations.add("this attempt", text, sale);
	}
}

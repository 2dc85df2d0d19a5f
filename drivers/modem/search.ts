import type { Command } from "modem/command";
import type { ModemFamily } from "modem/family";
import { registrationQuestion, signalQuestion } from "modem/questions";

const everyMs = 2_000;

export interface SearchEvents {
	/** @param signal 0 to 31, 99 unknown */
	signalKnown(signal: number): void;
	/** @param status of +CEREG, or -1 @returns true while the search goes on */
	searching(status: number): boolean;
	/** Nothing is to be asked for a while. */
	pause(delayMs: number): void;
}

/** Asks for signal and registration in turn, for the technician who looks for a better place. */
export class Search {
	readonly #family: ModemFamily;
	readonly #events: SearchEvents;
	#signalDue = true;

	constructor(family: ModemFamily, events: SearchEvents) {
		this.#family = family;
		this.#events = events;
	}

	start(): void {
		this.#signalDue = true;
	}

	next(): Command {
		if (this.#signalDue)
			return signalQuestion(this.#family, (signal) => {
				this.#events.signalKnown(signal);
				this.#signalDue = false;
			});
		return registrationQuestion(this.#family, (status) => {
			if (!this.#events.searching(status)) return;
			this.#signalDue = true;
			this.#events.pause(everyMs);
		});
	}
}

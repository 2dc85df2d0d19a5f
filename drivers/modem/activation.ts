import { Outcome, type Command } from "modem/command";
import type { ModemFamily } from "modem/family";
import { contextQuestion } from "modem/questions";

const Step = Object.freeze({ Ask: 0, Close: 1, SetUp: 2, Open: 3 } as const);
type Step = (typeof Step)[keyof typeof Step];

const tryLimit = 3;
const tryAgainMs = 5_000;

export interface ActivationEvents {
	opened(): void;
	/** Three tries were in vain. */
	failed(): void;
	/** Nothing is to be asked for a while. */
	pause(delayMs: number): void;
}

/**
 * Opens the data connection: asks whether one is there, closes what an earlier life left open (its sockets
 * hold their numbers), sets the access point, opens.
 */
export class Activation {
	readonly #family: ModemFamily;
	readonly #apn: string;
	readonly #events: ActivationEvents;
	#step: Step = Step.Ask;
	#tries = 0;

	constructor(family: ModemFamily, apn: string, events: ActivationEvents) {
		this.#family = family;
		this.#apn = apn;
		this.#events = events;
	}

	start(): void {
		this.#step = Step.Ask;
		this.#tries = 0;
	}

	next(): Command {
		const family = this.#family;
		switch (this.#step) {
			case Step.Ask:
				return contextQuestion(family, (active) => {
					this.#step = active === true ? Step.Close : Step.SetUp;
				});
			case Step.Close:
				return closeContext(family, () => {
					this.#step = Step.SetUp;
				});
			case Step.SetUp:
				return {
					text: family.contextSetup(this.#apn),
					timeoutMs: 5_000,
					done: () => {
						this.#step = Step.Open;
					},
				};
			case Step.Open:
				return {
					text: family.contextOpen,
					timeoutMs: family.contextOpenTimeoutMs,
					done: ({ outcome }) => this.#answered(outcome === Outcome.Ok),
				};
		}
	}

	#answered(good: boolean): void {
		this.#tries++;
		if (good) this.#events.opened();
		else if (this.#tries >= tryLimit) this.#events.failed();
		else {
			this.#step = Step.Close;
			this.#events.pause(tryAgainMs);
		}
	}
}

/** Ends the data connection, if there is one. `done` comes whatever the answer is. */
export function closeContext(family: ModemFamily, done: () => void): Command {
	return { text: family.contextClose, timeoutMs: family.contextCloseTimeoutMs, done };
}

import { Outcome, type Command } from "modem/command";
import type { SetupCommand } from "modem/family";

const tryAgainMs = 500;

export interface SettingsEvents {
	/** All are made. */
	made(): void;
	/** Nothing is to be asked for a while. */
	pause(delayMs: number): void;
}

/** Makes the settings of a family, one after the other. */
export class Settings {
	readonly #commands: readonly SetupCommand[];
	readonly #events: SettingsEvents;
	#step = 0;

	constructor(commands: readonly SetupCommand[], events: SettingsEvents) {
		this.#commands = commands;
		this.#events = events;
	}

	start(): void {
		this.#step = 0;
	}

	next(): Command | undefined {
		const item = this.#commands[this.#step];
		if (item === undefined) {
			this.#events.made();
			return undefined;
		}
		return {
			text: item.text,
			timeoutMs: 5_000,
			done: ({ outcome }) => {
				if (outcome === Outcome.Ok || (outcome === Outcome.Failed && !item.required)) this.#step++;
				else this.#events.pause(tryAgainMs);
			},
		};
	}
}

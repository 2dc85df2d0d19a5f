import type { KeyStore } from "core/ciphers";
import type { Clock, TimerId, Timers } from "core/clock";
import type { Entropy } from "core/entropy";
import type { TerminalConfig } from "core/platform";
import { Random } from "test/simulation/fakes/random";
import { masterKey } from "test/simulation/host-keys";
import type { Due, Scheduler } from "test/simulation/scheduler";

export const simulatedConfig: TerminalConfig = Object.freeze({
	terminalId: "70000001",
	merchantId: "898310000000001",
	merchantName: "SIMULATED SHOP",
	currency: 156,
	currencyDigits: 2,
	utcOffsetMinutes: 480,
	mqttHost: "broker",
	mqttPort: 1883,
	mqttUser: "70000001",
	mqttPassword: "simulated",
	backupHost: "backup",
	backupPort: 5001,
	apn: "cmnet",
});

/** Clock of one boot. */
export class BoardClock implements Clock {
	readonly #scheduler: Scheduler;
	readonly #bootMs: number;
	#wallAtBootMs: number | undefined;

	constructor(scheduler: Scheduler) {
		this.#scheduler = scheduler;
		this.#bootMs = scheduler.nowMs;
	}

	ticksMs(): number {
		return Math.floor(this.#scheduler.nowMs - this.#bootMs);
	}

	wallMs(): number | undefined {
		return this.#wallAtBootMs === undefined ? undefined : this.#wallAtBootMs + this.ticksMs();
	}

	setWallMs(wallMs: number): void {
		this.#wallAtBootMs = Math.floor(wallMs) - this.ticksMs();
	}
}

/** Timers of one boot. */
export class BoardTimers implements Timers {
	readonly #scheduler: Scheduler;
	readonly #guard: (run: () => void) => void;
	readonly #pending = new Map<TimerId, Due>();
	#lastId = 0;

	/** @param guard runs firmware code of this boot */
	constructor(scheduler: Scheduler, guard: (run: () => void) => void) {
		this.#scheduler = scheduler;
		this.#guard = guard;
	}

	set(callback: () => void, delayMs: number): TimerId {
		const id = ++this.#lastId;
		const due = this.#scheduler.after(delayMs, () => {
			this.#pending.delete(id);
			this.#guard(callback);
		});
		this.#pending.set(id, due);
		return id;
	}

	clear(id: TimerId): void {
		const due = this.#pending.get(id);
		if (due === undefined) return;
		due.run = undefined;
		this.#pending.delete(id);
	}
}

export class BoardEntropy implements Entropy {
	readonly #random: Random;

	constructor(seed: number) {
		this.#random = new Random(seed);
	}

	fill(target: Uint8Array): void {
		this.#random.fill(target);
	}
}

export const boardKeys: KeyStore = Object.freeze({
	read: (name: string) => (name === "tmk" ? masterKey : undefined),
	write: () => {},
});

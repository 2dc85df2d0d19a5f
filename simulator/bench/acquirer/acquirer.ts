/** The acquirer's host: its desk, the ways to it, and how it comes and goes. */
import { randomBytes } from "node:crypto";
import type { Habits } from "./decision";
import { Desk, type Maintenance } from "./desk";
import type { Fault } from "./faults";
import { KeyTable } from "./keys";
import type { Ledger } from "./ledger";
import { MqttChannel } from "./mqtt-channel";
import { realClock, testBdk, type AcquirerCounters, type AcquirerOptions } from "./options";

export class Acquirer {
	readonly #options: AcquirerOptions;
	readonly #keys: KeyTable;
	readonly #desk: Desk;
	readonly #mqtt: MqttChannel;
	#running = false;
	#counters = { received: 0, answered: 0, dropped: 0 };

	/**
	 * Nothing is opened or connected before `start`.
	 * @throws RangeError for a terminal or key set up wrongly
	 */
	constructor(options: AcquirerOptions) {
		this.#options = options;
		const random = options.random ?? randomBytes;
		const bdk = options.bdk ?? testBdk;
		if (bdk.length !== 16) throw new RangeError("a base derivation key has 16 bytes");
		this.#keys = new KeyTable(options.terminals, random);
		const { ledgerFolder, hold, onActivity } = options;
		this.#desk = new Desk(
			{
				...(ledgerFolder === undefined ? {} : { ledgerFolder }),
				...(hold === undefined ? {} : { hold }),
				...(onActivity === undefined ? {} : { onActivity }),
				clock: { now: options.now ?? realClock.now, after: options.after ?? realClock.after },
				random,
				bdk,
				keys: this.#keys,
				log: (line) => this.#log(line),
				onCrash: () => this.crash(),
				onAnswered: () => void this.#counters.answered++,
				onDone: () => undefined,
			},
			{ tombstones: true, idempotent: true, staleCheck: true, ...options.habits },
		);
		this.#mqtt = new MqttChannel({
			url: options.mqttUrl,
			log: (line) => this.#log(line),
			onMessage: () => this.#onMessage(),
			onRequest: (payload, way) => this.#desk.take(payload, way),
			onDropped: () => void this.#counters.dropped++,
		});
	}

	/** The books; readable also while the host is stopped. */
	get ledger(): Ledger {
		return this.#desk.ledger;
	}

	get running(): boolean {
		return this.#running;
	}

	get counters(): AcquirerCounters {
		return { ...this.#counters };
	}

	/** Switches habits on or off from now on. */
	setHabits(habits: Partial<Habits>): void {
		this.#desk.habits = { ...this.#desk.habits, ...habits };
	}

	/** The next request that the fault aims at runs into it. @throws RangeError as FaultQueue.add */
	addFault(fault: Fault): void {
		this.#desk.faults.add(fault);
	}

	clearFaults(): void {
		this.#desk.faults.clear();
	}

	get faultCount(): number {
		return this.#desk.faults.length;
	}

	/** From now on requests are refused or passed over; undefined ends it at once. */
	setMaintenance(maintenance: Maintenance | undefined): void {
		this.#desk.maintenance = maintenance;
	}

	/**
	 * Opens another batch for a terminal: its next request of the old one is answered 77. Over when it is durable.
	 * @param batch six digits
	 * @throws RangeError for no batch, Error while the host is stopped
	 */
	async setBatch(terminal: string, batch: string): Promise<void> {
		if (!/^\d{6}$/.test(batch) || batch === "000000")
			throw new RangeError("a batch is 000001 to 999999");
		const ms = this.#now();
		const none = { stan: "", amountMinor: 0, maskedPan: "", code: "", rrn: "", authCode: "" };
		await this.#desk.post(() => [{ kind: "batch", ms, terminal, batch, ...none }]);
	}

	/**
	 * Opens the ledger, connects and subscribes; over when requests are being taken.
	 * @throws Error with one clear line when ledger or broker cannot be used
	 */
	async start(): Promise<void> {
		if (this.#running) return;
		this.#running = true;
		try {
			await this.#desk.open();
			await this.#mqtt.start();
		} catch (error) {
			this.#running = false;
			await this.#desk.close();
			throw error;
		}
		this.#log("host is up");
	}

	/** The host is gone: what waits is never answered, what comes now vanishes. Keys and faults stay. */
	async stop(): Promise<void> {
		const was = this.#running;
		this.#running = false;
		const closed = this.#desk.close();
		await this.#mqtt.stop();
		await closed;
		if (was) this.#log("host is down");
	}

	/** The host dies at once, without a farewell: working keys, faults and waiting answers are lost. */
	crash(): void {
		this.#running = false;
		this.#mqtt.crash();
		void this.#desk.close();
		this.#keys.forget();
		this.#desk.faults.clear();
		this.#log("host has crashed");
		this.#options.onCrash?.();
	}

	#onMessage(): void {
		this.#options.onActivity?.();
		this.#counters.received++;
	}

	#now(): number {
		return (this.#options.now ?? realClock.now)();
	}

	#log(line: string): void {
		this.#options.log?.(line);
	}
}

/** The acquirer's host: takes requests from the broker, decides, posts, answers. */
import { randomBytes } from "node:crypto";
import type { IPublishPacket, MqttClient } from "mqtt";
import { farewell, openClient, ready, reasonOf, safeUrl } from "./broker-client";
import { CodecError, decode, messageBytesMax, text, type Message } from "./codec";
import { bend, breakBytes, delayOf, FaultQueue, type Fault } from "./faults";
import { rrnOf } from "./host-time";
import { KeyTable } from "./keys";
import { isRequest } from "./layout";
import { Ledger } from "./ledger";
import {
	realClock,
	testBdk,
	type AcquirerClock,
	type AcquirerCounters,
	type AcquirerOptions,
} from "./options";
import { replyMti, replyQos, replyTo, seal } from "./reply";
import { decide, type Decision, type Habits, type HostView } from "./rules";

/** Most answers that wait for their time at once. */
const pendingMax = 1000;

export class Acquirer {
	readonly #options: AcquirerOptions;
	readonly #clock: AcquirerClock;
	readonly #random: (byteCount: number) => Buffer;
	readonly #bdk: Buffer;
	readonly #keys: KeyTable;
	readonly #faults = new FaultQueue();
	readonly #pending = new Set<() => void>();
	#habits: Habits;
	#ledger: Ledger;
	#ledgerOpen = true;
	#client: MqttClient | undefined;
	#running = false;
	#answerNumber = 0;
	#counters = { received: 0, answered: 0, dropped: 0 };

	/**
	 * Opens the ledger; nothing is connected before `start`.
	 * @throws RangeError for a terminal or key set up wrongly, Error for a ledger that cannot be read
	 */
	constructor(options: AcquirerOptions) {
		this.#options = options;
		this.#clock = { now: options.now ?? realClock.now, after: options.after ?? realClock.after };
		this.#random = options.random ?? randomBytes;
		this.#bdk = options.bdk ?? testBdk;
		if (this.#bdk.length !== 16) throw new RangeError("a base derivation key has 16 bytes");
		this.#keys = new KeyTable(options.terminals, this.#random);
		this.#habits = { tombstones: true, idempotent: true, staleCheck: true, ...options.habits };
		this.#ledger = new Ledger(options.ledgerFile);
		this.#answerNumber = this.#ledger.records().length;
	}

	/** The books; readable also while the host is stopped. */
	get ledger(): Ledger {
		return this.#ledger;
	}

	get running(): boolean {
		return this.#running;
	}

	get counters(): AcquirerCounters {
		return { ...this.#counters };
	}

	/** Switches habits on or off from now on. */
	setHabits(habits: Partial<Habits>): void {
		this.#habits = { ...this.#habits, ...habits };
	}

	/** The next request that the fault aims at runs into it. @throws RangeError as FaultQueue.add */
	addFault(fault: Fault): void {
		this.#faults.add(fault);
	}

	clearFaults(): void {
		this.#faults.clear();
	}

	get faultCount(): number {
		return this.#faults.length;
	}

	/** Opens a new batch for a terminal: its next sale is answered 77. @param batch six digits */
	setBatch(terminal: string, batch: string): void {
		if (!/^\d{6}$/.test(batch) || batch === "000000")
			throw new RangeError("a batch is 000001 to 999999");
		if (!this.#ledgerOpen) throw new Error("the host is stopped: its ledger is closed");
		const none = { stan: "", amountMinor: 0, maskedPan: "", code: "", rrn: "", authCode: "" };
		this.#ledger.append({ kind: "batch", ms: this.#clock.now(), terminal, batch, ...none });
	}

	/**
	 * Connects and subscribes; resolved when requests are being taken.
	 * @throws Error with one clear line when the broker cannot be reached or refuses
	 */
	async start(): Promise<void> {
		if (this.#client !== undefined) return;
		if (!this.#ledgerOpen) {
			this.#ledger = new Ledger(this.#options.ledgerFile);
			this.#ledgerOpen = true;
		}
		const client = openClient(this.#options.mqttUrl);
		this.#client = client;
		this.#running = true;
		client.on("message", (topic, payload, packet) =>
			this.#onMessage(client, topic, payload, packet),
		);
		client.on("close", () => this.#log("broker connection closed"));
		try {
			await ready(client);
		} catch (error) {
			if (this.#client === client) this.#detach();
			client.end(true);
			const where = safeUrl(this.#options.mqttUrl);
			throw new Error(`broker ${where}: ${reasonOf(error)}`, { cause: error });
		}
		if (this.#client !== client) throw new Error("stopped while it started");
		client.on("error", (error) => this.#log(`broker: ${reasonOf(error)}`));
		this.#log("host is up");
	}

	/** The host is gone: what waits is never answered, what comes now vanishes. Keys and faults stay. */
	async stop(): Promise<void> {
		const client = this.#client;
		this.#detach();
		this.#closeLedger();
		if (client === undefined) return;
		await farewell(client);
		this.#log("host is down");
	}

	/** The host dies at once, without a farewell: working keys, faults and waiting answers are lost. */
	crash(): void {
		const client = this.#client;
		this.#detach();
		this.#closeLedger();
		this.#keys.forget();
		this.#faults.clear();
		this.#log("host has crashed");
		client?.stream.destroy();
		client?.end(true);
		this.#options.onCrash?.();
	}

	#detach(): void {
		this.#running = false;
		this.#client = undefined;
		for (const cancel of this.#pending) cancel();
		this.#pending.clear();
	}

	#closeLedger(): void {
		if (this.#options.ledgerFile === undefined || !this.#ledgerOpen) return;
		this.#ledger.close();
		this.#ledgerOpen = false;
	}

	#onMessage(client: MqttClient, topic: string, payload: Buffer, packet: IPublishPacket): void {
		if (!this.#running || this.#client !== client) return;
		this.#options.onActivity?.();
		this.#counters.received++;
		try {
			const flaw = packet.retain ? "retained" : this.#take(topic, payload);
			if (flaw === undefined) return;
			this.#counters.dropped++;
			this.#log(`dropped ${payload.length} bytes on ${printable(topic)}: ${flaw}`);
		} catch (error) {
			// The books could not be written: nothing was posted, so nothing may be answered.
			this.#log(`not answered: ${reasonOf(error)}`);
		}
	}

	/** @returns why no answer is due, undefined for a request that was taken */
	#take(topic: string, payload: Buffer): string | undefined {
		const [, terminal, attempt] =
			/^q\/([0-9A-Za-z]{8})\/([1-9a-f][0-9a-f]{0,5})$/.exec(topic) ?? [];
		if (terminal === undefined || attempt === undefined) return "topic";
		if (payload.length > messageBytesMax) return "too long";
		const request = readMessage(payload);
		if (typeof request === "string") return request;
		if (!isRequest(request.mti)) return `message ${request.mti}`;
		if (text(request, 41) !== terminal) return "field 41 is not the topic's";
		this.#answer(request, payload, `r/${terminal}/${attempt}`);
		return undefined;
	}

	#answer(request: Message, payload: Buffer, topic: string): void {
		const terminal = text(request, 41);
		const fault = this.#faults.take(request.mti, terminal);
		if (fault !== undefined) this.#log(`fault ${fault.kind}`);
		if (fault?.kind === "silence-unposted") return;
		if (fault?.kind === "crash-before") return this.crash();
		const host = this.#view();
		const decided = decide(host, request, payload);
		const decision: Decision =
			fault?.kind === "code"
				? { ...decided, code: fault.code, authCode: "", records: [] }
				: decided;
		for (const record of decision.records) this.#ledger.append(record);
		this.#logDecision(request, decision);
		if (fault?.kind === "crash-after") return this.crash();
		const reply = bend(fault, replyTo(request, decision, host));
		const sealed = seal(reply, decision.signed, this.#keys.mak(terminal));
		if (fault?.kind === "silence") return;
		const bytes = breakBytes(fault, sealed, this.#random);
		this.#send(topic, bytes, replyQos(request.mti), delayOf(fault));
		if (fault?.kind === "duplicate") this.#send(topic, bytes, replyQos(request.mti), 0);
	}

	#view(): HostView {
		const number = ++this.#answerNumber;
		const nowMs = this.#clock.now();
		return {
			ledger: this.#ledger,
			keys: this.#keys,
			bdk: this.#bdk,
			habits: this.#habits,
			nowMs,
			rrn: rrnOf(nowMs, number),
			authCode: String((number * 7919) % 1_000_000).padStart(6, "0"),
		};
	}

	#send(topic: string, bytes: Buffer, qos: 0 | 1, delayMs: number): void {
		const client = this.#client;
		const send = (): void => {
			this.#options.onActivity?.();
			if (client?.connected !== true) return this.#log(`answer on ${topic} lost: no broker`);
			this.#counters.answered++;
			client.publish(topic, bytes, { qos }, (error) => {
				if (error) this.#log(`answer on ${topic} lost: ${reasonOf(error)}`);
			});
		};
		if (delayMs === 0) return send();
		if (this.#pending.size >= pendingMax)
			return this.#log(`answer on ${topic} lost: too many wait`);
		const cancel = this.#clock.after(delayMs, () => {
			this.#pending.delete(cancel);
			send();
		});
		this.#pending.add(cancel);
	}

	#logDecision(request: Message, decision: Decision): void {
		const what = `${text(request, 41)} ${request.mti} STAN ${text(request, 11)}`;
		const note = decision.note === "" ? "" : ` (${decision.note})`;
		this.#log(`${what} → ${replyMti(request.mti)} ${decision.code}${note}`);
	}

	#log(line: string): void {
		this.#options.log?.(line);
	}
}

/** A decoded message, or what is wrong with the bytes. */
function readMessage(payload: Buffer): Message | string {
	try {
		return decode(payload);
	} catch (error) {
		if (error instanceof CodecError) return error.message;
		throw error;
	}
}

function printable(topic: string): string {
	return topic.slice(0, 40).replaceAll(/[^ -~]/g, "?");
}

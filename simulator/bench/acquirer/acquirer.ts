/** The acquirer's host: its desk, its notices, the ways to it, and how it comes and goes. */
import { randomBytes } from "node:crypto";
import { Books } from "./books";
import type { Message } from "./codec";
import type { Decision, Habits } from "./decision";
import { Desk, type Maintenance } from "./desk";
import type { Fault } from "./faults";
import { Funder } from "./funding";
import { KeyTable } from "./keys";
import type { Ledger } from "./ledger";
import { listingOf, type Listing } from "./listing";
import { MqttChannel } from "./mqtt-channel";
import { NoticeBook, type Notice } from "./notice-book";
import type { NoticeContent } from "./notice-content";
import { NoticeDesk } from "./notice-desk";
import {
	realClock,
	testBdk,
	type AcquirerClock,
	type AcquirerCounters,
	type AcquirerOptions,
	type Funding,
} from "./options";
import { TcpChannel } from "./tcp-channel";
import type { Way } from "./way";

export class Acquirer {
	readonly #options: AcquirerOptions;
	readonly #clock: AcquirerClock;
	readonly #keys: KeyTable;
	readonly #books: Books;
	readonly #desk: Desk;
	readonly #notices: NoticeDesk;
	readonly #funder: Funder;
	readonly #mqtt: MqttChannel | undefined;
	readonly #tcp: TcpChannel | undefined;
	#running = false;
	#counters = { received: 0, answered: 0, dropped: 0 };

	/**
	 * Nothing is opened or connected before `start`.
	 * @throws RangeError for a terminal or key set up wrongly
	 */
	constructor(options: AcquirerOptions) {
		this.#options = options;
		this.#clock = { now: options.now ?? realClock.now, after: options.after ?? realClock.after };
		this.#keys = new KeyTable(options.terminals, options.random ?? randomBytes);
		this.#books = this.#makeBooks();
		this.#desk = this.#makeDesk();
		this.#notices = this.#makeNotices();
		this.#funder = new Funder({
			funding: options.funding,
			ledger: () => this.ledger,
			notices: this.#notices,
			log: (line) => this.#log(line),
		});
		const channel = {
			log: (line: string) => this.#log(line),
			onMessage: () => this.#onMessage(),
			onDropped: () => void this.#counters.dropped++,
		};
		const { mqttUrl, mqttCa, tcp } = options;
		if (mqttUrl !== undefined)
			this.#mqtt = new MqttChannel({
				...channel,
				url: mqttUrl,
				...(mqttCa === undefined ? {} : { ca: mqttCa }),
				...(options.hold === undefined ? {} : { hold: options.hold }),
				onRequest: (payload, way) => this.#desk.take(payload, way),
				onNoticeAnswer: (payload, way, terminal, number) =>
					this.#notices.take(payload, way, terminal, number),
			});
		if (tcp !== undefined)
			this.#tcp = new TcpChannel({
				...channel,
				options: tcp,
				clock: this.#clock,
				onActivity: () => options.onActivity?.(),
				onRequest: (payload, way) => this.#takeFrame(payload, way),
				requestDigit: (terminal) => this.#requestDigit(terminal),
			});
	}

	/** The books; readable also while the host is stopped. */
	get ledger(): Ledger {
		return this.#books.ledger;
	}

	get running(): boolean {
		return this.#running;
	}

	get counters(): AcquirerCounters {
		return { ...this.#counters };
	}

	/** Terminal numbers that it knows. */
	get terminals(): readonly string[] {
		return this.#keys.ids();
	}

	/** Ledger and notices as rows. */
	listing(): Listing {
		return listingOf(this.ledger, this.#notices.book);
	}

	/** Port of the TCP listener once it was started; undefined without one. */
	get tcpPort(): number | undefined {
		return this.#tcp?.port;
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
		const ms = this.#clock.now();
		const none = { stan: "", amountMinor: 0, maskedPan: "", code: "", rrn: "", authCode: "" };
		const record = { kind: "batch", ms, terminal, batch, ...none } as const;
		await this.#books.inTurn(() => this.#books.append([record]));
	}

	/**
	 * Tells a terminal something; over when it is durable. It is sent until it is answered.
	 * @param dueMs not earlier than this, Unix ms on the host's clock
	 * @throws RangeError for an unknown terminal or a content that the page does not allow, Error while the host is stopped
	 */
	notify(terminal: string, content: NoticeContent, dueMs?: number): Promise<void> {
		return this.#notices.add(terminal, content, dueMs === undefined ? {} : { dueMs });
	}

	/**
	 * Tells a terminal what became of the money of a closed batch, with the sums of the books.
	 * @throws RangeError for a batch that is not closed, and as `notify`
	 */
	async settle(
		terminal: string,
		batch: string,
		funding: Omit<Funding, "delayMs">,
		dueMs = this.#clock.now(),
	): Promise<void> {
		await this.#funder.settle(terminal, batch, funding, dueMs);
	}

	/** Notices that were made for a terminal, in that order, and what became of them. */
	notices(terminal: string): readonly Notice[] {
		return this.#notices.book.list(terminal);
	}

	/**
	 * Opens the ledger, connects, subscribes and listens; over when requests are being taken.
	 * @throws Error with one clear line when ledger, broker or port cannot be used
	 */
	async start(): Promise<void> {
		if (this.#running) return;
		this.#running = true;
		try {
			await this.#books.open();
			this.#desk.open();
			await this.#tcp?.start();
			await this.#mqtt?.start();
		} catch (error) {
			this.#running = false;
			await this.stop();
			throw error;
		}
		this.#log("host is up");
		this.#funder.catchUp();
		for (const terminal of this.#keys.ids()) this.#notices.kick(terminal);
	}

	/** The host is gone: what waits is never answered, what comes now vanishes. Keys and faults stay. */
	async stop(): Promise<void> {
		const was = this.#running;
		this.#running = false;
		this.#notices.close();
		this.#desk.close();
		const closed = this.#books.close();
		await Promise.all([this.#mqtt?.stop(), this.#tcp?.stop(), closed]);
		if (was) this.#log("host is down");
	}

	/** The host dies at once, without a farewell: working keys, faults and waiting answers are lost. */
	crash(): void {
		this.#running = false;
		this.#mqtt?.crash();
		void this.#tcp?.stop();
		this.#notices.close();
		this.#desk.close();
		void this.#books.close();
		this.#keys.forget();
		this.#desk.faults.clear();
		this.#log("host has crashed");
		this.#options.onCrash?.();
	}

	#makeBooks(): Books {
		const { ledgerFolder, hold } = this.#options;
		return new Books({
			...(ledgerFolder === undefined ? {} : { ledgerFolder }),
			...(hold === undefined ? {} : { hold }),
			log: (line) => this.#log(line),
			onOpen: (notices) => this.#notices.open(new NoticeBook(notices)),
		});
	}

	#makeDesk(): Desk {
		const { onActivity, habits, bdk = testBdk, random } = this.#options;
		if (bdk.length !== 16) throw new RangeError("a base derivation key has 16 bytes");
		return new Desk(
			{
				books: this.#books,
				...(onActivity === undefined ? {} : { onActivity }),
				clock: this.#clock,
				random: random ?? randomBytes,
				bdk,
				keys: this.#keys,
				log: (line) => this.#log(line),
				onCrash: () => this.crash(),
				onAnswered: () => void this.#counters.answered++,
				nextNotice: (terminal, keep) => this.#notices.next(terminal, keep),
				onDone: (request, decision, way) => this.#onDone(request, decision, way),
			},
			{ tombstones: true, idempotent: true, staleCheck: true, ...habits },
		);
	}

	#makeNotices(): NoticeDesk {
		return new NoticeDesk({
			clock: this.#clock,
			random: this.#options.random ?? randomBytes,
			keys: this.#keys,
			faults: this.#desk.faults,
			log: (line) => this.#log(line),
			inTurn: (job) => this.#books.inTurn(job),
			publish: (topic, bytes) => {
				this.#options.onActivity?.();
				return this.#mqtt?.notify(topic, bytes) ?? "no MQTT";
			},
		});
	}

	/** Requests, and on a polling connection the answers to notices. */
	#takeFrame(payload: Buffer, way: Way): string | undefined {
		const isAnswer = payload.length > 1 && payload.readUInt16BE(0) === 0x0630;
		return isAnswer ? this.#notices.take(payload, way) : this.#desk.take(payload, way);
	}

	/** 3: the keys count no more. 1: notices wait. */
	#requestDigit(terminal: string): number {
		if (this.#keys.mak(terminal) === undefined) return 3;
		return this.#notices.waits(terminal) ? 1 : 0;
	}

	#onDone(request: Message, decision: Decision, way: Way): void {
		const signedOn = request.mti === "0800" && decision.code === "00";
		if (signedOn && way.poll === undefined) this.#notices.kick(String(request.fields[41]));
		for (const record of decision.records)
			if (record.kind === "close") this.#funder.onClose(record);
	}

	#onMessage(): void {
		this.#options.onActivity?.();
		this.#counters.received++;
	}

	#log(line: string): void {
		this.#options.log?.(line);
	}
}

import { cardNamed } from "./cards";
import type { Presentation, TestCard } from "./cards";
import { benchBdk, benchKsn, counterOf, nextKsn } from "./dukpt";
import type { ReaderRequest } from "./emv";
import { Peripheral } from "./peripheral";
import type { PeripheralOptions } from "./peripheral";
import { clearAnswer, encryptedAnswer } from "./reader-answer";
import { damaged } from "./reader-faults";
import type { ReaderFault } from "./reader-faults";
import { maskPan } from "./redact";
import { parseTlvs } from "./tlv";
import { CommandParser, responseFrame } from "./vivotech";
import type { ReaderCommand } from "./vivotech";

export type { ReaderFault } from "./reader-faults";

export interface ReaderOptions extends PeripheralOptions {
	/** Base derivation key, 16 bytes; the bench's when absent. */
	readonly bdk?: Uint8Array;
	/** KSN of the last card that was read, 10 bytes. */
	readonly ksn?: Uint8Array;
	/** The reader began or ended to wait for a card. */
	readonly onWaiting?: (waiting: boolean) => void;
}

const wakeUs = 200_000;
const readUs = { swipe: 300_000, tap: 400_000, chip: 1_500_000 } as const;
const gapLimitUs = 400_000;
const Status = {
	Ok: 0x00,
	UnknownCommand: 0x02,
	UnknownSub: 0x03,
	CrcError: 0x04,
	BadParameter: 0x05,
	Timeout: 0x08,
	Failed: 0x0a,
	NotAllowed: 0x0b,
	AskOnline: 0x23,
} as const;
const noData = new Uint8Array(0);
const transaction = 0x02;

/** ID TECH NEO2 secure reader: the card's data leave it encrypted only. */
export class CardReaderDevice extends Peripheral {
	readonly #bdk: Uint8Array;
	readonly #onWaiting: ((waiting: boolean) => void) | undefined;
	readonly #parser = new CommandParser();
	#ksn: Buffer;
	#state: "deaf" | "idle" | "waiting" | "reading" = "deaf";
	#request: ReaderRequest | undefined;
	#endWait: (() => void) | undefined;
	#lastResult: Uint8Array | undefined;
	#lastHeardUs = 0;
	#silent = false;
	#encrypting = true;
	#faults: ReaderFault[] = [];

	constructor(options: ReaderOptions = {}) {
		super("reader", options);
		this.#bdk = options.bdk ?? benchBdk;
		this.#ksn = Buffer.from(options.ksn ?? benchKsn);
		this.#onWaiting = options.onWaiting;
	}

	/** A card would be taken now. */
	get waiting(): boolean {
		return this.#state === "waiting";
	}

	/** KSN of the last card; survives power cuts. */
	get ksn(): Uint8Array {
		return Uint8Array.from(this.#ksn);
	}

	/**
	 * Holds a card to the reader.
	 * @param card one of `testCards` or its name
	 * @returns false when the reader awaits none or the card cannot be read that way; then nothing happens
	 */
	present(card: TestCard | string, way: Presentation): boolean {
		const one = typeof card === "string" ? cardNamed(card) : card;
		const request = this.#request;
		if (this.#state !== "waiting" || request === undefined || !one.ways.includes(way)) return false;
		this.note(`${way} ${maskPan(one.pan)}`);
		this.#leaveWait("reading");
		this.#endWait = this.later(readUs[way], () => this.#answer(one, way, request));
		return true;
	}

	/** The next `count` answers to a card go wrong; several calls queue up. */
	failNext(fault: ReaderFault, count = 1): void {
		for (let i = 0; i < count; i++) this.#faults.push(fault);
	}

	/** Deaf and dumb until switched back. */
	setSilent(silent: boolean): void {
		this.#silent = silent;
	}

	/** Encryption off is a reader that was never keyed: it sends clear data. */
	setEncryption(on: boolean): void {
		this.#encrypting = on;
	}

	/** Sends any bytes, as a disturbed line would. */
	sendRaw(bytes: Uint8Array): void {
		this.note(`line noise, ${bytes.length} bytes`);
		this.transmit(bytes);
	}

	protected override start(): void {
		this.#state = "deaf";
		this.later(wakeUs, () => (this.#state = "idle"));
	}

	protected override stop(): void {
		const waited = this.#state === "waiting";
		this.#state = "deaf";
		this.#request = undefined;
		this.#endWait = undefined;
		this.#lastResult = undefined;
		this.#parser.reset();
		if (waited) this.#onWaiting?.(false);
	}

	protected override hear(bytes: Uint8Array): void {
		if (this.#state === "deaf" || this.#silent) return;
		if (this.#parser.partial && this.nowUs - this.#lastHeardUs > gapLimitUs) this.#parser.reset();
		this.#lastHeardUs = this.nowUs;
		for (const command of this.#parser.push(bytes)) this.#execute(command);
	}

	#execute(frame: ReaderCommand): void {
		const { command, sub } = frame;
		this.note(`< ${byteText(command)}-${byteText(sub)}, ${frame.data.length} bytes`);
		if (!frame.valid) return this.#reply(command, Status.CrcError);
		if (command === 0x05 && sub === 0x01) return this.#cancel();
		if (this.#state !== "idle") return this.#reply(command, Status.NotAllowed);
		switch ((command << 8) | sub) {
			case 0x1801:
				return this.#reply(command, Status.Ok);
			case 0x0101:
				return this.#reply(command, frame.data.length === 1 ? Status.Ok : Status.BadParameter);
			case 0x2900:
				return this.#reply(command, Status.Ok, Buffer.from("NEO2 bench V1.00.000", "latin1"));
			case 0x0240:
				return this.#activate(frame.data);
			case 0x0340:
				if (this.#lastResult === undefined) return this.#reply(command, Status.NotAllowed);
				return this.#reply(command, Status.Ok, this.#lastResult);
			default: {
				const known = [0x01, 0x02, 0x03, 0x05, 0x18, 0x29].includes(command);
				return this.#reply(command, known ? Status.UnknownSub : Status.UnknownCommand);
			}
		}
	}

	#activate(data: Uint8Array): void {
		const request = parseRequest(data.subarray(1));
		const timeoutS = data[0] ?? 0;
		if (request === undefined || timeoutS === 0)
			return this.#reply(transaction, Status.BadParameter);
		this.#lastResult = undefined;
		this.#request = request;
		this.#state = "waiting";
		this.#endWait = this.later(timeoutS * 1_000_000, () => {
			this.#leaveWait("idle");
			this.#reply(transaction, Status.Timeout);
		});
		this.#onWaiting?.(true);
	}

	#cancel(): void {
		if (this.#state === "waiting") this.#leaveWait("idle");
		else if (this.#state === "reading") {
			this.#endWait?.();
			this.#state = "idle";
		}
		this.#reply(0x05, Status.Ok);
	}

	#leaveWait(next: "idle" | "reading"): void {
		this.#endWait?.();
		this.#endWait = undefined;
		this.#request = undefined;
		this.#state = next;
		this.#onWaiting?.(false);
	}

	#answer(card: TestCard, way: Presentation, request: ReaderRequest): void {
		const fault = this.#faults.shift();
		this.#endWait = undefined;
		this.#state = "idle";
		if (fault === "bad-read") return this.#reply(transaction, Status.Failed);
		this.#ksn = nextKsn(this.#ksn);
		const read = { card, way, request, ksn: this.#ksn, counter: counterOf(this.#ksn) };
		const clear = fault === "clear-data" || !this.#encrypting;
		const data = clear ? clearAnswer(read) : encryptedAnswer(read, this.#bdk);
		const status = way === "swipe" ? Status.Ok : Status.AskOnline;
		this.#lastResult = data;
		const frame = responseFrame(transaction, status, data);
		this.note(`> 02 status ${byteText(status)}, ${data.length} bytes${fault ? `, ${fault}` : ""}`);
		this.transmit(damaged(frame, fault));
	}

	#reply(command: number, status: number, data: Uint8Array = noData): void {
		this.note(`> ${byteText(command)} status ${byteText(status)}, ${data.length} bytes`);
		this.transmit(responseFrame(command, status, data));
	}
}

function parseRequest(data: Uint8Array): ReaderRequest | undefined {
	const objects = parseTlvs(data);
	if (objects === undefined) return undefined;
	const find = (tag: string, length: number) =>
		objects.find((one) => one.tag === tag && one.value.length === length)?.value;
	const amount = find("9F02", 6);
	const type = find("9C", 1);
	const currency = find("5F2A", 2);
	if (amount === undefined || type === undefined || currency === undefined) return undefined;
	if (!/^\d+$/.test(amount.toString("hex"))) return undefined;
	return { amount, type, currency, date: find("9A", 3) ?? new Uint8Array(3) };
}

function byteText(value: number): string {
	return value.toString(16).padStart(2, "0");
}

import { cardNamed } from "./cards";
import { completionAnswer, type WaitingChip } from "./chip";
import type { Presentation, TestCard } from "./cards";
import { benchBdk, benchKsn, counterOf, nextKsn } from "./dukpt";
import type { ReaderRequest } from "./emv";
import { Peripheral } from "./peripheral";
import type { PeripheralOptions } from "./peripheral";
import { clearAnswer, encryptedAnswer } from "./reader-answer";
import { damaged } from "./reader-faults";
import type { ChipFault, ReaderFault } from "./reader-faults";
import { maskPan } from "./redact";
import { parseTlvs } from "./tlv";
import { CommandParser, responseFrame } from "./vivotech";
import type { ReaderCommand } from "./vivotech";

export type { ChipFault, ReaderFault } from "./reader-faults";

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
const completeUs = 700_000;
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
	UnderWay: 0x63,
} as const;
const noData = new Uint8Array(0);
const transaction = 0x02;
const contact = 0x60;
const display = 0x61;

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
	#chip: WaitingChip | undefined;
	#chipFaults: ChipFault[] = [];
	/** The last word of the last chip. */
	#lastWord: "approved" | "declined" | undefined;

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
		this.#lastWord = undefined;
		if (way === "chip") {
			// What a reader without a display of its own tells before the result.
			this.transmit(responseFrame(contact, Status.UnderWay, noData));
			this.transmit(responseFrame(display, 0x01, Buffer.from([0x00, 0x04, 0x1c])));
		}
		this.#endWait = this.later(readUs[way], () => this.#answer(one, way, request));
		return true;
	}

	/** The next `count` answers to a card go wrong; several calls queue up. */
	failNext(fault: ReaderFault, count = 1): void {
		for (let i = 0; i < count; i++) this.#faults.push(fault);
	}

	/** The next chip that is told the host's answer behaves like this; several calls queue up. */
	chipFails(fault: ChipFault): void {
		this.#chipFaults.push(fault);
	}

	/** What the last chip said in the end; undefined before it did. */
	get lastWord(): "approved" | "declined" | undefined {
		return this.#lastWord;
	}

	/** A chip waits for the host's answer. */
	get holdsChip(): boolean {
		return this.#chip !== undefined;
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
		this.#chip = undefined;
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
		if (command === contact && sub === 0x12) return this.#hostAnswered(frame.data);
		const fetches = command === 0x03 || command === 0x18;
		if (this.#state !== "idle" || (this.#chip !== undefined && !fetches))
			return this.#reply(command, Status.NotAllowed);
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
		this.#chip = undefined;
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
		const command = way === "chip" ? contact : transaction;
		const status = way === "tap" ? Status.AskOnline : Status.Ok;
		this.#lastResult = data;
		const arqc = parseTlvs(data)?.find((one) => one.tag === "9F26")?.value;
		if (way === "chip" && arqc !== undefined) this.#chip = { arqc, counter: read.counter };
		const frame = responseFrame(command, status, data);
		this.note(
			`> ${byteText(command)} status ${byteText(status)}, ${data.length} bytes${fault ? `, ${fault}` : ""}`,
		);
		this.transmit(damaged(frame, fault));
	}

	/** 60-12: the chip is told what the host said and has its last word. */
	#hostAnswered(data: Uint8Array): void {
		const chip = this.#chip;
		if (chip === undefined) return this.#reply(contact, Status.NotAllowed);
		this.#chip = undefined;
		const fault = this.#chipFaults.shift();
		this.transmit(responseFrame(contact, Status.UnderWay, noData));
		if (fault === "mute") return;
		this.later(completeUs, () => {
			const answer =
				fault === "pulled" ? undefined : completionAnswer(chip, data, fault === "refuses");
			if (answer === undefined) return this.#reply(contact, Status.Failed);
			this.#lastWord = answer.toString("hex").includes("9f270140") ? "approved" : "declined";
			this.#reply(contact, Status.Ok, answer);
		});
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

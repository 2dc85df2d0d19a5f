import { EntryMode } from "core/card";
import { Fault } from "core/fault";
import type { TerminalConfig } from "core/platform";
import { civilTime } from "host/civil-time";
import type { HostRequest, SettlementRequest } from "host/exchange";
import type { Expected } from "host/matching";
import { subset, TlvWriter } from "message/tlv";
import { unionpay } from "message/unionpay";
import { MessageWriter } from "message/writer";
import type { Transaction } from "transaction/transaction";

/** One message that is ready to leave, and the reply that it asks for. */
export interface Request {
	readonly message: Uint8Array;
	readonly expected: Expected;
	/** MQTT QoS: 0 for what must happen at most once, 1 for what may be repeated. */
	readonly qos: 0 | 1;
}

const mtis = Object.freeze({ sale: 0x0200, reversal: 0x0400, "stored-sale": 0x0220 });
const reasonCodes: readonly string[] = Object.freeze(["98", "98", "A0", "06"]);
/** Objects of field 55 that a reversal carries. */
const reversalTags: readonly number[] = Object.freeze([0x95, 0x9f1e, 0x9f10, 0x9f36]);
const processingCodeSale = 0;
const tagKsn = 0xdfee12;
const tagCiphertext = 0xdfee30;

/** Builds the requests of docs/host-protocol.md for one terminal. */
export class Requests {
	readonly #config: TerminalConfig;
	readonly #writer = new MessageWriter(unionpay);

	constructor(config: TerminalConfig) {
		this.#config = config;
	}

	/**
	 * 0800. The batch of the reply is the host's, so it is not compared.
	 * @param batch 0 to 999999
	 * @param nowMs unix ms
	 */
	signOn(stan: number, batch: number, nowMs: number): Request {
		const { terminalId, merchantId } = this.#config;
		const message = this.#writer
			.begin(0x0800)
			.number(7, dateTime(nowMs))
			.number(11, stan)
			.text(41, terminalId)
			.text(42, merchantId)
			.digits(60, `00${sixDigits(batch)}003`)
			.text(63, "01 ")
			.finish();
		return { message, expected: this.#expected(0x0810, stan, -1), qos: 0 };
	}

	/**
	 * 0200, 0400 or 0220 with its field 64.
	 * @param nowMs unix ms of this transmission
	 * @param mac field 64 of a body
	 * @throws Fault "message.…" when a value does not fit its field, "message.field" 57 without card data
	 */
	transaction(request: HostRequest, nowMs: number, mac: (body: Uint8Array) => Uint8Array): Request {
		const { message: kind, transaction } = request;
		const { stan, batch, amountMinor } = transaction;
		const reversal = kind === "reversal";
		const writer = this.#writer.begin(mtis[kind]);
		writer.number(3, processingCodeSale).number(4, amountMinor);
		writer.number(7, dateTime(nowMs)).number(11, stan);
		this.#localTime(transaction);
		writer.digits(22, entryModeDigits(transaction.entryMode));
		if (transaction.panSequence >= 0) writer.number(23, transaction.panSequence);
		writer.number(25, 0);
		if (reversal) writer.text(39, reasonCodes[transaction.reason] ?? "98");
		writer.text(41, this.#config.terminalId).text(42, this.#config.merchantId);
		writer.text(49, String(transaction.currency).padStart(3, "0"));
		const chip = reversal ? subset(transaction.chipData, reversalTags) : transaction.chipData;
		if (chip.length > 0) writer.bytes(55, chip);
		if (!reversal) writer.bytes(57, cardData(request));
		writer.digits(60, `${batchType(request)}${sixDigits(batch)}00060`);
		const expected = {
			...this.#expected(mtis[kind] + 0x10, stan, batch),
			processingCode: processingCodeSale,
			amountMinor,
		};
		return { message: writer.finishWithMac(mac), expected, qos: kind === "sale" ? 0 : 1 };
	}

	/**
	 * 0500 or 0320 with its field 64. The batch of the reply is not compared here: with code 77 it is another.
	 * @param nowMs unix ms of this transmission
	 * @throws Fault "message.value" when a value does not fit its field
	 */
	settlement(
		request: SettlementRequest,
		nowMs: number,
		mac: (body: Uint8Array) => Uint8Array,
	): Request {
		const { message: kind, stan, batch, network, currency, digits48 } = request;
		const mti = kind === "settlement" ? 0x0500 : 0x0320;
		const writer = this.#writer.begin(mti).number(7, dateTime(nowMs)).number(11, stan);
		writer.text(41, this.#config.terminalId).text(42, this.#config.merchantId);
		writer.digits(48, digits48).text(49, String(currency).padStart(3, "0"));
		writer.digits(60, `00${sixDigits(batch)}${network}`);
		if (kind === "settlement") writer.text(63, "01 ");
		return {
			message: writer.finishWithMac(mac),
			expected: this.#expected(mti + 0x10, stan, -1),
			qos: 1,
		};
	}

	/**
	 * Fields 12 and 13: when the card was read. A card read before the clock was known gets 000000 of 0101: it must
	 * not change from one transmission to the next, and field 7 carries the true time.
	 */
	#localTime({ openedMs }: Transaction): void {
		const local = civilTime(openedMs, this.#config.utcOffsetMinutes);
		this.#writer.number(12, openedMs > 0 ? local.time : 0);
		this.#writer.number(13, openedMs > 0 ? local.monthDay : 101);
	}

	#expected(mti: number, stan: number, batch: number): Expected {
		const { terminalId, merchantId } = this.#config;
		return { mti, stan, batch, terminalId, merchantId, processingCode: -1, amountMinor: -1 };
	}
}

/** Field 7: MMDDhhmmss, UTC. */
function dateTime(nowMs: number): number {
	const { monthDay, time } = civilTime(nowMs, 0);
	return monthDay * 1_000_000 + time;
}

function sixDigits(value: number): string {
	return String(value).padStart(6, "0");
}

/** Field 22: how the card was read, then 2 for "no PIN". */
function entryModeDigits(mode: EntryMode): string {
	if (mode === EntryMode.Swipe) return "022";
	return mode === EntryMode.Chip ? "052" : "072";
}

/** Field 60.1. */
function batchType({ message, transaction }: HostRequest): string {
	if (message !== "stored-sale") return "22";
	return transaction.entryMode === EntryMode.Swipe ? "30" : "36";
}

/** Field 57: what the reader encrypted. */
function cardData({ card }: HostRequest): Uint8Array {
	if (card === undefined) throw new Fault("message.field", 57);
	const { ksn, ciphertext } = card;
	return new TlvWriter(ksn.length + ciphertext.length + 12)
		.add(tagKsn, ksn)
		.add(tagCiphertext, ciphertext)
		.finish();
}

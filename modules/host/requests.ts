import { EntryMode } from "core/card";
import { Fault } from "core/fault";
import type { TerminalConfig } from "core/platform";
import { civilTime } from "host/civil-time";
import type { HostRequest, SettlementRequest } from "host/exchange";
import type { Expected } from "host/matching";
import { subset, TlvWriter } from "message/tlv";
import { unionpay } from "message/unionpay";
import { MessageWriter } from "message/writer";
import { Kind, kindTraits, type KindTraits } from "transaction/kinds";
import type { Original, Transaction } from "transaction/transaction";

/** One message that is ready to leave, and the reply that it asks for. */
export interface Request {
	readonly message: Uint8Array;
	readonly expected: Expected;
	/** MQTT QoS: 0 for what must happen at most once, 1 for what may be repeated. */
	readonly qos: 0 | 1;
}

const reasonCodes: readonly string[] = Object.freeze(["98", "98", "A0", "06"]);
/** Objects of field 55 that a reversal carries. */
export const reversalTags: readonly number[] = Object.freeze([0x95, 0x9f1e, 0x9f10, 0x9f36]);
const mtiReversal = 0x0400;
const mtiStoredSale = 0x0220;
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
	 * The request of a kind, a stored sale's 0220 or a 0400, with its field 64.
	 * @param nowMs unix ms of this transmission
	 * @param mac field 64 of a body
	 * @throws Fault "message.…" when a value does not fit its field, "message.field" 57 without card data
	 */
	transaction(request: HostRequest, nowMs: number, mac: (body: Uint8Array) => Uint8Array): Request {
		const { message: kind, transaction } = request;
		const { stan, batch } = transaction;
		const traits = traitsOf(transaction);
		const reversal = kind === "reversal";
		const mti = reversal ? mtiReversal : kind === "stored-sale" ? mtiStoredSale : traits.mti;
		const amountMinor = field4(transaction);
		const writer = this.#writer.begin(mti).number(3, traits.processingCode);
		if (amountMinor >= 0) writer.number(4, amountMinor);
		writer.number(7, dateTime(nowMs)).number(11, stan);
		this.#localTime(transaction);
		writer.digits(22, entryModes[transaction.entryMode]);
		if (transaction.panSequence >= 0) writer.number(23, transaction.panSequence);
		writer.number(25, traits.condition);
		if (!reversal) this.#original(transaction);
		if (reversal) writer.text(39, reasonCodes[transaction.reason] ?? "98");
		writer.text(41, this.#config.terminalId).text(42, this.#config.merchantId);
		if (transaction.kind === Kind.Tip && !reversal) writer.digits(48, tipOf(transaction));
		writer.text(49, String(transaction.currency).padStart(3, "0"));
		const chip = reversal ? subset(transaction.chipData, reversalTags) : transaction.chipData;
		if (chip.length > 0) writer.bytes(55, chip);
		if (!reversal && traits.card) writer.bytes(57, cardData(request));
		writer.digits(60, field60(request, traits));
		if (transaction.original !== undefined) writer.digits(61, field61(transaction.original));
		const expected = {
			...this.#expected(mti + 0x10, stan, batch),
			processingCode: traits.processingCode,
			amountMinor,
			...(kind === "request" && transaction.partialAllowed ? { partialAllowed: true } : {}),
		};
		const once = kind === "request" && traits.delivery !== "advice";
		return { message: writer.finishWithMac(mac), expected, qos: once ? 0 : 1 };
	}

	/** Fields 37 and 38: how the host knows the original. */
	#original({ kind, original }: Transaction): void {
		if (original === undefined) return;
		if (kind !== Kind.VoiceSale && original.rrn !== "") this.#writer.text(37, original.rrn);
		if (kind !== Kind.Refund && original.authCode !== "") this.#writer.text(38, original.authCode);
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
const entryModes: Readonly<Record<EntryMode, string>> = Object.freeze({
	[EntryMode.Swipe]: "022",
	[EntryMode.Chip]: "052",
	[EntryMode.Tap]: "072",
	[EntryMode.None]: "012",
});

/** A script result speaks of its original: fields 3 and 25 are the original's. */
function traitsOf({ kind, original }: Transaction): KindTraits {
	const traits = kindTraits[kind];
	if (kind !== Kind.ScriptResult || original === undefined || original.kind === 0) return traits;
	const { processingCode, condition } = kindTraits[original.kind];
	return { ...traits, processingCode, condition };
}

/** @returns -1 where the message has no field 4 */
function field4({ kind, amountMinor, original }: Transaction): number {
	if (kind === Kind.Balance) return -1;
	// A tip is told as the new total; field 48 has the tip.
	return kind === Kind.Tip ? amountMinor + (original?.amountMinor ?? 0) : amountMinor;
}

function tipOf({ amountMinor }: Transaction): string {
	return String(amountMinor).padStart(12, "0");
}

/** 60.4 and 60.5 are 6 (magnetic stripe, chip and contactless) and 0; a reversal says what its request said. */
function field60({ message, transaction }: HostRequest, traits: KindTraits): string {
	const { kind, batch, entryMode, partialAllowed } = transaction;
	const stored = message === "stored-sale";
	const type = stored ? (entryMode === EntryMode.Swipe ? 30 : 36) : traits.messageType;
	const head = `${twoDigits(type)}${sixDigits(batch)}${String(traits.network).padStart(3, "0")}`;
	if (kind === Kind.ScriptResult) return head;
	return `${head}60${partialAllowed && !stored ? "1" : ""}`;
}

function field61({ batch, stan, monthDay }: Original): string {
	return `${sixDigits(batch)}${sixDigits(stan)}${String(monthDay).padStart(4, "0")}`;
}

function twoDigits(value: number): string {
	return String(value).padStart(2, "0");
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

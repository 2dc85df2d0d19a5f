import { asciiBytes, equalBytes } from "core/bytes";
import type { Ciphers } from "core/ciphers";
import type { Clock } from "core/clock";
import { LogCode, type Log } from "core/log";
import type { TerminalConfig } from "core/platform";
import { codeNumber } from "host/matching";
import { noticeMti, type ServiceMessages } from "host/service-messages";
import { macX919 } from "message/mac";
import type { MessageReader } from "message/reader";
import { readField60 } from "message/sub-fields";
import { TlvWriter } from "message/tlv";

/** Takes what the acquirer tells: docs/host-protocol.md, Notices. */
export interface NoticeSink {
	/** Highest number taken so far; undefined while the terminal does not know it yet. */
	readonly highest: number | undefined;
	/**
	 * Takes an authentic notice whose number is higher than `highest`.
	 * @param kind 60.3: 901 …
	 * @param content field 62, 0 to 512 bytes; only good during the call
	 * @returns field 39 of the answer: with "00" the notice is durable, with any other code nothing has changed
	 */
	take(number: number, kind: number, content: Uint8Array): string;
}

/** A notice that was answered. */
export interface AnsweredNotice {
	readonly number: number;
	readonly kind: number;
	/** Field 39. */
	readonly code: string;
	/** The 0630. */
	readonly answer: Uint8Array;
}

export interface NoticeDeskOptions {
	readonly config: TerminalConfig;
	readonly clock: Clock;
	readonly ciphers: Ciphers;
	readonly log: Log;
	readonly messages: ServiceMessages;
	readonly reader: MessageReader;
	readonly sink: NoticeSink | undefined;
	/** The newest MAK, undefined while there is none. */
	readonly mak: () => Uint8Array | undefined;
}

const label = asciiBytes("HOLDFAST-NOTICES");
const tagHighest = 0xc9;
const numberMax = 999_999;
/** Second number of LogCode.NoticeRefused where there is no answer. */
const Silent = Object.freeze({ Mac: -1, Unreadable: -2, Foreign: -3 } as const);

/** Key of the MAC of notices and their answers. */
export function noticeKey(ciphers: Ciphers, mak: Uint8Array): Uint8Array {
	return ciphers.tdesEncrypt(mak, label);
}

/** Proves a notice, has it taken, and makes the answer. What is not proved is not answered: it comes again. */
export class NoticeDesk {
	readonly #options: NoticeDeskOptions;

	constructor(options: NoticeDeskOptions) {
		this.#options = options;
	}

	/**
	 * @param topicNumber number that the topic names, 0 on a channel without topics
	 * @returns undefined where no answer is due
	 */
	take(topicNumber: number, payload: Uint8Array): AnsweredNotice | undefined {
		const { sink, reader, log } = this.#options;
		const mak = this.#options.mak();
		const highest = sink?.highest;
		if (sink === undefined || mak === undefined || highest === undefined) return undefined;
		const fault = this.#faultOf(topicNumber, payload, mak);
		if (fault !== 0) {
			log.event(LogCode.NoticeRefused, topicNumber, fault);
			return undefined;
		}
		const number = reader.number(11);
		const digits = reader.digits(60);
		const kind = readField60(digits)?.network ?? 0;
		// The writer of the answer does not touch what the reader holds, the sink may.
		const content = reader.has(62) ? reader.bytes(62).slice() : new Uint8Array(0);
		const code = number <= highest ? "94" : sink.take(number, kind, content);
		if (code === "00") log.event(LogCode.NoticeTaken, number, kind);
		else if (code !== "94") log.event(LogCode.NoticeRefused, number, codeNumber(code));
		return { number, kind, code, answer: this.#answer(number, code, digits, mak) };
	}

	/** @returns 0 for a notice that is proved to be the acquirer's and for this terminal; `reader` holds it then */
	#faultOf(topicNumber: number, payload: Uint8Array, mak: Uint8Array): number {
		const { reader, config, ciphers } = this.#options;
		try {
			reader.parse(payload);
		} catch {
			return Silent.Unreadable;
		}
		if (reader.mti !== noticeMti || !this.#hasFields()) return Silent.Unreadable;
		const isOurs =
			reader.text(41).trimEnd() === config.terminalId.trimEnd() &&
			reader.text(42).trimEnd() === config.merchantId.trimEnd();
		const number = reader.number(11);
		if (!isOurs || (topicNumber !== 0 && number !== topicNumber)) return Silent.Foreign;
		if (number < 1 || number > numberMax) return Silent.Unreadable;
		const mac = macX919(ciphers, noticeKey(ciphers, mak), reader.macBody);
		return equalBytes(mac, reader.bytes(64)) ? 0 : Silent.Mac;
	}

	#hasFields(): boolean {
		const { reader } = this.#options;
		const has = [11, 41, 42, 60, 62, 64].every((field) => reader.has(field));
		return has && readField60(reader.digits(60)) !== undefined;
	}

	#answer(number: number, code: string, digits: string, mak: Uint8Array): Uint8Array {
		const { messages, ciphers, clock, sink } = this.#options;
		const highest = sixDigits(sink?.highest ?? 0);
		const content = new TlvWriter(8).add(tagHighest, highest).finish();
		const mac = (body: Uint8Array): Uint8Array => macX919(ciphers, noticeKey(ciphers, mak), body);
		return messages.noticeAnswer(number, code, digits, content, clock.wallMs() ?? 0, mac);
	}
}

/** Packed digits. */
function sixDigits(value: number): Uint8Array {
	const bytes = new Uint8Array(3);
	let rest = value;
	for (let at = 2; at >= 0; at--) {
		const pair = rest % 100;
		bytes[at] = Math.floor(pair / 10) * 16 + (pair % 10);
		rest = Math.floor(rest / 100);
	}
	return bytes;
}

import { equalBytes } from "core/bytes";
import type { Ciphers } from "core/ciphers";
import { LogCode, type Log } from "core/log";
import type { Attempt, Attempts } from "host/attempts";
import type { Channel } from "host/channel";
import { asksForSignOn, codeNumber, judgeReply } from "host/matching";
import { isEarlier } from "host/topics";
import { macs } from "message/mac";
import { unionpay } from "message/unionpay";
import type { MessageReader } from "message/reader";

export interface RepliesOptions {
	readonly log: Log;
	readonly ciphers: Ciphers;
	readonly reader: MessageReader;
	readonly attempts: Attempts;
	/** The newest attempt that was made. */
	readonly lastAttempt: () => number;
	readonly mak: () => Uint8Array | undefined;
	/** A reply that fits its request came. @param authenticated its field 64 is right */
	readonly onHeard: (authenticated: boolean) => void;
	/** The keys did not do. @param slow not at once */
	readonly onKeysWrong: (slow: boolean) => void;
}

/** Judges replies about money: each counts for its own attempt, on its own channel, or for nothing. */
export class Replies {
	readonly #options: RepliesOptions;

	constructor(options: RepliesOptions) {
		this.#options = options;
	}

	/** A reply has come; what it means is told to the attempt. */
	take(channel: Channel, number: number, payload: Uint8Array): void {
		const attempt = this.#options.attempts.find(channel, number);
		if (attempt === undefined) this.#unasked(number, payload);
		else this.#judge(attempt, payload);
	}

	#judge(attempt: Attempt, payload: Uint8Array): void {
		const { log, reader, attempts, onHeard, onKeysWrong } = this.#options;
		const verdict = judgeReply(reader, payload, attempt.expected, (body, field64) =>
			this.#isRight(attempt.mak, body, field64),
		);
		switch (verdict.kind) {
			case "malformed":
				log.event(LogCode.BadMessage, attempt.number, verdict.field);
				return;
			case "foreign":
				log.event(LogCode.ForeignReply, attempt.number, verdict.field);
				return;
			case "unproved":
				log.event(LogCode.BadMac, attempt.number, codeNumber(verdict.responseCode));
				return;
			case "wrong-mac":
				log.event(LogCode.BadMac, attempt.number, codeNumber(verdict.responseCode));
				onKeysWrong(false);
				attempts.settle(attempt, { kind: "wrong-mac" });
				return;
			case "reply":
				onHeard(verdict.authenticated);
				if (asksForSignOn(verdict.responseCode)) onKeysWrong(verdict.responseCode === "97");
				attempts.settle(attempt, verdict);
		}
	}

	/** A reply that no open attempt asked for: noted, and nothing else. */
	#unasked(number: number, payload: Uint8Array): void {
		const { log, reader, lastAttempt } = this.#options;
		if (!isEarlier(number, lastAttempt())) {
			log.event(LogCode.ForeignReply, number, 0);
			return;
		}
		let code = -1;
		try {
			reader.parse(payload);
			if (reader.has(39)) code = codeNumber(reader.text(39));
		} catch {
			// Unreadable and late: the event says all that is worth knowing.
		}
		log.event(LogCode.LateReply, number, code);
	}

	/** Right under the key of the request, or under the newest: keys may change while a reply is under way. */
	#isRight(mak: Uint8Array, body: Uint8Array, field64: Uint8Array): boolean {
		const { ciphers } = this.#options;
		if (equalBytes(macs[unionpay.mac].code(ciphers, mak, body), field64)) return true;
		const newest = this.#options.mak();
		return (
			newest !== undefined &&
			newest !== mak &&
			equalBytes(macs[unionpay.mac].code(ciphers, newest, body), field64)
		);
	}
}

import type { TerminalConfig } from "core/platform";
import { civilTime } from "host/civil-time";
import type { Expected } from "host/matching";
import { unionpay } from "message/unionpay";
import { MessageWriter } from "message/writer";

/** Network management codes, 60.3 of a 0820. */
export const NetworkCode = Object.freeze({ SignOff: 2, Echo: 301, Poll: 900 } as const);
export type NetworkCode = (typeof NetworkCode)[keyof typeof NetworkCode];

/** MTIs of a notice and its answer. */
export const noticeMti = 0x0620;
export const noticeAnswerMti = 0x0630;

/** Builds what goes to the host beside money: docs/host-protocol.md, Messages. */
export class ServiceMessages {
	readonly #config: TerminalConfig;
	readonly #writer = new MessageWriter(unionpay);

	constructor(config: TerminalConfig) {
		this.#config = config;
	}

	/**
	 * A 0820.
	 * @param batch 0 to 999999
	 * @param nowMs unix ms
	 */
	network(code: NetworkCode, stan: number, batch: number, nowMs: number): Uint8Array {
		return this.#begin(0x0820, nowMs, stan)
			.text(41, this.#config.terminalId)
			.text(42, this.#config.merchantId)
			.digits(60, `00${digits(batch, 6)}${digits(code, 3)}`)
			.finish();
	}

	/** What the 0830 to it must say. */
	networkReply(stan: number, batch: number): Expected {
		const { terminalId, merchantId } = this.#config;
		const any = { processingCode: -1, amountMinor: -1 };
		return { mti: 0x0830, stan, batch, terminalId, merchantId, ...any };
	}

	/**
	 * The 0630 that answers a notice.
	 * @param code field 39
	 * @param kind60 field 60 of the notice
	 * @param content field 62
	 * @param mac field 64 of a body
	 */
	noticeAnswer(
		number: number,
		code: string,
		kind60: string,
		content: Uint8Array,
		nowMs: number,
		mac: (body: Uint8Array) => Uint8Array,
	): Uint8Array {
		return this.#begin(noticeAnswerMti, nowMs, number)
			.text(39, code)
			.text(41, this.#config.terminalId)
			.text(42, this.#config.merchantId)
			.digits(60, kind60)
			.bytes(62, content)
			.finishWithMac(mac);
	}

	#begin(mti: number, nowMs: number, stan: number): MessageWriter {
		const { monthDay, time } = civilTime(nowMs, 0);
		return this.#writer
			.begin(mti)
			.number(7, monthDay * 1_000_000 + time)
			.number(11, stan);
	}
}

function digits(value: number, count: number): string {
	return String(value).padStart(count, "0");
}

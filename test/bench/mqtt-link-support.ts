/** A host link on real TCP, for the tests that run it against a real broker. */
import assert from "node:assert/strict";
import { EntryMode } from "core/card";
import type { SocketOptions } from "core/io";
import { HostLink, type HostLinkOptions, type HostOutcome, type HostRequest } from "host/link";
import { State } from "transaction/states";
import { Kind } from "transaction/kinds";
import { ReceiptState, type Transaction } from "transaction/transaction";
import { field57, ksn, swipeTrack } from "./acquirer-terminal";
import {
	keyStore,
	NetSocket,
	nodeCiphers,
	nodeClock,
	nodeEntropy,
	nodeTimers,
} from "./mqtt-support";

export const terminalId = "60000001";
export const merchantId = "898110012340001";

/** Bytes of MQTT on the wire of all links since the last reset. */
export const traffic = { bytes: 0 };
const counters = { stan: 0, attempt: 0 };

class CountingSocket extends NetSocket {
	constructor(options: SocketOptions) {
		super({
			...options,
			onReadable: (count) => {
				traffic.bytes += count;
				options.onReadable?.(count);
			},
		});
	}
	override write(bytes: Uint8Array): number {
		traffic.bytes += bytes.length;
		return super.write(bytes);
	}
}

export interface LogEvent {
	readonly code: number;
	readonly a: number;
	readonly b: number;
}

/** A link that has begun to connect, and what it logs. */
export function liveLink(options: {
	readonly port: number;
	readonly tmk: Uint8Array;
	readonly password: string;
	/** Of the backup channel, on this machine. */
	readonly backupPort?: number;
	readonly more?: Partial<HostLinkOptions>;
}): { readonly link: HostLink; readonly events: readonly LogEvent[] } {
	const events: LogEvent[] = [];
	const link = new HostLink({
		config: {
			terminalId,
			merchantId,
			merchantName: "Corner shop",
			currency: 156,
			currencyDigits: 2,
			utcOffsetMinutes: 480,
			mqttHost: "127.0.0.1",
			mqttPort: options.port,
			mqttUser: terminalId,
			mqttPassword: options.password,
			apn: "",
			...(options.backupPort === undefined
				? {}
				: { backupHost: "127.0.0.1", backupPort: options.backupPort }),
		},
		network: { up: true, Socket: CountingSocket, signal: 20, stateName: "up" },
		clock: nodeClock,
		timers: nodeTimers,
		entropy: nodeEntropy,
		ciphers: nodeCiphers,
		keys: keyStore(options.tmk),
		log: { event: (code, a = 0, b = 0) => void events.push({ code, a, b }) },
		nextStan: () => ++counters.stan,
		nextAttempt: () => ++counters.attempt,
		batch: 0,
		onState: () => undefined,
		onBatch: () => undefined,
		limits: { backoffBaseMs: 20, backoffCapMs: 100, signOnTimeoutMs: 2000 },
		...options.more,
	});
	link.networkChanged();
	return { link, events };
}

const encrypted = field57(swipeTrack());
const card = {
	ksn: Uint8Array.from(ksn),
	ciphertext: Uint8Array.from(encrypted.subarray(4 + ksn.length + 4)),
};

/** A swipe of 12.34 in the link's batch with a STAN of its own. */
export function transaction(link: HostLink, more: Partial<Transaction> = {}): Transaction {
	return {
		number: 1,
		kind: Kind.Sale,
		stan: ++counters.stan,
		batch: link.batch,
		amountMinor: 1234,
		currency: 156,
		entryMode: EntryMode.Swipe,
		maskedPan: "621483******0000",
		panSequence: -1,
		chipData: new Uint8Array(0),
		openedMs: Date.now(),
		partialAllowed: false,
		original: undefined,
		state: State.Sending,
		reason: 0,
		responseCode: "",
		rrn: "",
		authCode: "",
		approvedMinor: 0,
		attemptCount: 0,
		receiptState: ReceiptState.None,
		reprintCount: 0,
		...more,
	};
}

/** Sends a message and waits for what becomes of it. */
export function outcomeOf(
	link: HostLink,
	message: HostRequest["message"],
	about: Transaction,
	timeoutMs = 4000,
): Promise<HostOutcome> {
	return new Promise((resolve) => {
		const request = { message, transaction: about, timeoutMs };
		const number = link.exchange(message === "reversal" ? request : { ...request, card }, resolve);
		assert.ok(number > 0, "not sent");
	});
}

export function saleOf(link: HostLink): Promise<HostOutcome> {
	return outcomeOf(link, "request", transaction(link));
}

/** A stored sale of its own. */
export function storedSale(link: HostLink): HostRequest {
	return { message: "stored-sale", transaction: transaction(link), timeoutMs: 20_000, card };
}

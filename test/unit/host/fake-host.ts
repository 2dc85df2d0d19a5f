import type { CivilTime } from "host/civil-time";
import { concatBytes, equalBytes, toHex } from "core/bytes";
import { HostLink, LinkState, type HostLinkOptions, type HostOutcome } from "host/link";
import { noticeKey } from "host/notice-desk";
import { checkValue } from "message/key-block";
import { macUnionPayEcb, macX919 } from "message/mac";
import { MessageReader } from "message/reader";
import { unionpay } from "message/unionpay";
import { MessageWriter } from "message/writer";
import { encodePublish } from "mqtt/encode";
import { decodePublish, PacketParser, type RawPacket } from "mqtt/packets";
import { fail } from "test/harness";
import type { Transaction } from "transaction/transaction";
import { FakeCiphers, FakeKeyStore } from "../fakes/ciphers";
import { FakeTime } from "../fakes/clock-and-timers";
import { FakeEntropy } from "../fakes/entropy";
import { FakeLog } from "../fakes/log";
import { sampleTransaction } from "../fakes/sample";
import { fakeSockets, type FakeSocket, type FakeSockets } from "../fakes/socket";

/** 2026-11-22 02:30:00 UTC. */
export const startMs = 1_795_314_600_000;
export const tmk = new Uint8Array(16).map((_, i) => 17 * i + 3);

export const config = Object.freeze({
	terminalId: "TERM0001",
	merchantId: "898100012345678",
	merchantName: "Corner shop",
	currency: 156,
	currencyDigits: 2,
	utcOffsetMinutes: 480,
	mqttHost: "broker.test",
	mqttPort: 1883,
	mqttUser: "TERM0001",
	mqttPassword: "secret",
	apn: "cmnet",
});

/** A request as it stood on the wire. */
export interface Seen {
	readonly attempt: string;
	readonly qos: 0 | 1;
	readonly payload: Uint8Array;
	readonly mti: number;
	readonly reader: MessageReader;
}

export interface ReplyOptions {
	readonly code?: string;
	readonly mac?: "right" | "wrong" | "none";
	readonly mti?: number;
	readonly stan?: number;
	readonly amountMinor?: number;
	readonly processingCode?: number;
	readonly terminalId?: string;
	readonly merchantId?: string;
	readonly batch?: string;
}

export interface NoticeOptions {
	readonly mak?: Uint8Array;
	readonly mti?: number;
	readonly terminalId?: string;
}

/** A 0630 as it stood on the wire. */
export interface Answer {
	readonly topic: string;
	readonly number: number;
	readonly code: string;
	/** Field 60. */
	readonly kind: string;
	/** Field 62. */
	readonly content: string;
	readonly macIsRight: boolean;
}

export function readAnswer(
	ciphers: FakeCiphers,
	mak: Uint8Array,
	payload: Uint8Array,
): Omit<Answer, "topic"> {
	const reader = new MessageReader(unionpay);
	reader.parse(payload);
	if (reader.mti !== 0x0630) fail(`MTI ${reader.mti.toString(16)}`);
	const mac = macX919(ciphers, noticeKey(ciphers, mak), reader.macBody);
	return {
		number: reader.number(11),
		code: reader.text(39),
		kind: reader.digits(60),
		content: toHex(reader.bytes(62)),
		macIsRight: equalBytes(mac, reader.bytes(64)),
	};
}

function packetsOf(writes: readonly Uint8Array[]): RawPacket[] {
	const parser = new PacketParser(4096);
	parser.push(concatBytes(...writes));
	const packets: RawPacket[] = [];
	for (let raw = parser.next(); raw !== undefined; raw = parser.next()) packets.push(raw);
	return packets;
}

/** Broker and acquirer in one, at the far end of the fake sockets. */
export class FakeHost {
	readonly #sockets: FakeSockets;
	readonly ciphers = new FakeCiphers();
	mak = new Uint8Array(16).fill(0x11);
	batch = "000012";
	/** What fields 12 and 13 of the 0810 say; undefined leaves them out. */
	clock: CivilTime | undefined;

	constructor(sockets: FakeSockets) {
		this.#sockets = sockets;
	}

	/** The newest connection to the broker. */
	get #socket(): FakeSocket {
		const own = this.#sockets.made.filter(({ options }) => options.host === "broker.test");
		return own[own.length - 1] ?? fail("no connection to the broker");
	}

	/** Accepts the newest connection up to the SUBACK. */
	accept(): void {
		const socket = this.#socket;
		socket.writable();
		socket.receive(Uint8Array.of(0x20, 2, 0, 0));
		const subscribes = socket.take().filter((packet) => packet[0] === 0x82);
		if (subscribes.length !== 2) fail(`${subscribes.length} SUBSCRIBE`);
		for (const packet of subscribes)
			socket.receive(Uint8Array.of(0x90, 3, packet[2]!, packet[3]!, 1));
	}

	/** Takes the requests that came since the last call; QoS 1 is acknowledged. */
	seen(): Seen[] {
		const socket = this.#socket;
		socket.room = 4096;
		const found: Seen[] = [];
		for (const raw of packetsOf(socket.take())) {
			if (raw.first >> 4 !== 3) continue;
			const { topic, qos, id, payload } = decodePublish(raw);
			if (!topic.startsWith("q/TERM0001/")) fail(`topic ${topic}`);
			if (qos === 1) socket.receive(Uint8Array.of(0x40, 2, id >> 8, id & 0xff));
			const reader = new MessageReader(unionpay);
			reader.parse(payload.slice());
			const attempt = topic.slice("q/TERM0001/".length);
			found.push({ attempt, qos, payload: payload.slice(), mti: reader.mti, reader });
		}
		return found;
	}

	/** The one request that came. */
	only(): Seen {
		const seen = this.seen();
		if (seen.length !== 1) fail(`${seen.length} requests`);
		return seen[0]!;
	}

	/** Publishes a reply, or anything else, to the terminal. */
	send(attempt: string, payload: Uint8Array, qos: 0 | 1 = 0): void {
		this.#socket.receive(encodePublish(`r/TERM0001/${attempt}`, payload, qos, 500));
	}

	/** Answers a sign-on with the current keys and batch. */
	signOnReply(seen: Seen, code = "00", block = this.keyBlock()): void {
		this.send(seen.attempt, this.signOnMessage(seen, code, block));
	}

	/** The 0810. */
	signOnMessage(
		{ reader }: Pick<Seen, "reader">,
		code = "00",
		block = this.keyBlock(),
	): Uint8Array {
		const writer = new MessageWriter(unionpay).begin(0x0810).number(11, reader.number(11));
		if (this.clock !== undefined)
			writer.number(12, this.clock.time).number(13, this.clock.monthDay);
		writer
			.text(37, "000000000001")
			.text(39, code)
			.text(41, reader.text(41))
			.text(42, reader.text(42))
			.digits(60, `00${this.batch}003`);
		if (code === "00") writer.bytes(62, block);
		return writer.finish();
	}

	/** The 0830. */
	networkReply({ reader }: Pick<Seen, "reader">): Uint8Array {
		return new MessageWriter(unionpay)
			.begin(0x0830)
			.number(11, reader.number(11))
			.text(39, "00")
			.text(41, reader.text(41))
			.text(42, reader.text(42))
			.digits(60, reader.digits(60))
			.finish();
	}

	/** A 0620 with field 62 as given. */
	notice(
		number: number,
		kind: number,
		content: Uint8Array,
		options: NoticeOptions = {},
	): Uint8Array {
		const key = noticeKey(this.ciphers, options.mak ?? this.mak);
		return new MessageWriter(unionpay)
			.begin(options.mti ?? 0x0620)
			.number(7, 1_122_023_000)
			.number(11, number)
			.text(41, options.terminalId ?? "TERM0001")
			.text(42, "898100012345678")
			.digits(60, `00000000${kind}`)
			.bytes(62, content)
			.finishWithMac((body) => macX919(this.ciphers, key, body));
	}

	/** Publishes a notice to the terminal. */
	publishNotice(topic: string, payload: Uint8Array): void {
		this.#socket.receive(encodePublish(`n/TERM0001/${topic}`, payload, 1, 700));
	}

	/** Answers to notices that came since the last call, QoS 1 acknowledged. */
	answers(): Answer[] {
		const socket = this.#socket;
		const found: Answer[] = [];
		for (const packet of packetsOf(socket.take())) {
			if (packet.first >> 4 !== 3) continue;
			const { topic, id, payload } = decodePublish(packet);
			socket.receive(Uint8Array.of(0x40, 2, id >> 8, id & 0xff));
			found.push({ topic, ...readAnswer(this.ciphers, this.mak, payload.slice()) });
		}
		return found;
	}

	keyBlock(): Uint8Array {
		const { ciphers, mak } = this;
		const pik = new Uint8Array(16).fill(0x22);
		return concatBytes(
			ciphers.tdesEncrypt(tmk, pik),
			checkValue(ciphers, pik),
			ciphers.tdesEncrypt(tmk, mak),
			checkValue(ciphers, mak),
		);
	}

	/** The reply to a 0200, 0400 or 0220, with what `options` falsify. */
	reply({ reader, mti }: Pick<Seen, "reader" | "mti">, options: ReplyOptions = {}): Uint8Array {
		const code = options.code ?? "00";
		const digits = reader.digits(60);
		const batch = options.batch ?? digits.slice(2, 8);
		const writer = new MessageWriter(unionpay)
			.begin(options.mti ?? mti + 0x10)
			.number(3, options.processingCode ?? reader.number(3))
			.number(4, options.amountMinor ?? reader.number(4))
			.number(11, options.stan ?? reader.number(11))
			.text(37, "123456789012");
		if (code === "00") writer.text(38, "AUTH01");
		writer
			.text(39, code)
			.text(41, options.terminalId ?? reader.text(41))
			.text(42, options.merchantId ?? reader.text(42))
			.digits(60, digits.slice(0, 2) + batch + digits.slice(8));
		if (options.mac === "none") return writer.finish();
		return writer.finishWithMac((body) => {
			const mac = macUnionPayEcb(this.ciphers, this.mak, body);
			if (options.mac === "wrong") mac[0] = mac[0]! ^ 1;
			return mac;
		});
	}
}

/** A link with everything around it. */
export function startLink(
	options: Partial<HostLinkOptions> & { readonly wallMs?: number | undefined } = {},
) {
	const time = new FakeTime("wallMs" in options ? options.wallMs : startMs);
	const sockets = fakeSockets();
	const host = new FakeHost(sockets);
	const log = new FakeLog();
	const keys = new FakeKeyStore();
	keys.write("tmk", tmk);
	const network = { up: true, Socket: sockets.Socket, signal: 20, stateName: "up" };
	const states: number[] = [];
	const batches: number[] = [];
	const counters = { stan: 900, attempt: 0x1f };
	const link: HostLink = new HostLink({
		config,
		network,
		clock: time,
		timers: time,
		entropy: new FakeEntropy(7),
		ciphers: host.ciphers,
		keys,
		log,
		nextStan: () => ++counters.stan,
		nextAttempt: () => ++counters.attempt,
		batch: 12,
		onState: (state) => states.push(state),
		onBatch: (batch) => batches.push(batch),
		...options,
	});
	return { time, sockets, host, log, keys, network, states, batches, counters, link };
}

/** A link that is up, nothing noted so far. */
export function startUp(options: Partial<HostLinkOptions> = {}) {
	const started = startLink(options);
	const { link, time, host, states, log } = started;
	link.networkChanged();
	time.settle();
	host.accept();
	time.settle();
	host.signOnReply(host.only());
	if (link.state !== LinkState.Up) fail(`state ${link.state}`);
	states.splice(0);
	log.events.splice(0);
	return started;
}

export const card = Object.freeze({
	ksn: Uint8Array.of(0xff, 0xff, 0x98, 0x76, 0x54, 0x32, 0x10, 0xe0, 0, 1),
	ciphertext: new Uint8Array(40).fill(0x5a),
});

/** Sends a message about a sample transaction; outcomes are collected in `outcomes`. */
export function exchange(
	link: HostLink,
	message: "request" | "reversal" | "stored-sale" = "request",
	transaction: Partial<Transaction> = {},
): { readonly attempt: number; readonly outcomes: HostOutcome[] } {
	const outcomes: HostOutcome[] = [];
	const request = {
		message,
		transaction: sampleTransaction(transaction),
		timeoutMs: 60_000,
		...(message === "reversal" ? {} : { card }),
	};
	const attempt = link.exchange(request, (outcome) => outcomes.push(outcome));
	return { attempt, outcomes };
}

/** Moves time on until the next request. @returns ms that it took, to 100 ms */
export function waitForRequest({ time, host }: { time: FakeTime; host: FakeHost }): {
	readonly request: Seen;
	readonly waitedMs: number;
} {
	const fromMs = time.ticksMs();
	for (let step = 0; step < 3000; step++) {
		const [request] = host.seen();
		if (request !== undefined) return { request, waitedMs: time.ticksMs() - fromMs };
		time.advance(100);
	}
	fail("no request in five minutes");
}

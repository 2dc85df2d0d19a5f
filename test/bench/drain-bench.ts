/**
 * `npm run bench -- drain`: a thousand stored sales over a line of 120 ms round trip. The firmware's worker, host link and
 * MQTT client on virtual time; at the far end of the line the fake host of the unit tests. The till would not store so many: they are
 * put into the book by hand, and the book writes to memory, for a journal holds 64 open ones. The engine's own time is not in it.
 */
import { concatBytes } from "core/bytes";
import { defaultParameters } from "core/parameters";
import type { HostLink } from "host/link";
import { hostLinkLimits } from "host/link";
import { MessageReader } from "message/reader";
import { unionpay } from "message/unionpay";
import { encodePublish } from "mqtt/encode";
import { decodePublish, PacketParser } from "mqtt/packets";
import { encodeSealedCard } from "queue/sealed-card";
import { Worker } from "queue/worker";
import type { FakeHost } from "test/unit/host/fake-host";
import { FakeJournal } from "test/unit/fakes/fake-journal";
import { FakeLog } from "test/unit/fakes/log";
import { constantEntropy, saleDraft, sampleCard } from "test/unit/fakes/sample";
import type { FakeSocket } from "test/unit/fakes/socket";
import { Book } from "transaction/book";
import { Input } from "transaction/states";
import { startUp } from "../unit/host/fake-host";

const roundTripMs = 120;
/** A modem's UART at 115,200 baud, 8N1. */
const bytesPerMs = 11.52;
const sales = 1000;

interface Parcel {
	readonly atMs: number;
	readonly bytes: Uint8Array;
}

/** One direction of the line: bytes leave one after the other, and arrive half a round trip later, in order. */
class Direction {
	#freeMs = 0;
	#parcels: Parcel[] = [];
	bytes = 0;

	send(bytes: Uint8Array, nowMs: number): void {
		this.#freeMs = Math.max(this.#freeMs, nowMs) + bytes.length / bytesPerMs;
		this.bytes += bytes.length;
		this.#parcels.push({ atMs: this.#freeMs + roundTripMs / 2, bytes });
	}

	arrived(nowMs: number): Uint8Array[] {
		const due = this.#parcels.filter(({ atMs }) => atMs <= nowMs);
		this.#parcels = this.#parcels.filter(({ atMs }) => atMs > nowMs);
		return due.map(({ bytes }) => bytes);
	}
}

/** Broker and host at the far end: acknowledge and answer at once. */
class FarEnd {
	readonly up = new Direction();
	readonly down = new Direction();
	readonly #host: FakeHost;
	readonly #socket: FakeSocket;
	readonly #parser = new PacketParser(4096);
	/** STANs in the order in which they came. */
	readonly stans: number[] = [];

	constructor(host: FakeHost, socket: FakeSocket) {
		this.#host = host;
		this.#socket = socket;
	}

	/** One millisecond of the line. */
	pass(nowMs: number): void {
		this.#socket.room = 4096;
		for (const bytes of this.#socket.take()) this.up.send(bytes, nowMs);
		const came = this.up.arrived(nowMs);
		if (came.length > 0) this.#hear(concatBytes(...came), nowMs);
		for (const bytes of this.down.arrived(nowMs)) this.#socket.receive(bytes);
	}

	#hear(bytes: Uint8Array, nowMs: number): void {
		this.#parser.push(bytes);
		for (let raw = this.#parser.next(); raw !== undefined; raw = this.#parser.next()) {
			if (raw.first >> 4 !== 3) continue;
			const { topic, id, payload } = decodePublish(raw);
			this.down.send(Uint8Array.of(0x40, 2, id >> 8, id & 0xff), nowMs);
			const reader = new MessageReader(unionpay);
			reader.parse(payload.slice());
			this.stans.push(reader.number(11));
			const reply = this.#host.reply({ reader, mti: reader.mti });
			const attempt = topic.slice(topic.lastIndexOf("/") + 1);
			this.down.send(encodePublish(`r/TERM0001/${attempt}`, reply, 1, this.stans.length), nowMs);
		}
	}
}

interface Drain {
	readonly ms: number;
	readonly upBytes: number;
	readonly downBytes: number;
	readonly inOrder: boolean;
	readonly longestBegun: number;
}

function drain(window: number): Drain {
	const started = startUp();
	const { time, host, sockets } = started;
	const link: HostLink = started.link;
	const book = new Book(new FakeJournal(), time, new FakeLog());
	book.counters.setBatch(12);
	const vault = new Map<number, Uint8Array>();
	for (let i = 0; i < sales; i++) {
		const { number } = book.begin(saleDraft(sampleCard(), 1000 + i));
		book.advance(number, Input.Store);
		vault.set(number, encodeSealedCard(sampleCard()));
	}
	let longestBegun = 0;
	const worker = new Worker({
		book,
		vault: { get: (number) => vault.get(number), release: (number) => void vault.delete(number) },
		link: {
			get state() {
				return link.state;
			},
			get room() {
				return link.room;
			},
			exchange: (request, done) => {
				const attempt = link.exchange(request, done);
				longestBegun = Math.max(longestBegun, link.inFlight);
				return attempt;
			},
		},
		chip: { awaitsHost: false, complete: () => undefined },
		clock: time,
		timers: time,
		entropy: constantEntropy(0),
		log: new FakeLog(),
		parameters: () => defaultParameters,
		window,
		store: () => false,
		onCustomer: () => undefined,
		onChanged: () => undefined,
		onScripts: () => undefined,
	});
	const far = new FarEnd(host, sockets.last);
	const startMs = time.ticksMs();
	worker.linkChanged();
	while (vault.size > 0) {
		time.advance(1);
		far.pass(time.ticksMs());
	}
	const inOrder = far.stans.every((stan, i) => i === 0 || stan > far.stans[i - 1]!);
	return {
		ms: time.ticksMs() - startMs,
		upBytes: far.up.bytes,
		downBytes: far.down.bytes,
		inOrder,
		longestBegun,
	};
}

/** What `npm run bench -- drain` prints. */
export function benchDrain(): Record<string, unknown> {
	const window = hostLinkLimits.inFlight - 1;
	const piped = drain(window);
	const single = drain(1);
	const lineMs = Math.max(piped.upBytes, piped.downBytes) / bytesPerMs;
	// One sale's own way there and back, with the bytes that it takes.
	const turnMs = roundTripMs + (piped.upBytes + piped.downBytes) / sales / bytesPerMs;
	const windowMs = (turnMs * sales) / window;
	const boundMs = Math.max(lineMs, windowMs);
	return {
		sales,
		roundTripMs,
		lineBytesPerSecond: bytesPerMs * 1000,
		window,
		drainMs: piped.ms,
		stopAndWaitMs: single.ms,
		timesStopAndWait: round(single.ms / piped.ms),
		boundMs: Math.round(boundMs),
		boundBy: lineMs >= windowMs ? "line" : "window",
		ofBound: round(boundMs / piped.ms),
		bytesUpPerSale: Math.round(piped.upBytes / sales),
		bytesDownPerSale: Math.round(piped.downBytes / sales),
		mostInFlight: piped.longestBegun,
		inOrder: piped.inOrder,
	};
}

function round(value: number): number {
	return Math.round(value * 100) / 100;
}

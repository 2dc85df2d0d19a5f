import { Fault } from "core/fault";
import { utf8Text } from "mqtt/utf8";

/** Control packet types of MQTT 3.1.1, section 2.2.1. */
export const PacketType = Object.freeze({
	Connect: 1,
	Connack: 2,
	Publish: 3,
	Puback: 4,
	Subscribe: 8,
	Suback: 9,
	Pingreq: 12,
	Pingresp: 13,
	Disconnect: 14,
} as const);

/** A packet as it stood on the wire: first byte and what follows the fixed header. */
export interface RawPacket {
	readonly first: number;
	readonly body: Uint8Array;
}

/** What a broker sends to a client that subscribes with QoS 1 at most. */
export type Packet =
	| { readonly kind: "connack"; readonly sessionPresent: boolean; readonly code: number }
	| PublishPacket
	| { readonly kind: "puback"; readonly id: number }
	| { readonly kind: "suback"; readonly id: number; readonly codes: Uint8Array }
	| { readonly kind: "pingresp" };

export interface PublishPacket {
	readonly kind: "publish";
	readonly topic: string;
	/** A view of the packet. */
	readonly payload: Uint8Array;
	readonly qos: 0 | 1;
	readonly duplicate: boolean;
	readonly retain: boolean;
	/** 0 with QoS 0. */
	readonly id: number;
}

/**
 * Cuts a stream of bytes into packets, whatever the size of its chunks.
 * `push` one chunk, then `next` until it gives undefined. After a Fault the stream is lost.
 */
export class PacketParser {
	readonly #byteLimit: number;
	#chunk: Uint8Array | undefined;
	#offset = 0;
	#first = -1;
	#lengthBytes = 0;
	#length = 0;
	#lengthKnown = false;
	/** Body that began in an earlier chunk. */
	#body: Uint8Array | undefined;
	#filled = 0;

	/** @param byteLimit largest packet, fixed header included */
	constructor(byteLimit: number) {
		this.#byteLimit = byteLimit;
	}

	/** @param chunk bytes in order; kept until `next` has used them up */
	push(chunk: Uint8Array): void {
		this.#chunk = chunk;
		this.#offset = 0;
	}

	/**
	 * @returns the next whole packet, or undefined when the rest has yet to come
	 * @throws Fault "mqtt.packet" for a length of more than four bytes, "mqtt.size" above the limit
	 */
	next(): RawPacket | undefined {
		const chunk = this.#chunk;
		if (chunk === undefined) return undefined;
		while (!this.#lengthKnown) {
			if (this.#offset === chunk.length) return this.#needMore();
			this.#header(chunk[this.#offset++]!);
		}
		const body = this.#takeBody(chunk);
		if (body === undefined) return this.#needMore();
		const first = this.#first;
		this.#first = -1;
		this.#lengthKnown = false;
		return { first, body };
	}

	#needMore(): undefined {
		this.#chunk = undefined;
		return undefined;
	}

	/** One byte of the fixed header, section 2.2. */
	#header(byte: number): void {
		if (this.#first < 0) {
			this.#first = byte;
			this.#length = 0;
			this.#lengthBytes = 0;
			return;
		}
		this.#length += (byte & 0x7f) * 128 ** this.#lengthBytes++;
		if (1 + this.#lengthBytes + this.#length > this.#byteLimit)
			throw new Fault("mqtt.size", this.#length, this.#byteLimit);
		if (byte < 0x80) this.#lengthKnown = true;
		else if (this.#lengthBytes === 4) throw new Fault("mqtt.packet", this.#first);
	}

	#takeBody(chunk: Uint8Array): Uint8Array | undefined {
		const there = chunk.length - this.#offset;
		if (this.#body === undefined) {
			if (there >= this.#length) {
				const start = this.#offset;
				this.#offset += this.#length;
				return chunk.subarray(start, this.#offset);
			}
			this.#body = new Uint8Array(this.#length);
			this.#filled = 0;
		}
		const end = this.#offset + Math.min(there, this.#length - this.#filled);
		this.#body.set(chunk.subarray(this.#offset, end), this.#filled);
		this.#filled += end - this.#offset;
		this.#offset = end;
		if (this.#filled < this.#length) return undefined;
		const body = this.#body;
		this.#body = undefined;
		return body;
	}
}

/**
 * Reads a packet that a broker may send.
 * @throws Fault "mqtt.packet" (first byte, length of the body) for anything that MQTT 3.1.1 does not allow there
 */
export function decodePacket(raw: RawPacket): Packet {
	const { first, body } = raw;
	if (first >> 4 === PacketType.Publish) return decodePublish(raw);
	if ((first & 0x0f) !== 0) throw malformed(raw);
	switch (first >> 4) {
		case PacketType.Connack: {
			const [flags, code] = body;
			if (body.length !== 2 || flags! > 1 || (flags === 1 && code !== 0)) throw malformed(raw);
			return { kind: "connack", sessionPresent: flags === 1, code: code! };
		}
		case PacketType.Puback:
			if (body.length !== 2) throw malformed(raw);
			return { kind: "puback", id: readId(raw, 0) };
		case PacketType.Suback: {
			const codes = body.subarray(2);
			if (codes.length === 0) throw malformed(raw);
			for (const code of codes) if (code > 2 && code !== 0x80) throw malformed(raw);
			return { kind: "suback", id: readId(raw, 0), codes };
		}
		case PacketType.Pingresp:
			if (body.length !== 0) throw malformed(raw);
			return { kind: "pingresp" };
		default:
			throw malformed(raw);
	}
}

/** PUBLISH, section 3.3. @throws Fault "mqtt.packet", also for QoS 2 */
export function decodePublish(raw: RawPacket): PublishPacket {
	const { first, body } = raw;
	const qos = (first >> 1) & 3;
	const duplicate = (first & 8) !== 0;
	if (qos > 1 || (duplicate && qos === 0) || body.length < 2) throw malformed(raw);
	let offset = 2 + ((body[0]! << 8) | body[1]!);
	if (offset > body.length) throw malformed(raw);
	const topic = utf8Text(body.subarray(2, offset));
	if (topic === undefined || topic === "" || topic.includes("+") || topic.includes("#"))
		throw malformed(raw);
	let id = 0;
	if (qos === 1) {
		id = readId(raw, offset);
		offset += 2;
	}
	const retain = (first & 1) !== 0;
	const payload = body.subarray(offset);
	return { kind: "publish", topic, payload, qos: qos === 1 ? 1 : 0, duplicate, retain, id };
}

/** A packet identifier, never 0 (section 2.3.1). */
function readId(raw: RawPacket, offset: number): number {
	const { body } = raw;
	const id = offset + 2 > body.length ? 0 : (body[offset]! << 8) | body[offset + 1]!;
	if (id === 0) throw malformed(raw);
	return id;
}

function malformed(raw: RawPacket): Fault {
	return new Fault("mqtt.packet", raw.first, raw.body.length);
}

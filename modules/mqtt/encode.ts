import { utf8Bytes } from "core/bytes";
import { Fault } from "core/fault";
import { PacketType } from "mqtt/packets";

/** What the broker publishes for us when the connection breaks without DISCONNECT. */
export interface Will {
	readonly topic: string;
	readonly payload: Uint8Array;
	readonly qos: 0 | 1;
	readonly retain: boolean;
}

export interface Connect {
	readonly clientId: string;
	/** "" for none. */
	readonly user: string;
	/** "" for none; needs a user. */
	readonly password: string;
	/** Seconds, 0 to 65535; 0 is no keep-alive. */
	readonly keepAliveSeconds: number;
	readonly clean: boolean;
	readonly will?: Will | undefined;
}

/** Writes one packet into a buffer of exactly its length; `body` bytes follow the fixed header. */
class PacketWriter {
	readonly bytes: Uint8Array;
	#offset = 0;

	constructor(first: number, body: number) {
		let header = 2;
		for (let rest = body; rest >= 128; rest = Math.floor(rest / 128)) header++;
		if (header > 5) throw new Fault("mqtt.size", body);
		this.bytes = new Uint8Array(header + body);
		this.byte(first);
		let rest = body;
		while (rest >= 128) {
			this.byte((rest % 128) | 0x80);
			rest = Math.floor(rest / 128);
		}
		this.byte(rest);
	}

	byte(value: number): this {
		this.bytes[this.#offset++] = value;
		return this;
	}

	short(value: number): this {
		return this.byte(value >> 8).byte(value & 0xff);
	}

	raw(data: Uint8Array): this {
		this.bytes.set(data, this.#offset);
		this.#offset += data.length;
		return this;
	}

	/** Two bytes of length, then the data. */
	prefixed(data: Uint8Array): this {
		return this.short(data.length).raw(data);
	}
}

/** UTF-8 of a text that a length of two bytes can announce. @throws Fault "mqtt.size" above 65535 bytes */
function textField(text: string): Uint8Array {
	const bytes = utf8Bytes(text);
	if (bytes.length > 0xffff) throw new Fault("mqtt.size", bytes.length);
	return bytes;
}

/** CONNECT, section 3.1. */
export function encodeConnect(connect: Connect): Uint8Array {
	const { will } = connect;
	const fields = [textField(connect.clientId)];
	let flags = connect.clean ? 0x02 : 0;
	if (will !== undefined) {
		if (will.payload.length > 0xffff) throw new Fault("mqtt.size", will.payload.length);
		flags |= 0x04 | (will.qos << 3) | (will.retain ? 0x20 : 0);
		fields.push(textField(will.topic), will.payload);
	}
	if (connect.user !== "") {
		flags |= 0x80;
		fields.push(textField(connect.user));
		if (connect.password !== "") {
			flags |= 0x40;
			fields.push(textField(connect.password));
		}
	}
	let body = 10;
	for (const field of fields) body += 2 + field.length;
	const writer = new PacketWriter(PacketType.Connect << 4, body);
	writer.prefixed(utf8Bytes("MQTT")).byte(4).byte(flags).short(connect.keepAliveSeconds);
	for (const field of fields) writer.prefixed(field);
	return writer.bytes;
}

/**
 * PUBLISH, section 3.3.
 * @param id 1 to 65535 with qos 1, ignored with qos 0
 */
export function encodePublish(
	topic: string,
	payload: Uint8Array,
	qos: 0 | 1,
	id: number,
	retain = false,
	duplicate = false,
): Uint8Array {
	const name = textField(topic);
	const first = (PacketType.Publish << 4) | (duplicate ? 8 : 0) | (qos << 1) | (retain ? 1 : 0);
	const body = 2 + name.length + (qos === 1 ? 2 : 0) + payload.length;
	const writer = new PacketWriter(first, body).prefixed(name);
	if (qos === 1) writer.short(id);
	return writer.raw(payload).bytes;
}

/** SUBSCRIBE with one filter, section 3.8. */
export function encodeSubscribe(id: number, filter: string, qos: 0 | 1): Uint8Array {
	const name = textField(filter);
	return new PacketWriter((PacketType.Subscribe << 4) | 2, 5 + name.length)
		.short(id)
		.prefixed(name)
		.byte(qos).bytes;
}

/** PUBACK, section 3.4. */
export function encodePuback(id: number): Uint8Array {
	return new PacketWriter(PacketType.Puback << 4, 2).short(id).bytes;
}

/** PINGREQ, section 3.12. */
export function encodePingreq(): Uint8Array {
	return new PacketWriter(PacketType.Pingreq << 4, 0).bytes;
}

/** DISCONNECT, section 3.14. */
export function encodeDisconnect(): Uint8Array {
	return new PacketWriter(PacketType.Disconnect << 4, 0).bytes;
}

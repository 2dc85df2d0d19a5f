/** MQTT 3.1.1 as a broker sees it, in the simulation's own words: it shares nothing with modules/mqtt. */

export interface WirePacket {
	/** 1 CONNECT, 3 PUBLISH, 4 PUBACK, 8 SUBSCRIBE, 12 PINGREQ, 14 DISCONNECT */
	readonly type: number;
	readonly flags: number;
	readonly body: Uint8Array;
}

/** Takes whole packets off the front of `bytes`. @returns them and what is left over */
export function cutPackets(bytes: Uint8Array): { packets: WirePacket[]; rest: Uint8Array } {
	const packets: WirePacket[] = [];
	let at = 0;
	while (at + 2 <= bytes.length) {
		let length = 0;
		let digits = 0;
		let more = true;
		while (more && at + 1 + digits < bytes.length && digits < 4) {
			const digit = bytes[at + 1 + digits]!;
			length += (digit & 0x7f) << (7 * digits);
			digits++;
			more = digit >= 0x80;
		}
		const end = at + 1 + digits + length;
		if (more || end > bytes.length) break;
		packets.push({
			type: bytes[at]! >> 4,
			flags: bytes[at]! & 15,
			body: bytes.slice(at + 1 + digits, end),
		});
		at = end;
	}
	return { packets, rest: bytes.slice(at) };
}

export interface WirePublish {
	readonly topic: string;
	readonly qos: number;
	readonly id: number;
	readonly payload: Uint8Array;
}

export function readPublish({ flags, body }: WirePacket): WirePublish {
	const length = body[0]! * 256 + body[1]!;
	const qos = (flags >> 1) & 3;
	let topic = "";
	for (let i = 0; i < length; i++) topic += String.fromCharCode(body[2 + i]!);
	const at = 2 + length;
	const id = qos === 0 ? 0 : body[at]! * 256 + body[at + 1]!;
	return { topic, qos, id, payload: body.slice(qos === 0 ? at : at + 2) };
}

export function writePublish(message: WirePublish, again: boolean): Uint8Array {
	const { topic, qos, id, payload } = message;
	const body: number[] = [topic.length >> 8, topic.length & 255];
	for (let i = 0; i < topic.length; i++) body.push(topic.charCodeAt(i));
	if (qos > 0) body.push(id >> 8, id & 255);
	const length = body.length + payload.length;
	const head = length < 128 ? [length] : [(length & 127) | 128, length >> 7];
	const out = new Uint8Array(1 + head.length + length);
	out[0] = 0x30 | (again ? 8 : 0) | (qos << 1);
	out.set(head, 1);
	out.set(body, 1 + head.length);
	out.set(payload, 1 + head.length + body.length);
	return out;
}

/** CONNACK without a session. */
export function connack(code: number): Uint8Array {
	return Uint8Array.of(0x20, 2, 0, code);
}

/** PUBACK (4) or SUBACK (9, granted 1) for a packet identifier. */
export function acknowledge(type: 4 | 9, id: number): Uint8Array {
	return type === 4
		? Uint8Array.of(0x40, 2, id >> 8, id & 255)
		: Uint8Array.of(0x90, 3, id >> 8, id & 255, 1);
}

export const pingresp = (): Uint8Array => Uint8Array.of(0xd0, 0);

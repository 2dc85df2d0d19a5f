import type { Socket } from "node:net";
import { parser as makeParser } from "mqtt-packet";
import type { Packet } from "mqtt-packet";

/** One MQTT packet as it went over the wire. Passwords are left out. */
export interface CapturedPacket {
	/** Unix ms. */
	readonly atMs: number;
	/** Client identifier, "" before CONNECT. */
	readonly client: string;
	/** in: from the client to the broker. */
	readonly direction: "in" | "out";
	/** "connect", "publish", "puback" … */
	readonly command: string;
	/** Of a publish; "" otherwise. */
	readonly topic: string;
	readonly qos: number;
	readonly duplicate: boolean;
	readonly messageId: number | undefined;
	/** Of a publish; empty otherwise. */
	readonly payload: Uint8Array;
}

export interface TapOptions {
	readonly capture: ((packet: CapturedPacket) => void) | undefined;
	readonly onActivity: (() => void) | undefined;
	readonly wallMs: () => number;
}

/** Listens to both directions of a connection without changing anything on it. */
export function tapConnection(socket: Socket, options: TapOptions): void {
	let client = "";
	const listen = (direction: CapturedPacket["direction"]) => {
		if (options.capture === undefined) return () => options.onActivity?.();
		const capture = options.capture;
		const parser = makeParser({ protocolVersion: 4 });
		let broken = false;
		// What a client sends need not be MQTT; the broker deals with it.
		parser.on("error", () => (broken = true));
		parser.on("packet", (packet: Packet) => {
			if (packet.cmd === "connect") client = packet.clientId;
			capture({ ...describe(packet), atMs: options.wallMs(), client, direction });
		});
		return (bytes: Uint8Array) => {
			options.onActivity?.();
			if (!broken) parser.parse(Buffer.from(bytes));
		};
	};
	const incoming = listen("in");
	const outgoing = listen("out");
	const read = socket.read.bind(socket);
	socket.read = (size?: number) => {
		const bytes: unknown = read(size);
		if (Buffer.isBuffer(bytes)) incoming(bytes);
		return bytes;
	};
	const write = socket.write.bind(socket) as (...args: unknown[]) => boolean;
	socket.write = (...args: unknown[]) => {
		const [data, encoding] = args;
		if (typeof data === "string") outgoing(Buffer.from(data, textEncoding(encoding)));
		else if (data instanceof Uint8Array) outgoing(data);
		return write(...args);
	};
}

function describe(packet: Packet): Omit<CapturedPacket, "atMs" | "client" | "direction"> {
	const base = { command: packet.cmd, messageId: packet.messageId };
	if (packet.cmd !== "publish")
		return { ...base, topic: "", qos: 0, duplicate: false, payload: new Uint8Array(0) };
	const { topic, qos, dup, payload } = packet;
	const bytes = typeof payload === "string" ? Buffer.from(payload, "utf8") : payload;
	return { ...base, topic, qos, duplicate: dup, payload: Uint8Array.from(bytes) };
}

function textEncoding(value: unknown): BufferEncoding {
	return typeof value === "string" ? (value as BufferEncoding) : "utf8";
}

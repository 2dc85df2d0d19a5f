import type { TimerId, Timers } from "core/clock";
import { Fault } from "core/fault";
import type { Socket, SocketConstructor } from "core/io";
import {
	encodeConnect,
	encodeDisconnect,
	encodePingreq,
	encodePuback,
	encodePublish,
	encodeSubscribe,
	type Will,
} from "mqtt/encode";
import { decodePacket, PacketParser, type Packet, type PublishPacket } from "mqtt/packets";
import { Unacknowledged, type Redelivery } from "mqtt/unacknowledged";

/** Why a connection is over; the number is logged. */
export const CloseReason = Object.freeze({
	/** The socket failed or the other side ended the connection. */
	Socket: 1,
	/** No CONNACK within the deadline. */
	ConnectTimeout: 2,
	/** The broker refused; the detail is the code of the CONNACK (1 to 5, section 3.2.2.3). */
	Refused: 3,
	/** The broker sent what MQTT 3.1.1 does not allow. */
	Malformed: 4,
	/** The broker sent a packet above the limit. */
	TooLarge: 5,
	/** No PINGRESP within the deadline. */
	PingTimeout: 6,
	/** No PUBACK or SUBACK within the deadline. */
	AckTimeout: 7,
	/** A callback of the user threw; the message was not acknowledged. */
	Handler: 8,
	/** The socket did not take what MQTT obliges us to send. */
	Stalled: 9,
} as const);
export type CloseReason = (typeof CloseReason)[keyof typeof CloseReason];

export interface MqttLimits {
	/** Largest packet, whole. */
	readonly inBytes: number;
	readonly outBytes: number;
	/** From the constructor to the CONNACK. */
	readonly connectTimeoutMs: number;
	readonly pingTimeoutMs: number;
	/** PUBACK and SUBACK. */
	readonly ackTimeoutMs: number;
	/** Publishes with QoS 1 and subscriptions that wait for their acknowledgement. */
	readonly unacknowledged: number;
	/** Acknowledgements and pings that wait for room in the socket. */
	readonly waitingBytes: number;
}

export const mqttLimits: MqttLimits = Object.freeze({
	inBytes: 2048,
	outBytes: 2048,
	connectTimeoutMs: 20_000,
	pingTimeoutMs: 20_000,
	ackTimeoutMs: 30_000,
	unacknowledged: 16,
	waitingBytes: 256,
});

export interface MessageInfo {
	readonly qos: 0 | 1;
	/** The broker may have delivered it before. */
	readonly duplicate: boolean;
	readonly retain: boolean;
}

export interface MqttOptions {
	readonly Socket: SocketConstructor;
	readonly host: string;
	readonly port: number;
	readonly clientId: string;
	/** "" for none. */
	readonly user: string;
	readonly password: string;
	/** 0 for none; at most 65,535 s. Half of it without traffic one way or the other makes a PINGREQ. */
	readonly keepAliveMs: number;
	readonly clean: boolean;
	readonly will?: Will;
	readonly timers: Timers;
	readonly limits?: Partial<MqttLimits>;
	/** What an earlier connection left in `unacknowledged()`: sent again with DUP once this one is open. */
	readonly redeliver?: readonly Redelivery[];
	readonly onOpen: (sessionPresent: boolean) => void;
	/** A QoS 1 message is acknowledged after this returns. `payload` is only good until then. */
	readonly onMessage: (topic: string, payload: Uint8Array, info: MessageInfo) => void;
	/** The connection is over; nothing is called afterwards. Not called for the user's own `close`. */
	readonly onClosed: (reason: CloseReason, detail: number) => void;
}

/**
 * One connection to an MQTT 3.1.1 broker, from the socket to its end; who wants another makes another.
 * Each packet is one write to the socket. No callback is called from inside a method.
 */
export class MqttClient {
	readonly #options: MqttOptions;
	readonly #limits: MqttLimits;
	readonly #parser: PacketParser;
	readonly #unacknowledged: Unacknowledged;
	#socket: Socket | undefined;
	/** CONNECT was sent · CONNACK said yes · over. */
	#connected = false;
	#open = false;
	#closed = false;
	#deadline: TimerId = 0;
	#pingTimer: TimerId = 0;
	#sent = false;
	#received = false;
	#pingWaits = false;
	/** Acknowledgements and pings without room in the socket. */
	#waiting: Uint8Array[] = [];
	#waitingBytes = 0;

	/** Opens the socket. A failure, also at once, comes through `onClosed`. */
	constructor(options: MqttOptions) {
		this.#options = options;
		this.#limits = { ...mqttLimits, ...options.limits };
		this.#parser = new PacketParser(this.#limits.inBytes);
		this.#unacknowledged = new Unacknowledged(
			options.timers,
			this.#limits.unacknowledged,
			this.#limits.ackTimeoutMs,
			() => this.#end(CloseReason.AckTimeout),
		);
		this.#deadline = options.timers.set(
			() => this.#end(CloseReason.ConnectTimeout),
			this.#limits.connectTimeoutMs,
		);
		try {
			this.#socket = new options.Socket({
				host: options.host,
				port: options.port,
				onReadable: () => this.#readable(),
				onWritable: () => this.#writable(),
				onError: () => this.#end(CloseReason.Socket),
			});
		} catch {
			options.timers.set(() => this.#end(CloseReason.Socket), 0);
		}
	}

	/** The broker has accepted the connection and it stands, as far as is known. */
	get open(): boolean {
		return this.#open;
	}

	/**
	 * Sends one message.
	 * @param topic without wildcards
	 * @param onAcked QoS 1: the broker has it
	 * @returns false when the socket took nothing, for it is not open or has no room, or too much waits for its
	 * acknowledgement: then surely nothing left. True: it may have left.
	 * @throws Fault "mqtt.size" when the packet is larger than the limit
	 */
	publish(topic: string, payload: Uint8Array, qos: 0 | 1, onAcked?: () => void): boolean {
		if (!this.#open) return false;
		const id = qos === 1 ? this.#unacknowledged.freeId() : 0;
		if (id < 0) return false;
		const packet = encodePublish(topic, payload, qos, id);
		if (packet.length > this.#limits.outBytes)
			throw new Fault("mqtt.size", packet.length, this.#limits.outBytes);
		if (!this.#write(packet)) return false;
		if (qos === 1) this.#unacknowledged.add(id, onAcked, { topic, payload });
		return true;
	}

	/**
	 * Asks for the messages of one filter.
	 * @param onGranted the granted QoS, or 0x80 when the broker refused
	 * @returns false as in `publish`
	 */
	subscribe(filter: string, qos: 0 | 1, onGranted: (code: number) => void): boolean {
		if (!this.#open) return false;
		const id = this.#unacknowledged.freeId();
		if (id < 0 || !this.#write(encodeSubscribe(id, filter, qos))) return false;
		this.#unacknowledged.add(id, onGranted);
		return true;
	}

	/** Publishes with QoS 1 that were never acknowledged, oldest first; good after the end as well. */
	unacknowledged(): readonly Redelivery[] {
		return this.#unacknowledged.publishes();
	}

	/** Says DISCONNECT where possible and closes the socket. Nothing is called afterwards. Twice is fine. */
	close(): void {
		if (this.#open) this.#write(encodeDisconnect());
		this.#stop();
	}

	/** First call: the socket is open. */
	#writable(): void {
		if (this.#closed) return;
		if (this.#connected) {
			this.#flush();
			return;
		}
		this.#connected = true;
		const { clientId, user, password, keepAliveMs, clean, will } = this.#options;
		const keepAliveSeconds = Math.ceil(keepAliveMs / 1000);
		this.#control(encodeConnect({ clientId, user, password, keepAliveSeconds, clean, will }));
	}

	#readable(): void {
		try {
			let chunk = this.#closed ? undefined : this.#socket?.read();
			while (chunk !== undefined) {
				this.#received = true;
				this.#parser.push(chunk);
				for (let raw = this.#parser.next(); raw !== undefined; raw = this.#parser.next()) {
					this.#packet(decodePacket(raw));
					if (this.#closed) return;
				}
				chunk = this.#socket?.read();
			}
		} catch (error) {
			const fault = error instanceof Fault ? error : undefined;
			if (fault?.code === "mqtt.size") this.#end(CloseReason.TooLarge, fault.a);
			else if (fault?.code === "mqtt.packet") this.#end(CloseReason.Malformed, fault.a);
			else this.#end(CloseReason.Socket);
		}
	}

	#packet(packet: Packet): void {
		if (packet.kind === "connack") {
			if (this.#open) this.#end(CloseReason.Malformed);
			else if (packet.code !== 0) this.#end(CloseReason.Refused, packet.code);
			else this.#opened(packet.sessionPresent);
			return;
		}
		if (!this.#open) {
			this.#end(CloseReason.Malformed);
			return;
		}
		switch (packet.kind) {
			case "publish":
				this.#message(packet);
				break;
			case "puback":
				this.#call(() => this.#unacknowledged.acknowledge(packet.id, "publish", 0));
				break;
			case "suback": {
				const code = packet.codes[0] ?? 0x80;
				this.#call(() => this.#unacknowledged.acknowledge(packet.id, "subscribe", code));
				break;
			}
			case "pingresp":
				this.#pingWaits = false;
				this.#clearDeadline();
				break;
		}
	}

	#opened(sessionPresent: boolean): void {
		this.#clearDeadline();
		this.#open = true;
		this.#watch();
		for (const { topic, payload, id } of this.#options.redeliver ?? []) {
			if (!this.#write(encodePublish(topic, payload, 1, id, false, true))) continue;
			this.#unacknowledged.add(id, undefined, { topic, payload });
		}
		this.#call(() => this.#options.onOpen(sessionPresent));
	}

	#message(packet: PublishPacket): void {
		const { topic, payload, qos, duplicate, retain, id } = packet;
		const info = { qos, duplicate, retain };
		if (!this.#call(() => this.#options.onMessage(topic, payload, info))) return;
		if (qos === 1 && !this.#closed) this.#control(encodePuback(id));
	}

	/** Runs a callback of the user; one that throws ends the connection. */
	#call(callback: () => void): boolean {
		try {
			callback();
			return true;
		} catch {
			this.#end(CloseReason.Handler);
			return false;
		}
	}

	/** Pings when nothing went one way or the other for half the keep-alive time. */
	#watch(): void {
		const { keepAliveMs, timers } = this.#options;
		if (keepAliveMs === 0) return;
		this.#pingTimer = timers.set(
			() => {
				if (!this.#pingWaits && !(this.#sent && this.#received)) this.#ping();
				this.#sent = this.#received = false;
				if (!this.#closed) this.#watch();
			},
			Math.floor(keepAliveMs / 2),
		);
	}

	#ping(): void {
		this.#pingWaits = true;
		this.#deadline = this.#options.timers.set(
			() => this.#end(CloseReason.PingTimeout),
			this.#limits.pingTimeoutMs,
		);
		this.#control(encodePingreq());
	}

	/** Hands one packet to the socket. @returns false when surely nothing was taken */
	#write(packet: Uint8Array): boolean {
		const socket = this.#socket;
		if (socket === undefined || this.#closed || !this.#flush()) return false;
		try {
			socket.write(packet);
			this.#sent = true;
			return true;
		} catch (error) {
			if (error instanceof Fault && (error.code === "io.busy" || error.code === "io.closed"))
				return false;
			// Whatever this is, some of it may have left.
			this.#options.timers.set(() => this.#end(CloseReason.Socket), 0);
			return true;
		}
	}

	/** Sends what MQTT obliges us to send, later when there is no room now. */
	#control(packet: Uint8Array): void {
		if (this.#write(packet)) return;
		this.#waiting.push(packet);
		this.#waitingBytes += packet.length;
		if (this.#waitingBytes > this.#limits.waitingBytes) this.#end(CloseReason.Stalled);
	}

	/** @returns false when something still waits */
	#flush(): boolean {
		for (let packet = this.#waiting[0]; packet !== undefined; packet = this.#waiting[0]) {
			try {
				this.#socket?.write(packet);
			} catch {
				return false;
			}
			this.#waiting.shift();
			this.#waitingBytes -= packet.length;
			this.#sent = true;
		}
		return true;
	}

	#clearDeadline(): void {
		this.#options.timers.clear(this.#deadline);
	}

	#end(reason: CloseReason, detail = 0): void {
		if (this.#closed) return;
		this.#stop();
		this.#options.onClosed(reason, detail);
	}

	#stop(): void {
		if (this.#closed) return;
		this.#closed = true;
		this.#open = false;
		this.#clearDeadline();
		this.#options.timers.clear(this.#pingTimer);
		this.#unacknowledged.stop();
		this.#waiting = [];
		this.#socket?.close();
		this.#socket = undefined;
	}
}

import type { TimerId } from "core/clock";
import { Fault } from "core/fault";
import type { Socket } from "core/io";
import {
	encodeConnect,
	encodeDisconnect,
	encodePingreq,
	encodePuback,
	encodePublish,
	encodeSubscribe,
} from "mqtt/encode";
import { KeepAlive } from "mqtt/keep-alive";
import { CloseReason, mqttLimits, type MqttLimits, type MqttOptions } from "mqtt/options";
import { Outbox } from "mqtt/outbox";
import { decodePacket, PacketParser, type Packet, type PublishPacket } from "mqtt/packets";
import { Unacknowledged, type Redelivery } from "mqtt/unacknowledged";

export { CloseReason, mqttLimits } from "mqtt/options";
export type { MessageInfo, MqttLimits, MqttOptions } from "mqtt/options";

/**
 * One connection to an MQTT 3.1.1 broker, from the socket to its end; who wants another makes another.
 * Each packet is one write to the socket. No callback is called from inside a method.
 */
export class MqttClient {
	readonly #options: MqttOptions;
	readonly #limits: MqttLimits;
	readonly #parser: PacketParser;
	readonly #unacknowledged: Unacknowledged;
	readonly #keepAlive: KeepAlive;
	readonly #outbox: Outbox;
	#socket: Socket | undefined;
	/** CONNECT was sent · CONNACK said yes · over. */
	#connected = false;
	#open = false;
	#closed = false;
	/** Of the CONNACK. */
	#deadline: TimerId;

	/** Opens the socket. A failure, also at once, comes through `onClosed`. */
	constructor(options: MqttOptions) {
		const limits = { ...mqttLimits, ...options.limits };
		const { timers } = options;
		const endBy = (reason: CloseReason) => () => this.#end(reason);
		this.#options = options;
		this.#limits = limits;
		this.#parser = new PacketParser(limits.inBytes);
		this.#unacknowledged = new Unacknowledged(
			timers,
			limits.unacknowledged,
			limits.ackTimeoutMs,
			endBy(CloseReason.AckTimeout),
		);
		this.#keepAlive = new KeepAlive(
			timers,
			options.keepAliveMs,
			limits.pingTimeoutMs,
			() => this.#control(encodePingreq()),
			endBy(CloseReason.PingTimeout),
		);
		this.#outbox = new Outbox(limits.waitingBytes, () => this.#keepAlive.sent());
		this.#deadline = timers.set(endBy(CloseReason.ConnectTimeout), limits.connectTimeoutMs);
		try {
			this.#socket = new options.Socket({
				host: options.host,
				port: options.port,
				tls: options.tls,
				onReadable: () => this.#readable(),
				onWritable: () => this.#writable(),
				onError: endBy(CloseReason.Socket),
			});
		} catch (error) {
			const noTls = error instanceof Fault && error.code === "io.tls";
			timers.set(() => this.#end(CloseReason.Socket, noTls ? 1 : 0), 0);
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
		if (this.#closed || this.#socket === undefined) return;
		if (this.#connected) {
			this.#outbox.flush(this.#socket);
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
				this.#keepAlive.received();
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
				this.#keepAlive.answered();
				break;
		}
	}

	#opened(sessionPresent: boolean): void {
		this.#options.timers.clear(this.#deadline);
		this.#open = true;
		this.#keepAlive.start();
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

	/** Hands one packet to the socket. @returns false when surely nothing was taken */
	#write(packet: Uint8Array): boolean {
		const socket = this.#socket;
		if (socket === undefined || this.#closed) return false;
		try {
			return this.#outbox.write(socket, packet);
		} catch {
			// Not a way in which a socket refuses: some of it may have left.
			this.#options.timers.set(() => this.#end(CloseReason.Socket), 0);
			return true;
		}
	}

	/** Sends what MQTT obliges us to send, later when there is no room now. */
	#control(packet: Uint8Array): void {
		if (!this.#write(packet) && !this.#outbox.keep(packet)) this.#end(CloseReason.Stalled);
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
		this.#options.timers.clear(this.#deadline);
		this.#keepAlive.stop();
		this.#unacknowledged.stop();
		this.#outbox.clear();
		this.#socket?.close();
		this.#socket = undefined;
	}
}

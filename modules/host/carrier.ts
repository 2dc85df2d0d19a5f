import type { TimerId, Timers } from "core/clock";
import type { Network } from "core/devices";
import { LogCode, type Log } from "core/log";
import type { TerminalConfig } from "core/platform";
import { attemptOfTopic, replyFilter, requestTopic } from "host/topics";
import { MqttClient } from "mqtt/client";

/** Second number of LogCode.MqttError beside those of mqtt's CloseReason. */
export const CarrierReason = Object.freeze({
	/** Detail: the code of the SUBACK. */
	SubscribeRefused: 20,
	/** Socket, CONNECT and SUBSCRIBE took too long. */
	ConnectTimeout: 21,
	/** A payload came on a topic that is not ours. */
	ForeignTopic: 22,
} as const);

export interface CarrierOptions {
	readonly config: TerminalConfig;
	readonly network: Network;
	readonly timers: Timers;
	readonly log: Log;
	readonly connectTimeoutMs: number;
	readonly keepAliveMs: number;
	/** Connected and subscribed. */
	readonly onReady: () => void;
	/** `payload` is only good during the call. */
	readonly onReply: (attempt: number, payload: Uint8Array) => void;
	/** The connection is over; nothing is called afterwards. Not called for the own `close`. */
	readonly onGone: () => void;
}

/** One MQTT connection as docs/host-protocol.md wants it: topics and QoS of a terminal. */
export class Carrier {
	readonly #options: CarrierOptions;
	readonly #client: MqttClient;
	#deadline: TimerId;

	/** Starts to connect. */
	constructor(options: CarrierOptions) {
		const { config, network, timers, keepAliveMs, connectTimeoutMs } = options;
		this.#options = options;
		this.#deadline = timers.set(
			() => this.#fail(CarrierReason.ConnectTimeout, 0),
			connectTimeoutMs,
		);
		this.#client = new MqttClient({
			Socket: network.Socket,
			host: config.mqttHost,
			port: config.mqttPort,
			tls: config.mqttTls,
			clientId: config.terminalId,
			user: config.mqttUser,
			password: config.mqttPassword,
			keepAliveMs,
			clean: true,
			timers,
			limits: { connectTimeoutMs },
			onOpen: () => this.#subscribe(),
			onMessage: (topic, payload) => this.#message(topic, payload),
			onClosed: (reason, detail) => this.#gone(reason, detail),
		});
	}

	/** @returns false when surely nothing left */
	send(attempt: number, message: Uint8Array, qos: 0 | 1): boolean {
		const topic = requestTopic(this.#options.config.terminalId, attempt);
		return this.#client.publish(topic, message, qos);
	}

	close(): void {
		this.#options.timers.clear(this.#deadline);
		this.#client.close();
	}

	#subscribe(): void {
		const filter = replyFilter(this.#options.config.terminalId);
		this.#client.subscribe(filter, 1, (code) => {
			if (code > 1) this.#fail(CarrierReason.SubscribeRefused, code);
			else {
				this.#options.timers.clear(this.#deadline);
				this.#options.onReady();
			}
		});
	}

	#message(topic: string, payload: Uint8Array): void {
		const attempt = attemptOfTopic(topic, this.#options.config.terminalId);
		if (attempt > 0) this.#options.onReply(attempt, payload);
		else this.#options.log.event(LogCode.MqttError, CarrierReason.ForeignTopic);
	}

	#fail(reason: number, detail: number): void {
		this.#client.close();
		this.#gone(reason, detail);
	}

	#gone(reason: number, detail: number): void {
		this.#options.timers.clear(this.#deadline);
		this.#options.log.event(LogCode.MqttError, reason, detail);
		this.#options.onGone();
	}
}

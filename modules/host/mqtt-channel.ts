import type { TimerId, Timers } from "core/clock";
import type { Network } from "core/devices";
import { LogCode, type Log } from "core/log";
import type { TerminalConfig } from "core/platform";
import { ChannelKind, type Channel, type ChannelEvents } from "host/channel";
import {
	answerTopic,
	attemptOfTopic,
	noticeFilter,
	noticeOfTopic,
	replyFilter,
	requestTopic,
} from "host/topics";
import { MqttClient } from "mqtt/client";

/** First number of LogCode.MqttError beside those of mqtt's CloseReason. */
export const CarrierReason = Object.freeze({
	/** Detail: the code of the SUBACK. */
	SubscribeRefused: 20,
	/** Socket, CONNECT and SUBSCRIBE took too long. */
	ConnectTimeout: 21,
	/** A payload came on a topic that is not ours. */
	ForeignTopic: 22,
	/** Detail: the code of the SUBACK. The channel works without notices. */
	NoNotices: 23,
} as const);

export interface MqttChannelOptions {
	readonly config: TerminalConfig;
	readonly network: Network;
	readonly timers: Timers;
	readonly log: Log;
	readonly connectTimeoutMs: number;
	readonly keepAliveMs: number;
	readonly inFlight: number;
	readonly events: ChannelEvents;
}

/** One MQTT connection as docs/host-protocol.md wants it: topics and QoS of a terminal. */
export class MqttChannel implements Channel {
	readonly kind = ChannelKind.Mqtt;
	readonly inFlight: number;
	readonly #options: MqttChannelOptions;
	readonly #client: MqttClient;
	#deadline: TimerId;

	/** Starts to connect. */
	constructor(options: MqttChannelOptions) {
		const { config, network, timers, keepAliveMs, connectTimeoutMs } = options;
		this.inFlight = options.inFlight;
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

	send(attempt: number, message: Uint8Array, qos: 0 | 1): boolean {
		const topic = requestTopic(this.#options.config.terminalId, attempt);
		return this.#client.publish(topic, message, qos);
	}

	answer(notice: number, message: Uint8Array): boolean {
		const topic = answerTopic(this.#options.config.terminalId, notice);
		return this.#client.publish(topic, message, 1);
	}

	/** The attempt stands in the topic: nothing is kept for it here. */
	over(): void {}

	close(): void {
		this.#options.timers.clear(this.#deadline);
		this.#client.close();
	}

	#subscribe(): void {
		const { config, timers, log, events } = this.#options;
		this.#client.subscribe(replyFilter(config.terminalId), 1, (code) => {
			if (code > 1) this.#fail(CarrierReason.SubscribeRefused, code);
			else {
				timers.clear(this.#deadline);
				events.onReady();
			}
		});
		this.#client.subscribe(noticeFilter(config.terminalId), 1, (code) => {
			if (code > 1) log.event(LogCode.MqttError, CarrierReason.NoNotices, code);
		});
	}

	#message(topic: string, payload: Uint8Array): void {
		const { config, log, events } = this.#options;
		const attempt = attemptOfTopic(topic, config.terminalId);
		if (attempt > 0) {
			events.onReply(attempt, payload);
			return;
		}
		const notice = noticeOfTopic(topic, config.terminalId);
		if (notice > 0) events.onNotice(notice, payload);
		else log.event(LogCode.MqttError, CarrierReason.ForeignTopic);
	}

	#fail(reason: number, detail: number): void {
		this.#client.close();
		this.#gone(reason, detail);
	}

	#gone(reason: number, detail: number): void {
		this.#options.timers.clear(this.#deadline);
		this.#options.log.event(LogCode.MqttError, reason, detail);
		this.#options.events.onGone();
	}
}

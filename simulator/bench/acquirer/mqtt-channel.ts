/** Requests and answers over the broker (docs/host-protocol.md, Carrier). */
import type { IPublishPacket, MqttClient } from "mqtt";
import { farewell, openClient, ready, reasonOf, safeUrl } from "./mqtt-client";
import type { Way } from "./way";

export interface MqttChannelParts {
	readonly url: string;
	/** For a broker with TLS, PEM. */
	readonly ca?: Buffer;
	readonly log: (line: string) => void;
	/** A message has come. @returns why it was dropped */
	readonly onRequest: (payload: Buffer, way: Way) => string | undefined;
	/** An answer to notice `number` has come. @returns why it was dropped */
	readonly onNoticeAnswer: (
		payload: Buffer,
		way: Way,
		terminal: string,
		number: number,
	) => string | undefined;
	/** Every message that comes, before anything else. */
	readonly onMessage: () => void;
	readonly onDropped: () => void;
	/** Whoever moves time waits for this work: at QoS 1 a message leaves some turns later. */
	readonly hold?: (work: Promise<void>) => void;
}

/** A broker that is away keeps nobody waiting. */
const publishMs = 200;

export class MqttChannel {
	readonly #parts: MqttChannelParts;
	#client: MqttClient | undefined;

	constructor(parts: MqttChannelParts) {
		this.#parts = parts;
	}

	get connected(): boolean {
		return this.#client?.connected === true;
	}

	/** Connects and subscribes. @throws Error with one clear line when the broker cannot be reached or refuses */
	async start(): Promise<void> {
		const client = openClient(this.#parts.url, this.#parts.ca);
		this.#client = client;
		client.on("message", (topic, payload, packet) =>
			this.#onMessage(client, topic, payload, packet),
		);
		client.on("close", () => this.#parts.log("broker connection closed"));
		try {
			await ready(client);
		} catch (error) {
			if (this.#client === client) this.#client = undefined;
			client.end(true);
			const where = safeUrl(this.#parts.url);
			throw new Error(`broker ${where}: ${reasonOf(error)}`, { cause: error });
		}
		if (this.#client !== client) throw new Error("stopped while it started");
		client.on("error", (error) => this.#parts.log(`broker: ${reasonOf(error)}`));
	}

	/** Deaf at once; over when the broker has been told. */
	async stop(): Promise<void> {
		const client = this.#client;
		this.#client = undefined;
		if (client !== undefined) await farewell(client);
	}

	/** Gone without a farewell. */
	crash(): void {
		const client = this.#client;
		this.#client = undefined;
		client?.stream.destroy();
		client?.end(true);
	}

	#onMessage(client: MqttClient, topic: string, payload: Buffer, packet: IPublishPacket): void {
		if (this.#client !== client) return;
		this.#parts.onMessage();
		const flaw = packet.retain ? "retained" : this.#take(client, topic, payload);
		if (flaw === undefined) return;
		this.#parts.onDropped();
		this.#parts.log(`dropped ${payload.length} bytes on ${printable(topic)}: ${flaw}`);
	}

	#take(client: MqttClient, topic: string, payload: Buffer): string | undefined {
		const [, kind, terminal, number] =
			/^([qa])\/([0-9A-Za-z]{8})\/([1-9a-f][0-9a-f]{0,5})$/.exec(topic) ?? [];
		if (terminal === undefined || number === undefined) return "topic";
		const name = `r/${terminal}/${number}`;
		const send = (bytes: Buffer, qos: 0 | 1): string => this.#publish(client, name, bytes, qos);
		const way: Way = { name, terminal, send };
		return kind === "q"
			? this.#parts.onRequest(payload, way)
			: this.#parts.onNoticeAnswer(payload, way, terminal, Number(`0x${number}`));
	}

	/** Publishes a notice at QoS 1. @returns why it could not be sent, "" when it is on its way */
	notify(topic: string, bytes: Buffer): string {
		if (this.#client === undefined) return "no broker";
		return this.#publish(this.#client, topic, bytes, 1);
	}

	#publish(client: MqttClient, topic: string, bytes: Buffer, qos: 0 | 1): string {
		if (!client.connected) return "no broker";
		const sent = new Promise<void>((resolve) => {
			const timer = setTimeout(resolve, publishMs);
			client.publish(topic, bytes, { qos }, (error) => {
				if (error) this.#parts.log(`message on ${topic} lost: ${reasonOf(error)}`);
				clearTimeout(timer);
				resolve();
			});
		});
		this.#parts.hold?.(sent);
		return "";
	}
}

function printable(topic: string): string {
	return topic.slice(0, 40).replaceAll(/[^ -~]/g, "?");
}

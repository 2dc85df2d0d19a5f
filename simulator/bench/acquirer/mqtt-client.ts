/** The host's connection to its broker. */
import { randomBytes } from "node:crypto";
import { Socket } from "node:net";
import { connect, type MqttClient } from "mqtt";

const connectTimeoutMs = 10_000;
const farewellTimeoutMs = 2_000;
const reconnectMs = 500;
/** Requests of every terminal, and its answers to notices. */
const topics = ["q/#", "a/#"];

/** A client that connects, and again whenever the connection is lost. What cannot be sent at QoS 0 is not kept. */
export function openClient(url: string, ca?: Buffer): MqttClient {
	const client = connect(url, {
		...(ca === undefined ? {} : { ca }),
		clientId: `acquirer-${randomBytes(6).toString("hex")}`,
		clean: true,
		reconnectPeriod: reconnectMs,
		connectTimeout: connectTimeoutMs,
		queueQoSZero: false,
	});
	// Else an answer waits for the TCP acknowledgement of the PUBACK before it: 40 ms.
	client.on("connect", () => {
		if (client.stream instanceof Socket) client.stream.setNoDelay(true);
	});
	return client;
}

/** Resolved when the client is connected and subscribed, rejected with the first error. */
export async function ready(client: MqttClient): Promise<void> {
	const connected = new Promise<void>((resolve, reject) => {
		client.once("connect", () => resolve());
		client.on("error", reject);
		client.once("end", () => reject(new Error("stopped")));
	});
	await within(connectTimeoutMs, connected);
	const grants = await within(connectTimeoutMs, client.subscribeAsync(topics, { qos: 1 }));
	if (grants.length === 0 || grants.some(({ qos }) => qos > 2))
		throw new Error("the broker refuses the subscription");
}

/** Unsubscribes and disconnects; returns in bounded time whatever the broker does. */
export async function farewell(client: MqttClient): Promise<void> {
	const ended = client.connected
		? client.unsubscribeAsync(topics).then(() => client.endAsync())
		: client.endAsync(true);
	await within(farewellTimeoutMs, ended).catch(() => client.end(true));
}

async function within<T>(timeoutMs: number, promise: Promise<T>): Promise<T> {
	let timer: NodeJS.Timeout | undefined;
	const late = new Promise<never>((_, reject) => {
		timer = setTimeout(
			() => reject(new Error(`no answer within ${timeoutMs / 1000} s`)),
			timeoutMs,
		);
	});
	try {
		return await Promise.race([promise, late]);
	} finally {
		clearTimeout(timer);
	}
}

/** Code or message; an AggregateError of a name with several addresses has only a code. */
export function reasonOf(error: unknown): string {
	if (!(error instanceof Error)) return String(error);
	const code = "code" in error && typeof error.code === "string" ? error.code : "";
	return error.message === "" ? code : error.message;
}

/** The URL without user and password. */
export function safeUrl(url: string): string {
	return url.replace(/\/\/[^@/]*@/, "//");
}

/** The firmware's MQTT client against a real broker (aedes) on real TCP. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type AddressInfo, type Server, type Socket as NodeSocket } from "node:net";
import { after, before, beforeEach, test } from "node:test";
import { Aedes, type AuthenticateError } from "aedes";
import { connectAsync, type MqttClient as NpmClient } from "mqtt";
import { CloseReason, MqttClient, type MqttOptions } from "mqtt/client";
import { NetSocket, nodeTimers, until } from "./mqtt-support";

let aedes: Aedes;
let server: Server;
let port: number;
let other: NpmClient;
const sockets = new Set<NodeSocket>();

before(async () => {
	aedes = await Aedes.createBroker();
	aedes.authenticate = (_client, user, password, done) => {
		if (user !== "refused") return done(null, true);
		const error = new Error("refused") as AuthenticateError;
		error.returnCode = password?.toString() === "5" ? 5 : 4;
		done(error, false);
	};
	server = createServer({ noDelay: true }, (socket) => {
		sockets.add(socket);
		socket.on("error", () => undefined);
		aedes.handle(socket);
	});
	server.listen(0, "127.0.0.1");
	await once(server, "listening");
	port = (server.address() as AddressInfo).port;
	other = await connectAsync(`mqtt://127.0.0.1:${port}`);
});

beforeEach(() => {
	NetSocket.chunkBytes = 65_536;
});

after(async () => {
	await other.endAsync();
	for (const socket of sockets) socket.destroy();
	await new Promise<void>((resolve) => aedes.close(() => resolve()));
	await new Promise<void>((resolve) => server.close(() => resolve()));
});

interface Received {
	readonly topic: string;
	readonly payload: Uint8Array;
	readonly qos: 0 | 1;
	readonly retain: boolean;
}

/** Connects; `received` and `ends` fill up by themselves. */
async function open(options: Partial<MqttOptions> = {}) {
	const received: Received[] = [];
	const ends: number[][] = [];
	let opened = false;
	const client = new MqttClient({
		Socket: NetSocket,
		host: "127.0.0.1",
		port,
		clientId: "TERM0001",
		user: "",
		password: "",
		keepAliveMs: 60_000,
		clean: true,
		timers: nodeTimers,
		onOpen: () => (opened = true),
		onMessage: (topic, payload, { qos, retain }) =>
			received.push({ topic, payload: payload.slice(), qos, retain }),
		onClosed: (reason, detail) => ends.push([reason, detail]),
		...options,
	});
	await until(() => opened || ends.length > 0);
	return { client, received, ends };
}

async function subscribe(client: MqttClient, filter: string): Promise<void> {
	const granted: number[] = [];
	assert.ok(client.subscribe(filter, 1, (code) => granted.push(code)));
	await until(() => granted.length > 0);
	assert.deepEqual(granted, [1]);
}

test("messages go both ways with QoS 0 and 1, also empty ones, cut into single bytes", async () => {
	NetSocket.chunkBytes = 1;
	const { client, received, ends } = await open();
	await subscribe(client, "r/TERM0001/+");
	const seen: string[] = [];
	await other.subscribeAsync("q/#", { qos: 1 });
	other.on("message", (topic, payload, packet) =>
		seen.push(`${topic} ${payload.toString("hex")} q${packet.qos}`),
	);
	let acked = 0;
	assert.ok(client.publish("q/TERM0001/1", Uint8Array.of(1, 2), 0));
	assert.ok(client.publish("q/TERM0001/2", Uint8Array.of(3), 1, () => acked++));
	assert.ok(client.publish("q/TERM0001/3", new Uint8Array(0), 1, () => acked++));
	await until(() => seen.length === 3 && acked === 2);
	assert.deepEqual(seen.toSorted(), [
		"q/TERM0001/1 0102 q0",
		"q/TERM0001/2 03 q1",
		"q/TERM0001/3  q1",
	]);
	await other.publishAsync("r/TERM0001/a", Buffer.alloc(0), { qos: 1 });
	await other.publishAsync("r/TERM0001/b", Buffer.alloc(1500, 7), { qos: 0 });
	await other.publishAsync("r/TERM0002/c", Buffer.from("not ours"), { qos: 1 });
	await other.publishAsync("r/TERM0001/d", Buffer.from("last"), { qos: 1 });
	await until(() => received.length === 3);
	assert.deepEqual(
		received.map(({ topic, payload, qos }) => [topic, payload.length, qos]),
		[
			["r/TERM0001/a", 0, 1],
			["r/TERM0001/b", 1500, 0],
			["r/TERM0001/d", 4, 1],
		],
	);
	assert.deepEqual(ends, []);
	client.close();
});

test("300 publishes with QoS 1, a window of 16, are all acknowledged once", async () => {
	const { client } = await open();
	const acked: number[] = [];
	let sent = 0;
	while (acked.length < 300) {
		const number = sent;
		if (
			sent < 300 &&
			client.publish("q/TERM0001/1", new Uint8Array(300), 1, () => acked.push(number))
		)
			sent++;
		else await new Promise((resolve) => setTimeout(resolve, 1));
	}
	assert.deepEqual(
		acked,
		Array.from({ length: 300 }, (_, i) => i),
	);
	assert.equal(client.unacknowledged().length, 0);
	client.close();
});

test("the broker's refusals arrive with their code", async () => {
	for (const [password, code] of [
		["4", 4],
		["5", 5],
	] as const) {
		const { ends } = await open({ user: "refused", password });
		assert.deepEqual(ends, [[CloseReason.Refused, code]]);
	}
});

test("a port where nobody listens ends the connection", async () => {
	const { ends } = await open({ port: 1 });
	assert.deepEqual(ends, [[CloseReason.Socket, 0]]);
});

test("an idle connection lives by its pings", async () => {
	const { client, ends } = await open({ keepAliveMs: 1000, limits: { pingTimeoutMs: 400 } });
	await new Promise((resolve) => setTimeout(resolve, 3500));
	assert.deepEqual(ends, []);
	assert.ok(client.publish("q/TERM0001/1", Uint8Array.of(1), 0));
	client.close();
});

test("a packet above the limit closes with the reason", async () => {
	const { client, ends } = await open();
	await subscribe(client, "r/TERM0001/+");
	await other.publishAsync("r/TERM0001/1", Buffer.alloc(2100), { qos: 0 });
	await until(() => ends.length > 0);
	assert.equal(ends[0]?.[0], CloseReason.TooLarge);
});

test("the will is published when the connection breaks, not after close", async () => {
	const seen: string[] = [];
	await other.subscribeAsync("will/#", { qos: 1 });
	other.on("message", (topic) => {
		if (topic.startsWith("will/")) seen.push(topic);
	});
	const will = (topic: string) =>
		({ topic, payload: Uint8Array.of(1), qos: 1, retain: false }) as const;
	const closed = await open({ clientId: "W1", will: will("will/closed") });
	closed.client.close();
	const broken = await open({ clientId: "W2", will: will("will/broken") });
	[...sockets].at(-1)?.destroy();
	await until(() => broken.ends.length > 0 && seen.length > 0);
	await new Promise((resolve) => setTimeout(resolve, 50));
	assert.deepEqual(seen, ["will/broken"]);
});

test("a message whose handler throws is delivered again by a persistent session", async () => {
	const first = await open({
		clientId: "KEEP",
		clean: false,
		onMessage: () => {
			throw new Error("power cut");
		},
	});
	await subscribe(first.client, "keep/+");
	await other.publishAsync("keep/1", Buffer.from("once"), { qos: 1 });
	await until(() => first.ends.length > 0);
	assert.deepEqual(first.ends, [[CloseReason.Handler, 0]]);
	const second = await open({ clientId: "KEEP", clean: false });
	await until(() => second.received.length > 0);
	assert.equal(second.received[0]?.topic, "keep/1");
	second.client.close();
});

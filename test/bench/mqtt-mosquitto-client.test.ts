/** The firmware's MQTT client against mosquitto. Without mosquitto on the machine it is skipped by name. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { connectAsync, type MqttClient as NpmClient } from "mqtt";
import { CloseReason, MqttClient, type MessageInfo, type MqttOptions } from "mqtt/client";
import { Authority } from "../../simulator/bench/certificates";
import { DelayedLine } from "./delayed-line";
import { needsMosquitto, startMosquitto, type Mosquitto } from "./mosquitto-support";
import { NetSocket, nodeTimers, until } from "./mqtt-support";

const terminal = "60000001";
const users = Object.freeze({ acquirer: "host-secret", [terminal]: "secret" });

let broker: Mosquitto;
let host: NpmClient;
/** What the host has received: topic, content, QoS. */
const seen: string[] = [];

before(async () => {
	if (needsMosquitto.skip !== false) return;
	broker = await startMosquitto(users, new Authority("Acquirer CA").issue(["localhost"]));
	host = await connectAsync(`mqtt://acquirer:host-secret@127.0.0.1:${broker.port}`);
	host.on("message", (topic, payload, { qos }) =>
		seen.push(`${topic} ${payload.toString("hex")} q${qos}`),
	);
	await host.subscribeAsync("q/#", { qos: 1 });
});

after(async () => {
	if (needsMosquitto.skip !== false) return;
	await host.endAsync();
	await broker.stop();
});

interface Received extends MessageInfo {
	readonly topic: string;
	readonly bytes: number;
}

/** Connects as the terminal; `received` and `ends` fill up by themselves. */
async function open(options: Partial<MqttOptions> = {}) {
	seen.splice(0);
	const received: Received[] = [];
	const ends: number[][] = [];
	const sessions: boolean[] = [];
	const client = new MqttClient({
		Socket: NetSocket,
		host: "127.0.0.1",
		port: broker.port,
		clientId: terminal,
		user: terminal,
		password: "secret",
		keepAliveMs: 60_000,
		clean: true,
		timers: nodeTimers,
		onOpen: (session) => sessions.push(session),
		onMessage: (topic, payload, info) => received.push({ topic, bytes: payload.length, ...info }),
		onClosed: (reason, detail) => ends.push([reason, detail]),
		...options,
	});
	await until(() => sessions.length + ends.length > 0);
	return { client, received, ends, sessions };
}

async function subscribe(client: MqttClient): Promise<void> {
	const granted: number[] = [];
	client.subscribe(`r/${terminal}/+`, 1, (code) => granted.push(code));
	await until(() => granted.length > 0);
	assert.deepEqual(granted, [1]);
}

test("messages go both ways with QoS 0 and 1, also empty ones", needsMosquitto, async () => {
	const { client, received, ends } = await open();
	await subscribe(client);
	let acked = 0;
	client.publish(`q/${terminal}/1`, Uint8Array.of(1, 2), 0);
	client.publish(`q/${terminal}/2`, Uint8Array.of(3), 1, () => acked++);
	client.publish(`q/${terminal}/3`, new Uint8Array(0), 1, () => acked++);
	await until(() => seen.length === 3 && acked === 2);
	assert.deepEqual(seen.toSorted(), [
		`q/${terminal}/1 0102 q0`,
		`q/${terminal}/2 03 q1`,
		`q/${terminal}/3  q1`,
	]);
	await host.publishAsync(`r/${terminal}/a`, Buffer.alloc(0), { qos: 1 });
	await host.publishAsync(`r/${terminal}/b`, Buffer.alloc(1500, 7), { qos: 0 });
	await until(() => received.length === 2);
	assert.deepEqual(
		received.map(({ bytes, qos, duplicate }) => [bytes, qos, duplicate]),
		[
			[0, 1, false],
			[1500, 0, false],
		],
	);
	assert.deepEqual(ends, []);
	client.close();
});

test(
	"a publish whose PUBACK is lost is sent again by the next connection",
	needsMosquitto,
	async () => {
		const line = await DelayedLine.open({ port: broker.port, roundTripMs: 400 });
		const session = { clean: false };
		const first = await open({ ...session, port: line.port });
		first.client.publish(`q/${terminal}/9`, Uint8Array.of(9), 1);
		await until(() => seen.length === 1);
		await line.close();
		await until(() => first.ends.length > 0);
		const lost = first.client.unacknowledged();
		assert.deepEqual(
			lost.map(({ topic }) => topic),
			[`q/${terminal}/9`],
		);
		const second = await open({ ...session, redeliver: lost });
		await until(() => second.client.unacknowledged().length === 0 && seen.length === 1);
		assert.deepEqual([seen, second.sessions], [[`q/${terminal}/9 09 q1`], [true]]);
		second.client.close();
		const clean = await open();
		clean.client.close();
	},
);

test(
	"a message whose handler throws comes again, marked, in a persistent session",
	needsMosquitto,
	async () => {
		const first = await open({
			clean: false,
			onMessage: () => {
				throw new Error("power cut");
			},
		});
		await subscribe(first.client);
		await host.publishAsync(`r/${terminal}/1`, Buffer.from("once"), { qos: 1 });
		await until(() => first.ends.length > 0);
		assert.deepEqual(first.ends, [[CloseReason.Handler, 0]]);
		const second = await open({ clean: false });
		await until(() => second.received.length > 0);
		const [again] = second.received;
		assert.deepEqual([again?.topic, again?.duplicate], [`r/${terminal}/1`, true]);
		second.client.close();
		const clean = await open();
		clean.client.close();
	},
);

test(
	"the will is published when the connection breaks, not after close",
	needsMosquitto,
	async () => {
		const will = {
			topic: `q/${terminal}/ff`,
			payload: Uint8Array.of(1),
			qos: 1,
			retain: false,
		} as const;
		const closed = await open({ will });
		closed.client.close();
		const line = await DelayedLine.open({ port: broker.port, roundTripMs: 0 });
		const broken = await open({ will: { ...will, payload: Uint8Array.of(2) }, port: line.port });
		await line.close();
		await until(() => broken.ends.length > 0 && seen.length > 0);
		await new Promise((resolve) => setTimeout(resolve, 50));
		assert.deepEqual(seen, [`q/${terminal}/ff 02 q1`]);
	},
);

test(
	"an idle connection lives by its pings, and a packet above the limit ends it",
	needsMosquitto,
	async () => {
		const { client, ends } = await open({
			keepAliveMs: 1000,
			limits: { pingTimeoutMs: 400, inBytes: 500 },
		});
		await new Promise((resolve) => setTimeout(resolve, 3000));
		assert.deepEqual(ends, []);
		await subscribe(client);
		await host.publishAsync(`r/${terminal}/1`, Buffer.alloc(600), { qos: 0 });
		await until(() => ends.length > 0);
		assert.equal(ends[0]?.[0], CloseReason.TooLarge);
	},
);

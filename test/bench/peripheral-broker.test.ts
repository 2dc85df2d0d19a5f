import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { test } from "node:test";
import { connectAsync } from "mqtt";
import { Broker, BrokerError } from "../../simulator/bench/broker/broker";
import type { CapturedPacket } from "../../simulator/bench/broker/broker";

const clientOptions = { reconnectPeriod: 0, protocolVersion: 4 } as const;

test("clients meet, and every packet is captured in both directions without passwords", async () => {
	const packets: CapturedPacket[] = [];
	let active = 0;
	const broker = new Broker({ capture: (one) => packets.push(one), onActivity: () => active++ });
	await broker.start();
	const host = await connectAsync(broker.url, { ...clientOptions, clientId: "host" });
	const secret = { username: "T0000001", password: "geheim" };
	const terminal = await connectAsync(broker.url, { ...clientOptions, ...secret, clientId: "T1" });
	await host.subscribeAsync("q/+/+");
	const message = new Promise<[string, Buffer]>((resolve) =>
		host.on("message", (topic, payload) => resolve([topic, payload])),
	);
	await terminal.publishAsync("q/T1/a", Buffer.from([2, 0, 255]), { qos: 1 });
	const [topic, payload] = await message;
	deepEqual([topic, [...payload]], ["q/T1/a", [2, 0, 255]]);
	await terminal.endAsync();
	await host.endAsync();
	await broker.stop();
	const published = packets.filter((one) => one.command === "publish");
	deepEqual(
		published.map((one) => [one.client, one.direction, one.topic, [...one.payload]]),
		[
			["T1", "in", "q/T1/a", [2, 0, 255]],
			["host", "out", "q/T1/a", [2, 0, 255]],
		],
	);
	ok(packets.some((one) => one.command === "puback" && one.direction === "out"));
	ok(!JSON.stringify(packets).includes("geheim"));
	ok(active > 4);
});

test("a port in use is told in one line", async () => {
	const first = new Broker();
	await first.start();
	const second = new Broker({ port: first.port });
	await rejects(second.start(), (error: Error) => {
		ok(error instanceof BrokerError);
		equal(error.message, `MQTT broker: port ${first.port} on 127.0.0.1 is in use`);
		return true;
	});
	equal(second.running, false);
	await first.stop();
	await second.start();
	await second.stop();
});

test("killed connections end at once, and a stopped broker starts again on its port", async () => {
	const broker = new Broker();
	await broker.start();
	const { port } = broker;
	const client = await connectAsync(broker.url, clientOptions);
	const closed = new Promise<void>((resolve) => client.on("close", () => resolve()));
	equal(broker.kill(), 1);
	await closed;
	await broker.stop();
	equal(broker.connections, 0);
	await broker.start();
	equal(broker.port, port);
	const again = await connectAsync(broker.url, clientOptions);
	await again.endAsync();
	await broker.stop();
});

test("bytes that are no MQTT do no harm", async () => {
	const packets: CapturedPacket[] = [];
	const broker = new Broker({ capture: (one) => packets.push(one) });
	await broker.start();
	const socket = connect(broker.port, "127.0.0.1");
	socket.on("error", () => undefined);
	socket.write(Buffer.from("f0ffffffffffff00112233445566", "hex"));
	await once(socket, "close");
	const client = await connectAsync(broker.url, clientOptions);
	await client.endAsync();
	await broker.stop();
	ok(packets.length > 0);
});

/** The link and docs/mosquitto.acl against mosquitto. Without mosquitto on the machine it is skipped by name. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { connectAsync } from "mqtt";
import { LinkState } from "host/link";
import { Acquirer } from "../../simulator/bench/acquirer/acquirer";
import { root } from "../../simulator/bench/build/root";
import { Authority } from "../../simulator/bench/certificates";
import { needsMosquitto, startMosquitto, type Mosquitto } from "./mosquitto-support";
import { liveLink, merchantId, saleOf, terminalId } from "./mqtt-link-support";
import { until } from "./mqtt-support";

const options = needsMosquitto;
const tmk = randomBytes(16);
const users = Object.freeze({
	acquirer: "host-secret",
	[terminalId]: "secret",
	"60000002": "other-secret",
});

let port: number;
let broker: Mosquitto;

before(async () => {
	if (options.skip !== false) return;
	broker = await startMosquitto(users, new Authority("Acquirer CA").issue(["localhost"]));
	({ port } = broker);
});

after(async () => {
	if (options.skip === false) await broker.stop();
});

function urlOf(user: keyof typeof users): string {
	return `mqtt://${user}:${users[user]}@127.0.0.1:${port}`;
}

test("the example grants the protocol's topics and nothing else", () => {
	const lines = readFileSync(join(root, "docs/mosquitto.acl"), "utf8")
		.split("\n")
		.filter((line) => line !== "" && !line.startsWith("#"));
	assert.deepEqual(lines, [
		"user acquirer",
		"topic read q/#",
		"topic write r/#",
		"topic write n/#",
		"topic read a/#",
		"pattern write q/%u/+",
		"pattern read r/%u/+",
		"pattern read n/%u/+",
		"pattern write a/%u/+",
	]);
});

test(
	"under the example's access rules the link comes up and a sale is approved",
	options,
	async () => {
		const terminals = [{ id: terminalId, merchantId, tmk }];
		const acquirer = new Acquirer({ mqttUrl: urlOf("acquirer"), terminals });
		await acquirer.start();
		const { link } = liveLink({ port, tmk, password: users[terminalId] });
		await until(() => link.state === LinkState.Up);
		const outcome = await saleOf(link);
		assert.ok(outcome.kind === "reply" && outcome.responseCode === "00");
		link.close();
		await acquirer.stop();
	},
);

test("a terminal reads and writes its own topics alone", options, async () => {
	const host = await connectAsync(urlOf("acquirer"));
	const other = await connectAsync(urlOf("60000002"));
	const seen: string[] = [];
	host.on("message", (topic) => seen.push(`host ${topic}`));
	other.on("message", (topic) => seen.push(`other ${topic}`));
	await host.subscribeAsync("q/#", { qos: 1 });
	// The broker answers a forbidden subscription as it likes; what counts is what it delivers.
	await other.subscribeAsync(["r/#", "q/#", `r/${terminalId}/+`]).catch(() => undefined);
	await other.subscribeAsync("r/60000002/+", { qos: 1 });
	await other.publishAsync(`q/${terminalId}/1`, "forged request", { qos: 1 });
	await other.publishAsync(`r/${terminalId}/1`, "forged reply", { qos: 1 });
	await host.publishAsync(`r/${terminalId}/1`, "reply to the first", { qos: 1 });
	await other.publishAsync("q/60000002/1", "own request", { qos: 1 });
	await host.publishAsync("r/60000002/1", "own reply", { qos: 1 });
	await until(() => seen.includes("host q/60000002/1") && seen.includes("other r/60000002/1"));
	assert.equal(seen.filter((line) => line.includes(terminalId)).length, 0, seen.join());
	await host.endAsync();
	await other.endAsync();
});

test("a wrong password is refused with code 5 and the link tries again", options, async () => {
	const { link, events } = liveLink({ port, tmk, password: "wrong" });
	await until(
		() => events.filter(({ code, a, b }) => code === 20 && a === 3 && b === 5).length >= 2,
	);
	assert.notEqual(link.state, LinkState.Up);
	link.close();
});

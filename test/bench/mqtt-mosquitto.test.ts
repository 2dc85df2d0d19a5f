/** The link and docs/mosquitto.acl against mosquitto. Without mosquitto on the machine it is skipped by name. */
import assert from "node:assert/strict";
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { connectAsync } from "mqtt";
import { LinkState } from "host/link";
import { Acquirer } from "../../simulator/bench/acquirer/acquirer";
import { root } from "../../simulator/bench/build/root";
import { liveLink, merchantId, saleOf, terminalId } from "./mqtt-link-support";
import { until } from "./mqtt-support";

const installed = ["mosquitto", "mosquitto_passwd"].every(
	(name) => spawnSync("which", [name]).status === 0,
);
const options = { skip: installed ? false : "mosquitto is not installed" };
const tmk = randomBytes(16);
const users = Object.freeze({
	acquirer: "host-secret",
	[terminalId]: "secret",
	"60000002": "other-secret",
});

let folder: string;
let port: number;
let broker: ChildProcess;

before(async () => {
	if (!installed) return;
	folder = mkdtempSync(join(tmpdir(), "mosquitto-"));
	port = await freePort();
	const passwords = join(folder, "passwords");
	for (const [index, [user, password]] of Object.entries(users).entries()) {
		const create = index === 0 ? ["-c"] : [];
		spawnSync("mosquitto_passwd", ["-b", ...create, passwords, user, password]);
	}
	// The page's listener, with the port, the files and the user of this run.
	const page = readFileSync(join(root, "docs/mqtt-and-host-link.md"), "utf8");
	const [, block = ""] = /```\n(listener 8883\n[^`]*)```/.exec(page) ?? [];
	const lines = block
		.replace("listener 8883", `listener ${port} 127.0.0.1`)
		.replace("/etc/mosquitto/passwords", passwords)
		.replace("/etc/mosquitto/holdfast.acl", join(root, "docs/mosquitto.acl"))
		.split("\n");
	assert.ok(lines.includes("set_tcp_nodelay true"));
	lines.push("user root");
	writeFileSync(join(folder, "mosquitto.conf"), `${lines.join("\n")}\n`);
	broker = spawn("mosquitto", ["-c", join(folder, "mosquitto.conf")], { stdio: "ignore" });
	for (let tries = 0; !(await isOpen(port)); tries++) {
		assert.ok(tries < 100, "mosquitto does not start");
		await new Promise((resolve) => setTimeout(resolve, 50));
	}
});

after(async () => {
	if (!installed) return;
	broker.kill();
	await once(broker, "exit");
	rmSync(folder, { recursive: true });
});

async function freePort(): Promise<number> {
	const server = createServer().listen(0, "127.0.0.1");
	await once(server, "listening");
	const { port: free } = server.address() as AddressInfo;
	server.close();
	await once(server, "close");
	return free;
}

function isOpen(at: number): Promise<boolean> {
	return new Promise((resolve) => {
		const socket = connect({ port: at, host: "127.0.0.1" });
		socket.on("connect", () => resolve(socket.destroy().destroyed));
		socket.on("error", () => resolve(false));
	});
}

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

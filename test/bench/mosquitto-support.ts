/** mosquitto with the listeners of docs/mqtt-and-host-link.md, for the tests that want a broker of others. */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "../../simulator/bench/build/root";
import type { Identity } from "../../simulator/bench/certificates";

const installed = ["mosquitto", "mosquitto_passwd"].every(
	(name) => spawnSync("which", [name]).status === 0,
);

/** For tests: skipped by name where mosquitto is not installed. */
export const needsMosquitto = { skip: installed ? false : "mosquitto is not installed" };

export interface Mosquitto {
	/** In clear, for the host's side. */
	readonly port: number;
	/** For terminals. */
	readonly tlsPort: number;
	stop(): Promise<void>;
}

/** Starts the page's broker with the ports, files and users of this run. */
export async function startMosquitto(
	users: Readonly<Record<string, string>>,
	identity: Identity,
): Promise<Mosquitto> {
	const folder = mkdtempSync(join(tmpdir(), "mosquitto-"));
	const file = (name: string): string => join(folder, name);
	const [port, tlsPort] = [await freePort(), await freePort()];
	for (const [index, [user, password]] of Object.entries(users).entries()) {
		const create = index === 0 ? ["-c"] : [];
		spawnSync("mosquitto_passwd", ["-b", ...create, file("passwords"), user, password]);
	}
	writeFileSync(file("server.pem"), identity.certPem);
	writeFileSync(file("server.key"), identity.keyPem, { mode: 0o600 });
	const page = readFileSync(join(root, "docs/mqtt-and-host-link.md"), "utf8");
	const [, block = ""] = /```\n([^`]*\nlistener 8883\n[^`]*)```/.exec(page) ?? [];
	const lines = block
		.replace("listener 1883 127.0.0.1", `listener ${port} 127.0.0.1`)
		.replace("listener 8883", `listener ${tlsPort} 127.0.0.1`)
		.replace("/etc/mosquitto/passwords", file("passwords"))
		.replace("/etc/mosquitto/holdfast.acl", join(root, "docs/mosquitto.acl"))
		.replace("/etc/mosquitto/server.pem", file("server.pem"))
		.replace("/etc/mosquitto/server.key", file("server.key"))
		.split("\n");
	assert.ok(lines.includes("set_tcp_nodelay true") && lines.includes("tls_version tlsv1.2"));
	lines.unshift("user root");
	writeFileSync(file("mosquitto.conf"), `${lines.join("\n")}\n`);
	const broker = spawn("mosquitto", ["-c", file("mosquitto.conf")], { stdio: "ignore" });
	for (let tries = 0; !((await isOpen(port)) && (await isOpen(tlsPort))); tries++) {
		assert.ok(tries < 100 && broker.exitCode === null, "mosquitto does not start");
		await new Promise((resolve) => setTimeout(resolve, 50));
	}
	return {
		port,
		tlsPort,
		stop: async () => {
			broker.kill();
			if (broker.exitCode === null) await once(broker, "exit");
			rmSync(folder, { recursive: true });
		},
	};
}

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

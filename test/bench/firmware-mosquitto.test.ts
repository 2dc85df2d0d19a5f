/** The whole firmware over TLS against mosquitto, which none of us wrote. Skipped by name where it is not installed. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { LogCode } from "core/log";
import { terminalId } from "../../simulator/bench/bench";
import { Authority } from "../../simulator/bench/certificates";
import { makeTill, openTill } from "./firmware-support";
import { needsMosquitto, startMosquitto } from "./mosquitto-support";

const users = Object.freeze({ acquirer: "host-secret", [terminalId]: "secret" });

test("sales go over mosquitto's TLS with the right pin", needsMosquitto, async (context) => {
	const authority = new Authority("Acquirer CA");
	const broker = await startMosquitto(users, authority.issue(["127.0.0.1"]));
	context.after(() => broker.stop());
	const till = await openTill(context, {
		mqttUrl: `mqtt://acquirer:host-secret@127.0.0.1:${broker.port}`,
		tls: { port: broker.tlsPort, pins: [authority.certPem], password: "secret" },
	});
	await till.sell("12.34", "unionpay", "chip");
	await till.sell("5.00", "visa", "tap");
	assert.ok((await till.logged()).has(LogCode.TlsPin));
	await till.close();
});

test("mosquitto under another key gets no terminal", needsMosquitto, async (context) => {
	const broker = await startMosquitto(users, new Authority("Acquirer CA").issue(["127.0.0.1"]));
	context.after(() => broker.stop());
	const till = await makeTill(context, {
		mqttUrl: `mqtt://acquirer:host-secret@127.0.0.1:${broker.port}`,
		tls: { port: broker.tlsPort, password: "secret", pins: [new Authority("Acquirer CA").certPem] },
	});
	assert.ok(await till.bench.powerOn());
	await till.bench.pass(30_000);
	assert.ok(till.bench.panel.lines.some((line) => line.includes("OFFLINE")));
	assert.ok((await till.logged()).has(LogCode.TlsFailed));
});

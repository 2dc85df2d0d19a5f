/** What an installation of the SDK lanes may say about TLS. */
import { deepEqual, equal, throws } from "node:assert/strict";
import { test } from "node:test";
import { Fault } from "core/fault";
import { checkTerminalConfig } from "../../modules/platform/sdk/terminal-config";
import { Authority } from "../../simulator/bench/certificates";

const pem = new Authority("Acquirer CA").certPem;
const tls = { pins: [pem] };
const plain = {
	terminalId: "TERM0001",
	merchantId: "104100000000001",
	merchantName: "HOLDFAST SHOP",
	currency: 156,
	currencyDigits: 2,
	utcOffsetMinutes: 480,
	mqttHost: "acquirer.example",
	mqttPort: 8883,
	mqttUser: "TERM0001",
	mqttPassword: "",
	apn: "cmnet",
};

/** @returns the number of the member that is wrong, 0 for none */
function wrong(config: unknown): number {
	try {
		checkTerminalConfig(config);
		return 0;
	} catch (error) {
		if (!(error instanceof Fault) || error.code !== "config") throw error;
		return error.a;
	}
}

test("pins make an installation good, and a channel without pins has to be said", () => {
	equal(wrong({ ...plain, mqttTls: tls }), 0);
	equal(wrong({ ...plain, mqttTls: { pins: [pem, pem] } }), 0);
	equal(wrong({ ...plain, inClear: true }), 0);
	const forgotten = wrong(plain);
	equal(forgotten, 15);
	const backup = { backupHost: "backup.example", backupPort: 8584 };
	equal(wrong({ ...plain, ...backup, mqttTls: tls }), forgotten);
	equal(wrong({ ...plain, ...backup, mqttTls: tls, hostTls: tls }), 0);
	equal(wrong({ ...plain, inClear: "true" }), forgotten);
});

test("pins that are none are refused, also where a channel may go in clear", () => {
	const bad: readonly unknown[] = [null, {}, { pins: [] }, { pins: "" }, { pins: [pem, pem, pem] }];
	deepEqual(
		bad.map((mqttTls) => wrong({ ...plain, inClear: true, mqttTls })),
		bad.map(() => 12),
	);
	equal(wrong({ ...plain, mqttTls: tls, hostTls: { pins: ["x"] } }), 13);
	throws(() => checkTerminalConfig(undefined), Fault);
});

/** The firmware's link over both channels, with notices, against the acquirer of the bench on real TCP. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { afterEach, beforeEach, test } from "node:test";
import { LogCode } from "core/log";
import { ChannelKind } from "host/channel";
import { LinkState, type HostLink, type HostLinkOptions } from "host/link";
import { Journal } from "journal/journal";
import { Notices } from "notices/notices";
import { Acquirer } from "../../simulator/bench/acquirer/acquirer";
import { Broker } from "../../simulator/bench/broker/broker";
import { FakeFlash } from "../simulation/fakes/flash";
import { liveLink, merchantId, outcomeOf, terminalId, transaction } from "./mqtt-link-support";
import type { LogEvent } from "./mqtt-link-support";
import { until } from "./mqtt-support";

const tmk = randomBytes(16);

let broker: Broker;
let acquirer: Acquirer;
let notices: Notices;
let link: HostLink;
let events: readonly LogEvent[];

const hasty: Partial<HostLinkOptions> = {
	limits: {
		backoffBaseMs: 20,
		backoffCapMs: 100,
		signOnTimeoutMs: 2000,
		firstEchoMs: 50,
		echoTimeoutMs: 500,
		pollMs: 200,
	},
	rules: { probeBaseMs: 50, probeCapMs: 200, stableMs: 300, patienceMs: 3000 },
};

beforeEach(async () => {
	broker = new Broker({});
	await broker.start();
	acquirer = new Acquirer({
		mqttUrl: broker.url,
		tcp: { port: 0 },
		terminals: [{ id: terminalId, merchantId, tmk }],
	});
	await acquirer.start();
	const journal = new Journal(new FakeFlash({ byteLength: 65_536 }));
	journal.mount();
	notices = new Notices({ journal });
	notices.idle(0);
	({ link, events } = liveLink({
		port: broker.port,
		tmk,
		password: "secret",
		backupPort: acquirer.tcpPort ?? assert.fail("no TCP"),
		more: { ...hasty, notices },
	}));
	await until(() => link.state === LinkState.Up);
});

afterEach(async () => {
	link.close();
	await acquirer.stop();
	await broker.stop();
});

async function codeOf(message: "request" | "reversal" | "stored-sale", about = transaction(link)) {
	const outcome = await outcomeOf(link, message, about);
	assert.equal(outcome.kind, "reply");
	return outcome.kind === "reply" ? outcome.responseCode : "";
}

/** The broker goes; the link is up over TCP. */
async function goToBackup(): Promise<void> {
	await broker.stop();
	await until(() => link.state === LinkState.Up && link.channel === ChannelKind.Backup);
}

test("with the broker gone the link signs on over TCP, and sales, reversals and stored sales go on", async () => {
	const before = transaction(link);
	assert.equal(await codeOf("request", before), "00");
	await goToBackup();
	const sale = transaction(link);
	assert.equal(await codeOf("request", sale), "00");
	assert.equal(await codeOf("request", sale), "94", "one ledger for both channels");
	assert.equal(await codeOf("request", before), "94");
	assert.equal(await codeOf("reversal", sale), "00");
	assert.equal(await codeOf("reversal", before), "00");
	const stored = [1, 2, 3].map(() => codeOf("stored-sale"));
	assert.deepEqual([link.inFlight, link.room], [3, 0]);
	assert.deepEqual(await Promise.all(stored), ["00", "00", "00"]);
	assert.deepEqual(
		events.filter(({ code }) => code === LogCode.BackupError),
		[],
	);
});

test("when the broker is back and stands, the link returns to it and signs on there", async () => {
	await goToBackup();
	assert.equal(await codeOf("request"), "00");
	await broker.start();
	await until(() => link.channel === ChannelKind.Mqtt && link.state === LinkState.Up, 15_000);
	assert.equal(await codeOf("request"), "00");
	const changes = events.filter(({ code }) => code === LogCode.ChannelChanged);
	assert.deepEqual(
		changes.map(({ a, b }) => [a, b]),
		[
			[1, 0],
			[0, 3],
		],
	);
});

test("a host that is deaf behind a living broker is found by its echo, and reached over TCP", async () => {
	// It has answered an echo before; from now on nothing comes over MQTT.
	await until(() => acquirer.counters.answered >= 2);
	await acquirer.stop();
	acquirer = new Acquirer({
		tcp: { port: acquirer.tcpPort ?? 0 },
		terminals: [{ id: terminalId, merchantId, tmk }],
	});
	await acquirer.start();
	const outcome = await outcomeOf(link, "request", transaction(link), 300);
	assert.deepEqual(outcome, { kind: "no-reply" });
	await until(() => link.channel === ChannelKind.Backup && link.state === LinkState.Up);
	assert.ok(events.some(({ code, a }) => code === LogCode.HostDeaf && a === 0));
	assert.equal(await codeOf("request"), "00");
});

test("a backup host that swallows a request: no reply, and an echo that it answers keeps the link", async () => {
	await goToBackup();
	acquirer.addFault({ kind: "silence" });
	const sale = transaction(link);
	assert.deepEqual(await outcomeOf(link, "request", sale, 300), { kind: "no-reply" });
	assert.equal(await codeOf("reversal", sale), "00");
	assert.equal(link.channel, ChannelKind.Backup);
});

/** The acquirer has the terminal's answer to each of its notices. */
function codes(): readonly string[] {
	return acquirer.notices(terminalId).map(({ code }) => code);
}

test("notices of every kind arrive over MQTT, are stored and answered, and 906 makes the link sign on", async () => {
	const held = { kind: "settlement", batch: "000001", outcome: "held", date: "20261125" } as const;
	await acquirer.notify(terminalId, { ...held, reason: "0105" });
	await acquirer.notify(terminalId, { ...held, stan: "000077", outcome: "paid", netMinor: 990 });
	await acquirer.notify(terminalId, {
		kind: "maintenance",
		windows: [{ of: "bank", from: "202611251800", to: "202611252230" }],
	});
	await acquirer.notify(terminalId, { kind: "calendar", year: 2026, workingDays: [2, 5, 365] });
	await acquirer.notify(terminalId, {
		kind: "parameters",
		values: [{ number: 5, value: 7 }],
	});
	await acquirer.notify(terminalId, {
		kind: "fees",
		rates: [{ card: "credit", rate: 60, capMinor: 0 }],
	});
	await acquirer.notify(terminalId, { kind: "sign-on" });
	await until(() => codes().length === 7 && codes().every((code) => code === "00"));
	assert.equal(notices.fundingOf(1, 1)?.reason, 105);
	assert.equal(notices.fundingOf(1, 77)?.netMinor, 990);
	assert.equal(notices.maintenanceAt(Date.UTC(2026, 10, 25, 20), 2)?.of, 2);
	const day = (month: number, date: number): boolean =>
		notices.isWorkingDay(Date.UTC(2026, month - 1, date) / 86_400_000);
	assert.deepEqual([day(1, 1), day(1, 2), day(1, 5), day(12, 31)], [false, true, true, true]);
	assert.equal(notices.parameters.offlineCountMax, 7);
	assert.deepEqual(notices.fees, [{ card: 2, rate: 60, capMinor: 0 }]);
	const of = (code: number): readonly LogEvent[] => events.filter((event) => event.code === code);
	await until(() => of(LogCode.SignedOn).length === 2 && link.state === LinkState.Up);
	assert.deepEqual(of(LogCode.NoticeRefused), []);
	assert.equal(await codeOf("request"), "00");
});

test("a value out of its range is refused with 13, and the notice behind it is taken", async () => {
	await acquirer.notify(terminalId, { kind: "parameters", values: [{ number: 1, value: 1 }] });
	await acquirer.notify(terminalId, { kind: "parameters", values: [{ number: 5, value: 8 }] });
	await until(() => notices.parameters.offlineCountMax === 8);
	await until(() => codes().join() === "13,00");
	assert.equal(notices.parameters.replyTimeoutMs, 60_000);
});

test("over TCP notices come with the next poll", async () => {
	await goToBackup();
	await acquirer.notify(terminalId, { kind: "parameters", values: [{ number: 5, value: 9 }] });
	await until(() => notices.parameters.offlineCountMax === 9);
	await until(() => codes().join() === "00");
	assert.equal(notices.highest, 1);
});

test("a sign-off is answered, and ends the link before its deadline", async () => {
	const fromMs = Date.now();
	await new Promise<void>((resolve) => link.signOff(resolve));
	assert.equal(link.state, LinkState.Down);
	assert.equal(link.room, 0);
	assert.ok(Date.now() - fromMs < 2000);
});

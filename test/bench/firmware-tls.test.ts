/** The whole firmware over TLS: what it proves, what it refuses, and that nothing goes in clear. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { LogCode } from "core/log";
import type { BenchOptions } from "../../simulator/bench/bench";
import { Random } from "../../simulator/bench/board/random";
import { Authority } from "../../simulator/bench/certificates";
import { makeTill, openTill, type LoggedEvent, type Till } from "./firmware-support";
import { recordType, recordTypes, WireTap } from "./wire-tap";

const year = (value: number): Date => new Date(Date.UTC(value, 0, 1));
const address = "127.0.0.1";

/** A till whose terminal reaches the broker's TLS port through a wire that is watched. */
async function tappedTill(
	context: TestContext,
	pins?: readonly string[],
	options: Partial<BenchOptions> = {},
): Promise<{ readonly till: Till; readonly tap: WireTap }> {
	const tap = await WireTap.start(context);
	const till = await makeTill(context, {
		...options,
		tls: { port: tap.port, ...(pins && { pins }) },
	});
	tap.target = till.bench.broker!.tls!.port;
	tap.busy = () => till.bench.scheduler.busy();
	return { till, tap };
}

async function tlsEvents(till: Till): Promise<readonly (readonly [number, number, number])[]> {
	const events = await till.bench.askData<readonly LoggedEvent[]>("log");
	return events
		.filter(({ code }) => code === LogCode.TlsFailed || code === LogCode.TlsPin)
		.map(({ code, a, b }) => [code, a, b]);
}

/** Boots a till that cannot get online and lets it try for a while. */
async function tryInVain(till: Till): Promise<void> {
	assert.ok(await till.bench.powerOn());
	await till.bench.pass(60_000);
	assert.ok(till.bench.panel.lines.some((line) => line.includes("OFFLINE")));
	const refused = (await tlsEvents(till)).filter(([code]) => code === LogCode.TlsFailed);
	assert.ok(refused.length >= 2, `${refused.length} tries`);
	for (const [, reason, error] of refused) assert.deepEqual([reason, error], [1, 566]);
	assert.match((await till.status()).network, /^up/);
}

/** Ends the connection and waits for the next one. */
async function reconnected(till: Till, end: () => void): Promise<void> {
	const server = till.bench.broker!.tls!;
	const before = server.handshakes;
	end();
	await online(till, before);
}

/** Waits for a connection after so many, and for what comes with it: the screen may still show the one before. */
async function online(till: Till, handshakes: number): Promise<void> {
	const server = till.bench.broker!.tls!;
	await till.expect("a new connection", () => server.handshakes > handshakes, 120_000);
	await till.bench.pass(5_000);
	await till.online();
}

/** The terminal shook hands at most: not a byte of MQTT left, neither in clear nor enciphered. */
function assertNothingSent(tap: WireTap): void {
	const types = recordTypes(tap.up);
	assert.ok(types.includes(recordType.handshake));
	assert.ok(!types.includes(recordType.applicationData));
	assertNoMqtt(tap.up);
}

function assertNoMqtt(bytes: Buffer): void {
	for (const word of ["MQTT", "TERM0001", "104100000000001"])
		assert.ok(!bytes.includes(word), `${word} in clear`);
}

test("sales go over TLS, and the wire shows TLS records alone", async (context) => {
	const { till, tap } = await tappedTill(context);
	await till.open();
	await till.sell("12.34", "unionpay", "chip");
	await till.sell("5.00", "visa", "tap");
	await till.close();
	for (const stream of [tap.up, tap.down]) {
		assert.ok(recordTypes(stream).includes(recordType.applicationData));
		assertNoMqtt(stream);
	}
	assert.deepEqual(await tlsEvents(till), [[LogCode.TlsPin, 1, 0]]);
	assert.equal(till.bench.modem.files.uploads, 1);
});

test("after power cuts and restarts of the modem the certificate is not written again", async (context) => {
	const till = await openTill(context, { tls: {} });
	await till.restart();
	till.bench.modem.reset();
	await till.offline();
	await till.online();
	await till.sell("1.00", "unionpay", "chip");
	await till.close();
	assert.equal(till.bench.modem.files.uploads, 1);
});

test("a server under another key of the same name gets nothing, and sales are kept", async (context) => {
	const { till, tap } = await tappedTill(context);
	till.bench.broker!.tls!.present(new Authority("Bench acquirer CA").issue([address]));
	await tryInVain(till);
	assertNothingSent(tap);
	assert.equal(till.bench.modem.files.names.length, 1);
	// The right server again: all goes by itself.
	till.bench.broker!.tls!.present(till.bench.authority!.issue([address]));
	await till.online();
	await till.sell("2.00", "unionpay", "chip");
	await till.close();
});

test("a certificate for another host gets nothing", async (context) => {
	const { till, tap } = await tappedTill(context);
	till.bench.broker!.tls!.present(till.bench.authority!.issue(["elsewhere.example"]));
	await tryInVain(till);
	assertNothingSent(tap);
});

test("an expired certificate gets nothing once the modem knows the time", async (context) => {
	const { till, tap } = await tappedTill(context);
	const dates = { from: year(2020), to: year(2025) };
	till.bench.broker!.tls!.present(till.bench.authority!.issue([address], dates));
	await tryInVain(till);
	assertNothingSent(tap);
});

test("a server without TLS that plays the broker gets no MQTT", async (context) => {
	const tap = await WireTap.start(context);
	const till = await makeTill(context, { tls: { port: tap.port } });
	tap.busy = () => till.bench.scheduler.busy();
	// To whatever comes: connected, and subscribed.
	tap.answer = () => Uint8Array.of(0x20, 0x02, 0x00, 0x00, 0x90, 0x03, 0x00, 0x01, 0x01);
	await tryInVain(till);
	assertNothingSent(tap);
	assert.ok(tap.connections > 2);
});

test("no server at all is no matter of certificates", async (context) => {
	const till = await makeTill(context, { tls: { port: 1 } });
	assert.ok(await till.bench.powerOn());
	await till.bench.pass(60_000);
	assert.deepEqual(await tlsEvents(till), []);
	assert.ok(till.bench.panel.lines.some((line) => line.includes("OFFLINE")));
});

test("the acquirer changes to its next authority, and the second pin is there for it", async (context) => {
	const present = new Authority("Acquirer 2026");
	const next = new Authority("Acquirer 2028");
	const { till } = await tappedTill(context, [present.certPem, next.certPem]);
	const server = till.bench.broker!.tls!;
	server.present(present.issue([address]));
	await till.open();
	await till.sell("1.00", "unionpay", "chip");
	server.present(next.issue([address]));
	await reconnected(till, () => server.hangUp());
	await till.sell("2.00", "unionpay", "chip");
	await reconnected(till, () => server.hangUp());
	await till.close();
	assert.deepEqual(await tlsEvents(till), [
		[LogCode.TlsPin, 1, 0],
		[LogCode.TlsPin, 2, 0],
	]);
	assert.equal(till.bench.modem.files.names.length, 2);
});

test("a server that stalls or resets the handshake is tried until it is well", async (context) => {
	const { till } = await tappedTill(context);
	const server = till.bench.broker!.tls!;
	for (const fault of ["stall", "reset"] as const) {
		server.setFault(fault);
		if (fault === "stall") assert.ok(await till.bench.powerOn());
		else server.kill();
		await till.bench.pass(60_000);
		assert.ok(till.bench.panel.lines.some((line) => line.includes("OFFLINE")));
		server.setFault("none");
		await till.online();
	}
	await till.sell("3.00", "visa", "chip");
	await till.close();
});

test("a connection that ends in the middle of a request leaves one fate", async (context) => {
	let whenSent: (() => void) | undefined;
	const { till } = await tappedTill(context, undefined, {
		onPacket: ({ direction, payload }) => {
			// A 0200 of the terminal's.
			if (direction !== "in" || payload[0] !== 2 || payload[1] !== 0) return;
			whenSent?.();
			whenSent = undefined;
		},
	});
	await till.open();
	const server = till.bench.broker!.tls!;
	const ends = [
		["2.00", () => server.kill()],
		["3.00", () => server.hangUp()],
	] as const;
	for (const [amount, end] of ends) {
		till.bench.acquirer.addFault({ kind: "delay", delayMs: 5000, mti: "0200" });
		const before = server.handshakes;
		whenSent = () => till.bench.scheduler.after(1_000_000, end);
		await till.sell(amount, "unionpay", "chip", "unknown");
		await online(till, before);
	}
	const rows = await till.close();
	assert.deepEqual(
		rows.map(({ state }) => state),
		["reversed", "reversed"],
	);
});

test("a pin that was damaged in the modem is written anew", async (context) => {
	const till = await openTill(context, { tls: {} });
	till.bench.modem.files.damage();
	await reconnected(till, () => till.bench.broker!.tls!.kill());
	await till.sell("2.00", "unionpay", "chip");
	await till.close();
	assert.equal(till.bench.modem.files.uploads, 2);
});

/** Lines that would lead the driver astray, if it believed them. */
const lies = [
	"\r\nCONNECT\r\n",
	"\r\n> ",
	"\r\nOK\r\n",
	"\r\nERROR\r\n",
	"\r\nSEND OK\r\n",
	"\r\n+QSSLOPEN: 0,0\r\n",
	"\r\n+QSSLOPEN: 0,566\r\n",
	"\r\n+QIOPEN: 0,0\r\n",
	'\r\n+QSSLURC: "recv",0\r\n',
	'\r\n+QSSLURC: "closed",0\r\n',
	"\r\n+QSSLRECV: 64\r\n",
	"\r\n+QFUPL: 1,1\r\n",
	"\r\nRDY\r\n",
	"\xff\x00\r\n",
];

for (const seed of [1, 2, 3])
	test(`lies on the modem's line never bring a byte of MQTT into clear (seed ${seed})`, async (context) => {
		const { till, tap } = await tappedTill(context);
		const random = new Random(seed, "lies");
		assert.ok(await till.bench.powerOn());
		await till.bench.pass(2500);
		for (let i = 0; i < 120; i++) {
			await till.bench.pass(random.below(i % 20 === 0 ? 2000 : 60));
			const lie = lies[random.below(lies.length)]!;
			till.bench.modem.sendRaw(Buffer.from(lie, "latin1"));
			if (i % 40 === 20) till.bench.broker!.tls!.kill();
		}
		await till.online();
		await till.sell("2.00", "unionpay", "chip");
		await till.close({ surprises: true });
		assert.ok(recordTypes(tap.up).includes(recordType.applicationData));
		assertNoMqtt(tap.up);
	});

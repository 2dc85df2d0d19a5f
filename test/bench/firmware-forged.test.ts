/** What a stranger may publish to the terminal's reply topics: it never makes or takes money. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { LogCode } from "core/log";
import { connectAsync, type MqttClient } from "mqtt";
import { terminalId } from "../../simulator/bench/bench";
import { decode, encode, type Message } from "../../simulator/bench/acquirer/codec";
import { sign } from "../../simulator/bench/acquirer/mac";
import { openTill, type Till } from "./firmware-support";
import type { TestContext } from "node:test";

/** A second client on the embedded broker: it hears requests and speaks for the host. */
class Stranger {
	readonly #till: Till;
	readonly #client: MqttClient;
	/** Called with each request of money, before the host's answer can be there. */
	onRequest: ((attempt: number, request: Message) => void) | undefined;

	private constructor(till: Till, client: MqttClient) {
		this.#till = till;
		this.#client = client;
		client.on("message", (topic, payload) => {
			const request = decode(payload);
			if (request.mti === "0200")
				this.onRequest?.(parseInt(topic.split("/")[2] ?? "", 16), request);
		});
	}

	static async join(context: TestContext, till: Till): Promise<Stranger> {
		const client = await connectAsync(till.bench.broker!.url);
		context.after(() => client.endAsync(true));
		await client.subscribeAsync("q/#");
		return new Stranger(till, client);
	}

	say(topic: string, payload: Uint8Array, options: { qos?: 0 | 1; retain?: boolean } = {}): void {
		this.#till.bench.scheduler.busy();
		this.#client.publish(topic, Buffer.from(payload), { qos: 0, ...options });
	}

	reply(attempt: number, payload: Uint8Array): void {
		this.say(`r/${terminalId}/${attempt.toString(16)}`, payload);
	}
}

/** The approval that a forger would like to send. */
function approval(request: Message): Message {
	const fields: Record<number, string | Buffer> = { 12: "120000", 13: "0105", 37: "600512000001" };
	for (const field of [3, 4, 11, 25, 41, 42, 49, 60]) {
		const value = request.fields[field];
		if (value !== undefined) fields[field] = value;
	}
	return { mti: "0210", fields: { ...fields, 38: "000001", 39: "00" } };
}

test("garbage, huge and empty messages on the reply topics change nothing", async (context) => {
	const till = await openTill(context);
	const stranger = await Stranger.join(context, till);
	const sinceMs = await till.ticksMs();
	const topics = ["0", "", "-1", "1/2", "zz", "1000000", "00000001", "你好", "1", "2", "ffffff"];
	for (const topic of topics)
		for (const payload of [
			Buffer.alloc(0),
			randomBytes(1),
			randomBytes(11),
			Buffer.from("0210ffffffffffffffff", "hex"),
			Buffer.concat([Buffer.from("0210", "hex"), randomBytes(200)]),
			randomBytes(1500),
		]) {
			stranger.say(`r/${terminalId}/${topic}`, payload, { qos: topic === "2" ? 1 : 0 });
			await till.bench.pass(50);
		}
	await till.bench.pass(5000);
	till.assertNoCrash();
	const logged = await till.logged(sinceMs);
	assert.ok(
		logged.has(LogCode.LateReply) || logged.has(LogCode.ForeignReply),
		`events ${[...logged].join(" ")}`,
	);
	// Above the terminal's limit: the connection is given up, and made again.
	for (const length of [3000, 70_000]) {
		stranger.say(`r/${terminalId}/3`, randomBytes(length));
		await till.bench.pass(20_000);
		await till.online();
	}
	assert.ok((await till.logged(sinceMs)).has(LogCode.MqttError));
	await till.sell("2.00", "visa", "chip");
	await till.close();
});

test("a retained flood on the reply topics is got over at every connect", async (context) => {
	const till = await openTill(context);
	const stranger = await Stranger.join(context, till);
	for (let i = 1; i <= 100; i++)
		stranger.say(`r/${terminalId}/${i.toString(16)}`, randomBytes(400), { qos: 1, retain: true });
	await till.bench.pass(10_000);
	await till.restart();
	await till.sell("2.00", "visa", "chip");
	await till.close();
});

test("messages while a sale waits for its reply: the host's answer decides", async (context) => {
	const till = await openTill(context);
	const stranger = await Stranger.join(context, till);
	stranger.onRequest = (attempt) => {
		for (let i = 0; i < 5; i++) {
			stranger.reply(attempt, randomBytes(i * 40));
			stranger.reply(attempt, Buffer.concat([Buffer.from("0210", "hex"), randomBytes(100)]));
		}
		stranger.reply(attempt + 1, randomBytes(80));
	};
	till.bench.acquirer.addFault({ kind: "delay", delayMs: 3000 });
	await till.sell("2.00", "visa", "chip");
	assert.ok((await till.logged()).has(LogCode.BadMessage));
	await till.close();
});

/** A forged reply to the right attempt, and what the sale must come to when the host itself is silent or declines. */
interface Forgery {
	readonly name: string;
	readonly make: (request: Message) => Uint8Array;
	/** With a wrong or missing MAC on an approval the sale is in doubt at once; other forgeries are passed over. */
	readonly doubt: boolean;
	readonly event: number;
}

const strangersKey = randomBytes(16);
const withFields = (request: Message, fields: Message["fields"], mti = "0210"): Message => ({
	mti,
	fields: { ...approval(request).fields, ...fields },
});
const plusOne = (request: Message, field: number): string =>
	String(Number(request.fields[field]) + 1).padStart(String(request.fields[field]).length, "0");

const forgeries: readonly Forgery[] = [
	{
		name: "right fields, no MAC",
		make: (request) => encode(approval(request)),
		doubt: true,
		event: LogCode.BadMac,
	},
	{
		name: "right fields, wrong MAC",
		make: (request) => sign(strangersKey, approval(request)),
		doubt: true,
		event: LogCode.BadMac,
	},
	{
		name: "MTI 0211",
		make: (request) => sign(strangersKey, withFields(request, {}, "0211")),
		doubt: false,
		event: LogCode.ForeignReply,
	},
	{
		name: "MTI 0230",
		make: (request) => sign(strangersKey, withFields(request, {}, "0230")),
		doubt: false,
		event: LogCode.ForeignReply,
	},
	{
		name: "the request itself",
		make: (request) => encode(request),
		doubt: false,
		event: LogCode.ForeignReply,
	},
	{
		name: "another STAN",
		make: (request) => sign(strangersKey, withFields(request, { 11: plusOne(request, 11) })),
		doubt: false,
		event: LogCode.ForeignReply,
	},
	{
		name: "another amount",
		make: (request) => sign(strangersKey, withFields(request, { 4: plusOne(request, 4) })),
		doubt: false,
		event: LogCode.ForeignReply,
	},
	{
		name: "another batch",
		make: (request) => sign(strangersKey, withFields(request, { 60: "2200000200060" })),
		doubt: false,
		event: LogCode.ForeignReply,
	},
	{
		name: "a decline without MAC",
		make: (request) => encode(withFields(request, { 39: "51" })),
		doubt: false,
		event: LogCode.BadMac,
	},
];

for (const { name, make, doubt, event } of forgeries)
	test(`a forged reply never decides: ${name}`, async (context) => {
		const till = await openTill(context);
		const stranger = await Stranger.join(context, till);
		let forged = 0;
		stranger.onRequest = (attempt, request) => {
			forged++;
			stranger.reply(attempt, make(request));
		};
		// The host answers later than the forger: it approves, or posts nothing and says nothing.
		till.bench.acquirer.addFault({ kind: "delay", delayMs: 4000, mti: "0200" });
		await till.sell("2.00", "visa", "chip", doubt ? "unknown" : "approved");
		assert.ok((await till.logged()).has(event), "no event in the log");
		assert.equal(await till.drained(), 0);
		till.bench.acquirer.addFault({ kind: "silence-unposted", mti: "0200" });
		await till.sell("3.00", "unionpay", "tap", "unknown");
		stranger.onRequest = undefined;
		await till.sell("4.00", "unionpay", "tap");
		const rows = await till.close();
		assert.equal(forged, 2);
		const fates = rows.map(({ state }) => state);
		assert.deepEqual(fates, [doubt ? "reversed" : "approved", "reversed", "approved"]);
	});

test("a true reply that is replayed later, twice and under other attempts approves nothing", async (context) => {
	const replies: { readonly topic: string; readonly payload: Buffer }[] = [];
	const till = await openTill(context);
	const stranger = await Stranger.join(context, till);
	const listener = await connectAsync(till.bench.broker!.url);
	context.after(() => listener.endAsync(true));
	listener.on("message", (topic, payload) => replies.push({ topic, payload }));
	await listener.subscribeAsync("r/#");
	await till.sell("2.00", "visa", "chip");
	await till.printed(0);
	const captured = replies.filter(({ payload }) => payload[0] === 0x02 && payload[1] === 0x10);
	assert.equal(captured.length, 1);
	const { topic, payload } = captured[0]!;
	stranger.say(topic, payload);
	stranger.say(topic, payload);
	await till.bench.pass(1000);
	// The same amount again, while the host swallows it: the old approval is no answer.
	stranger.onRequest = (attempt) => stranger.reply(attempt, payload);
	till.bench.acquirer.addFault({ kind: "silence-unposted", mti: "0200" });
	await till.sell("2.00", "visa", "chip", "unknown");
	assert.ok((await till.logged()).has(LogCode.ForeignReply));
	assert.ok((await till.logged()).has(LogCode.LateReply));
	stranger.onRequest = undefined;
	const rows = await till.close();
	assert.deepEqual(
		rows.map(({ state }) => state),
		["approved", "reversed"],
	);
});

test("forged sign-on replies give no keys and no batch", async (context) => {
	const till = await openTill(context);
	const stranger = await Stranger.join(context, till);
	const before = await till.status();
	const fields = {
		11: "000001",
		12: "120000",
		13: "0105",
		37: "600512000001",
		39: "00",
		41: terminalId,
		42: "104100000000001",
		60: "00000099003",
		62: randomBytes(40),
	};
	till.bench.broker!.kill();
	for (let i = 1; i < 200; i++) {
		stranger.reply(i, encode({ mti: "0810", fields }));
		await till.bench.pass(50);
	}
	await till.online();
	assert.equal((await till.status()).link, before.link);
	await till.sell("2.00", "visa", "chip");
	const rows = await till.close();
	assert.deepEqual(
		rows.map(({ batch }) => batch),
		["000001"],
	);
});

test("replies that come while a slip is laid out and printed overrun nothing", async (context) => {
	const till = await openTill(context);
	const stranger = await Stranger.join(context, till);
	for (let i = 1; i <= 3; i++) {
		await till.sell(`${i}.00`, "visa", "tap");
		// At the start of the slip, when the engine is busiest.
		for (let n = 1; n <= 20; n++) {
			stranger.reply(n, randomBytes(150));
			await till.bench.pass(n * 3);
		}
		await till.bench.pass(8000);
	}
	await till.close();
	assert.equal(till.bench.board.lostBytes.modem, 0, "the modem's FIFO overran");
});

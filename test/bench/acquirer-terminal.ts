/** A broker and a terminal for the tests of the acquirer: sends what it is told to, believes nothing. */
import { createCipheriv } from "node:crypto";
import { once } from "node:events";
import { createServer, type AddressInfo, type Server } from "node:net";
import { Aedes } from "aedes";
import { connectAsync, type MqttClient } from "mqtt";
import { isLuhn } from "../../simulator/bench/acquirer/card-data";
import { decode, encode, type Message } from "../../simulator/bench/acquirer/codec";
import { dataKey } from "../../simulator/bench/acquirer/dukpt";
import { sign, verify } from "../../simulator/bench/acquirer/mac";
import { testBdk } from "../../simulator/bench/acquirer/options";
import { tdesDecrypt } from "../../simulator/bench/acquirer/tdes";

/** 2030-05-06 07:08:09 UTC */
export const startMs = Date.UTC(2030, 4, 6, 7, 8, 9);
export const terminalId = "60000001";
export const merchantId = "898110012340001";
export const tmk = Buffer.from("31323334353637384142434445464748", "hex");
export const ksn = Buffer.from("FFFF9876543210E00001", "hex");

export class Broker {
	readonly #server: Server;
	readonly #aedes: Aedes;

	private constructor(server: Server, aedes: Aedes) {
		this.#server = server;
		this.#aedes = aedes;
	}

	/** @param port 0 for any */
	static async open(port = 0): Promise<Broker> {
		const aedes = await Aedes.createBroker();
		const server = createServer((socket) => aedes.handle(socket));
		server.listen(port, "127.0.0.1");
		await once(server, "listening");
		return new Broker(server, aedes);
	}

	get url(): string {
		return `mqtt://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
	}

	async close(): Promise<void> {
		await new Promise<void>((resolve) => this.#aedes.close(resolve));
		await new Promise<void>((resolve) => this.#server.close(() => resolve()));
	}
}

/** A number that passes the check digit, made up from an issuer prefix. */
export function madeUpPan(prefix = "621483000000000"): string {
	for (let digit = 0; digit < 10; digit++) if (isLuhn(`${prefix}${digit}`)) return prefix + digit;
	throw new Error("no check digit");
}

/** Field 57 with this clear data, padded with zero bytes. */
export function field57(clear: Buffer, serial: Buffer = ksn): Buffer {
	const padded = Buffer.concat([clear, Buffer.alloc((8 - (clear.length % 8)) % 8)]);
	const key = dataKey(testBdk, serial);
	const threeKey = Buffer.concat([key, key.subarray(0, 8)]);
	const cipher = createCipheriv("des-ede3-cbc", threeKey, Buffer.alloc(8)).setAutoPadding(false);
	const ciphertext = Buffer.concat([cipher.update(padded), cipher.final()]);
	return Buffer.concat([
		Buffer.from("DFEE120A", "hex"),
		serial,
		Buffer.from("DFEE30", "hex"),
		Buffer.from([ciphertext.length]),
		ciphertext,
	]);
}

export function swipeTrack(expiry = "3512", pan = madeUpPan()): Buffer {
	return Buffer.from(`;${pan}=${expiry}20100000000?`, "latin1");
}

type Fields = Record<number, string | Buffer>;

/** Fields of a 0200; STAN and amount as numbers. */
export function sale(stan: number, amountMinor: number, more: Fields = {}): Message {
	return {
		mti: "0200",
		fields: {
			3: "000000",
			4: String(amountMinor).padStart(12, "0"),
			7: "0506070809",
			11: String(stan).padStart(6, "0"),
			12: "150809",
			13: "0506",
			22: "022",
			25: "00",
			41: terminalId,
			42: merchantId,
			49: "156",
			57: field57(swipeTrack()),
			60: "2200000100060",
			...more,
		},
	};
}

export function storedSale(stan: number, amountMinor: number, more: Fields = {}): Message {
	const { fields } = sale(stan, amountMinor);
	return { mti: "0220", fields: { ...fields, 60: "3000000100060", ...more } };
}

export function reversal(stan: number, amountMinor: number, more: Fields = {}): Message {
	const fields: Fields = { ...sale(stan, amountMinor).fields, 39: "98", ...more };
	delete fields[57];
	return { mti: "0400", fields };
}

/** A posting that another request names. */
export interface Named {
	readonly stan: number;
	readonly rrn: string;
	readonly authCode?: string;
	/** 61 as it is sent; without it batch 1, the STAN and no date. */
	readonly field61?: string;
}

/** MTI, 60.1, 3 and 25 of what names an original and reads no card. */
const following = Object.freeze({
	void: ["0200", "23", "200000", "00"],
	preauthVoid: ["0100", "11", "200000", "06"],
	completion: ["0200", "20", "000000", "06"],
	completionVoid: ["0200", "21", "200000", "06"],
	completionAdvice: ["0220", "24", "000000", "06"],
	tip: ["0220", "34", "000000", "00"],
} as const);

function six(number: number): string {
	return String(number).padStart(6, "0");
}

/** A request that names its original. */
export function follow(
	what: keyof typeof following,
	stan: number,
	amountMinor: number,
	original: Named,
	more: Fields = {},
): Message {
	const [mti, type, processing, condition] = following[what];
	const fields: Fields = {
		...sale(stan, amountMinor).fields,
		3: processing,
		22: "012",
		25: condition,
		37: original.rrn,
		60: `${type}00000100060`,
		61: original.field61 ?? `000001${six(original.stan)}0000`,
		...(original.authCode === undefined ? {} : { 38: original.authCode }),
		...more,
	};
	delete fields[57];
	return { mti, fields };
}

/** A refund reads a card and names its original too. */
export function refund(
	stan: number,
	amountMinor: number,
	original: Named,
	more: Fields = {},
): Message {
	const { fields } = sale(stan, amountMinor);
	const field61 = original.field61 ?? `000001${six(original.stan)}0000`;
	const own = { 3: "200000", 37: original.rrn, 60: "2500000100060", 61: field61 };
	return { mti: "0220", fields: { ...fields, ...own, ...more } };
}

export function preauth(stan: number, amountMinor: number, more: Fields = {}): Message {
	const own = { 3: "030000", 25: "06", 60: "1000000100060" };
	return { mti: "0100", fields: { ...sale(stan, amountMinor).fields, ...own, ...more } };
}

/** The reversal of any request that goes once. */
export function reversalOf(request: Message, more: Fields = {}): Message {
	const fields: Fields = { ...request.fields, 39: "98", ...more };
	for (const field of [37, 38, 48, 57]) delete fields[field];
	return { mti: "0400", fields };
}

export function balance(stan: number, more: Fields = {}): Message {
	const fields: Fields = { ...sale(stan, 0).fields, 3: "310000", 60: "0100000100060", ...more };
	delete fields[4];
	return { mti: "0200", fields };
}

export function voiceSale(
	stan: number,
	amountMinor: number,
	declined: number,
	code: string,
): Message {
	const message = follow("tip", stan, amountMinor, { stan: declined, rrn: "" });
	const fields: Fields = { ...message.fields, 38: code, 60: "3200000100060" };
	delete fields[37];
	return { mti: "0220", fields };
}

/** Debit amount and count, credit amount and count. */
export type Sums = readonly [number, number, number, number];

export function field48(sums: Sums, verdict = 0): string {
	const digits = sums.map((value, index) => String(value).padStart(index % 2 === 0 ? 12 : 3, "0"));
	return `${digits.join("")}${verdict}${"0".repeat(30)}${verdict}`;
}

function batchMessage(mti: string, network: string, field48: string, more: Fields): Message {
	const { fields } = sale(0, 0);
	const picked = Object.fromEntries([7, 41, 42, 49].map((field) => [field, fields[field] ?? ""]));
	return {
		mti,
		fields: { ...picked, 11: "900001", 48: field48, 60: `00000001${network}`, ...more },
	};
}

export function settlement(sums: Sums, more: Fields = {}): Message {
	return batchMessage("0500", "201", field48(sums), { 63: "01 ", ...more });
}

/** One detail: 60.1, STAN, amount, sign. */
export type Detail = readonly [type: string, stan: number, amountMinor: number, sign: 0 | 1];

export function upload(details: readonly Detail[], more: Fields = {}): Message {
	const parts = details.map(
		([type, stan, amount, sign]) => `${type}${six(stan)}${String(amount).padStart(12, "0")}${sign}`,
	);
	const count = String(details.length).padStart(2, "0");
	return batchMessage("0320", "201", count + parts.join(""), more);
}

/** @param network 202 or 207 */
export function endOfUpload(network: string, count: number, more: Fields = {}): Message {
	return batchMessage("0320", network, String(count).padStart(4, "0"), more);
}

export function signOn(more: Fields = {}): Message {
	return {
		mti: "0800",
		fields: {
			7: "0506070809",
			11: "000001",
			41: terminalId,
			42: merchantId,
			60: "00000000003",
			63: "01 ",
			...more,
		},
	};
}

export function echo(more: Fields = {}): Message {
	const fields: Fields = { ...signOn().fields, 60: "00000001301", ...more };
	delete fields[63];
	return { mti: "0820", fields };
}

export interface Reply {
	readonly topic: string;
	readonly qos: number;
	readonly bytes: Buffer;
}

/** Longer than any answer takes on one machine. */
const silenceMs = 250;
const answerTimeoutMs = 5_000;

export class TestTerminal {
	readonly #client: MqttClient;
	readonly #replies: Reply[] = [];
	#attempt = 0;
	mak: Buffer = Buffer.alloc(16);

	private constructor(client: MqttClient) {
		this.#client = client;
		client.on("message", (topic, bytes, packet) =>
			this.#replies.push({ topic, bytes, qos: packet.qos }),
		);
	}

	static async open(url: string): Promise<TestTerminal> {
		const client = await connectAsync(url, { clientId: terminalId, clean: true });
		await client.subscribeAsync("r/#", { qos: 1 });
		return new TestTerminal(client);
	}

	async close(): Promise<void> {
		await this.#client.endAsync();
	}

	async publish(topic: string, bytes: Buffer, retain = false): Promise<void> {
		await this.#client.publishAsync(topic, bytes, { qos: 1, retain });
	}

	/** Sends with a MAC (not for 08xx); the replies to this attempt collect under the topic returned. */
	async send(message: Message, mak = this.mak): Promise<string> {
		const attempt = (++this.#attempt).toString(16);
		const bytes = message.mti.startsWith("08") ? encode(message) : sign(mak, message);
		await this.publish(`q/${terminalId}/${attempt}`, bytes);
		return `r/${terminalId}/${attempt}`;
	}

	/** The first reply on the topic, if it is there. */
	seen(topic: string): Reply | undefined {
		return this.#replies.find((one) => one.topic === topic);
	}

	/** The first reply on the topic, waited for. */
	async replyOn(topic: string): Promise<Reply> {
		const deadline = Date.now() + answerTimeoutMs;
		for (;;) {
			const reply = this.seen(topic);
			if (reply !== undefined) return reply;
			if (Date.now() > deadline) throw new Error(`no reply on ${topic}`);
			await pause(2);
		}
	}

	/** All that has come on the topic until it has been quiet for long enough. */
	async repliesOn(topic: string): Promise<readonly Reply[]> {
		await pause(silenceMs);
		return this.#replies.filter((one) => one.topic === topic);
	}

	/** Sends and takes the reply; its MAC, where it has one, must be right. */
	async ask(message: Message): Promise<Message> {
		const { bytes } = await this.replyOn(await this.send(message));
		const reply = decode(bytes);
		if (reply.fields[64] !== undefined && !verify(this.mak, bytes, reply))
			throw new Error(`wrong MAC on ${reply.mti}`);
		return reply;
	}

	/** Sends what must be approved. @returns how another request names it */
	async approve(message: Message): Promise<Named> {
		const { fields } = await this.ask(message);
		if (fields[39] !== "00") throw new Error(`${message.mti} is answered ${String(fields[39])}`);
		const stan = Number(message.fields[11]);
		return { stan, rrn: String(fields[37]), authCode: String(fields[38]) };
	}

	/** Code of the reply. */
	async code(message: Message): Promise<string> {
		return String((await this.ask(message)).fields[39]);
	}

	/** Signs on and takes the new MAK over. */
	async signOn(): Promise<Message> {
		const reply = await this.ask(signOn());
		const block = reply.fields[62];
		if (!Buffer.isBuffer(block)) throw new Error("no key block");
		this.mak = tdesDecrypt(tmk, block.subarray(20, 36));
		return reply;
	}
}

export function pause(ms: number): Promise<void> {
	return new Promise((resolve) => setTimeout(resolve, ms));
}

/** The TLS and file commands of the bench's modem, against TLS servers of Node. */
import { equal, match, ok } from "node:assert/strict";
import type { TLSSocket } from "node:tls";
import { test } from "node:test";
import { TlsListener } from "../../simulator/bench/broker/tls-listener";
import { Authority } from "../../simulator/bench/certificates";
import { ModemDevice } from "../../simulator/bench/peripheral/modem";
import { Bench, makeTranscript } from "./peripheral-support";

type ModemBench = Bench<ModemDevice>;
const year = (value: number): Date => new Date(Date.UTC(value, 0, 1));

const authority = new Authority("Acquirer CA");
const good = authority.issue(["localhost", "127.0.0.1"]);
const transcript = makeTranscript();
/** Keeps the present bench's time from running ahead of the server. */
let busy = (): void => undefined;

async function at(bench: ModemBench, line: string, milliseconds = 400): Promise<string> {
	return (await bench.ask(`${line}\r`, milliseconds)).toString("latin1");
}

async function online(): Promise<ModemBench> {
	const bench = new Bench(new ModemDevice({ transcript: transcript.hook }));
	busy = () => bench.scheduler.busy();
	await bench.boot(5000);
	await at(bench, "ATE0");
	await at(bench, 'AT+QURCCFG="urcport","uart1"');
	await at(bench, "AT+CMEE=1");
	equal(await at(bench, "AT+QIACT=1"), "\r\nOK\r\n");
	return bench;
}

async function upload(bench: ModemBench, name: string, text: string): Promise<string> {
	equal(await at(bench, `AT+QFUPL="UFS:${name}",${text.length},5`, 20), "\r\nCONNECT\r\n");
	return (await bench.ask(text, 20)).toString("latin1");
}

interface Setting {
	readonly pem?: string;
	readonly level?: 0 | 1 | 2;
	readonly version?: number;
	readonly host?: string;
	readonly more?: Readonly<Record<string, string>>;
}

/** A modem with a context as wanted. */
async function prepared({ pem = authority.certPem, level = 1, version = 3, more = {} }: Setting) {
	const bench = await online();
	await upload(bench, "ca.pem", pem);
	const values = { sslversion: String(version), seclevel: String(level), cacert: '"UFS:ca.pem"' };
	for (const [name, value] of Object.entries({ ...values, ...more }))
		equal(await at(bench, `AT+QSSLCFG="${name}",1,${value}`), "\r\nOK\r\n");
	return bench;
}

/** A server that greets and remembers. */
async function serve(identity = good) {
	const far = { received: "", sockets: [] as TLSSocket[] };
	const listener = new TlsListener({
		identity,
		onActivity: () => busy(),
		onConnection: (socket) => {
			far.sockets.push(socket);
			socket.on("data", (bytes: Buffer) => (far.received += bytes.toString("latin1")));
		},
	});
	await listener.start();
	return Object.assign(far, { listener });
}

type Far = Awaited<ReturnType<typeof serve>>;

/** Opens TLS socket 2. @returns the outcome */
async function open(bench: ModemBench, far: Far, host = "localhost"): Promise<string> {
	bench.take();
	bench.give(`AT+QSSLOPEN=1,1,2,"${host}",${far.listener.port},0\r`);
	ok(await bench.until("+QSSLOPEN: 2,", 40_000));
	await bench.run(1);
	return /\+QSSLOPEN: 2,(\d+)/.exec(bench.take().toString("latin1"))![1]!;
}

async function outcome(setting: Setting, identity = good): Promise<string> {
	const far = await serve(identity);
	const bench = await prepared(setting);
	try {
		return await open(bench, far, setting.host);
	} finally {
		bench.device.dispose();
		await far.listener.stop();
	}
}

test("files are written, listed, refused twice and deleted; they outlive a reset", async () => {
	const bench = await online();
	equal(await at(bench, 'AT+QFLST="UFS:a.pem"'), "\r\n+CME ERROR: 405\r\n");
	// 0x3132 ^ 0x3300
	equal(await upload(bench, "a.pem", "123"), "\r\n+QFUPL: 3,232\r\n\r\nOK\r\n");
	equal(await at(bench, 'AT+QFUPL="a.pem",3,5'), "\r\n+CME ERROR: 407\r\n");
	bench.device.reset();
	await bench.run(5000);
	await at(bench, "ATE0");
	equal(await at(bench, 'AT+QFLST="a.pem"'), '\r\n+QFLST: "UFS:a.pem",3\r\n\r\nOK\r\n');
	equal(await at(bench, 'AT+QFDEL="UFS:a.pem"'), "\r\nOK\r\n");
	await at(bench, "AT+CMEE=1");
	equal(await at(bench, 'AT+QFDEL="UFS:a.pem"'), "\r\n+CME ERROR: 405\r\n");
});

test("an upload that stops is given up after five seconds and leaves no file", async () => {
	const bench = await online();
	bench.give('AT+QFUPL="b.pem",10,5\r');
	await bench.run(20);
	bench.give("12345");
	await bench.run(5100);
	match(bench.take().toString("latin1"), /CONNECT\r\n\r\nERROR\r\n$/);
	equal(bench.device.files.names.length, 0);
});

test("settings are read back, checked, and gone after a reset", async () => {
	const bench = await online();
	equal(await at(bench, 'AT+QSSLCFG="seclevel",1'), '\r\n+QSSLCFG: "seclevel",1,0\r\n\r\nOK\r\n');
	equal(await at(bench, 'AT+QSSLCFG="seclevel",1,1'), "\r\nOK\r\n");
	equal(await at(bench, 'AT+QSSLCFG="seclevel",1'), '\r\n+QSSLCFG: "seclevel",1,1\r\n\r\nOK\r\n');
	equal(await at(bench, 'AT+QSSLCFG="seclevel",1,3'), "\r\n+CME ERROR: 50\r\n");
	equal(await at(bench, 'AT+QSSLCFG="seclevel",6,1'), "\r\n+CME ERROR: 50\r\n");
	bench.device.reset();
	await bench.run(5000);
	await at(bench, "ATE0");
	equal(await at(bench, 'AT+QSSLCFG="seclevel",1'), '\r\n+QSSLCFG: "seclevel",1,0\r\n\r\nOK\r\n');
});

test("bytes go both ways through TLS, and not one of them in clear", async () => {
	const far = await serve();
	const bench = await prepared({});
	equal(await open(bench, far), "0");
	equal(await at(bench, "AT+QSSLSEND=2,5", 20), "\r\n> ");
	match((await bench.ask("hello", 20)).toString("latin1"), /SEND OK/);
	ok(await bench.scheduler.run(() => far.received === "hello", bench.scheduler.nowUs() + 5e6));
	const long = "w".repeat(100);
	busy();
	far.sockets[0]!.write(long);
	ok(await bench.until('\r\n+QSSLURC: "recv",2\r\n'));
	const head = `\r\n+QSSLRECV: 64\r\n${"w".repeat(64)}\r\n\r\nOK\r\n`;
	equal(await at(bench, "AT+QSSLRECV=2,64"), head);
	equal(
		await at(bench, "AT+QSSLRECV=2,64"),
		`\r\n+QSSLRECV: 36\r\n${"w".repeat(36)}\r\n\r\nOK\r\n`,
	);
	equal(await at(bench, "AT+QSSLRECV=2,64"), "\r\n+QSSLRECV: 0\r\n\r\nOK\r\n");
	match(
		await at(bench, "AT+QSSLSTATE"),
		/\+QSSLSTATE: 2,"SSLClient","localhost",\d+,0,2,1,2,0,"uart1",/,
	);
	let ended = false;
	far.sockets[0]!.on("end", () => (ended = true));
	equal(await at(bench, "AT+QSSLCLOSE=2,3"), "\r\nOK\r\n");
	ok(await bench.scheduler.run(() => ended, bench.scheduler.nowUs() + 5e6));
	ok(transcript.entries.some(({ text }) => text.startsWith("TLS TLSv1.2 TLS_ECDHE_ECDSA_")));
	bench.device.dispose();
	await far.listener.stop();
});

test("an order by close_notify comes after the last data", async () => {
	const far = await serve();
	const bench = await prepared({});
	equal(await open(bench, far), "0");
	busy();
	far.sockets[0]!.end("bye");
	ok(await bench.until('+QSSLURC: "closed",2'));
	match(await at(bench, "AT+QSSLRECV=2,64"), /\+QSSLRECV: 3\r\nbye\r\n/);
	bench.device.dispose();
	await far.listener.stop();
});

test("the server is verified by exactly the file that was uploaded", async () => {
	const other = new Authority("Acquirer CA");
	equal(await outcome({}), "0");
	equal(await outcome({ level: 2 }), "0");
	// The same name, another key.
	equal(await outcome({ pem: other.certPem }), "566");
	equal(await outcome({}, other.issue(["localhost"])), "566");
	equal(await outcome({ pem: "no certificate" }), "566");
	equal(await outcome({ pem: other.certPem + authority.certPem }), "0");
	equal(await outcome({ level: 0, pem: other.certPem }), "0");
});

test("without the file nothing is opened at level 1", async () => {
	const far = await serve();
	const bench = await prepared({ more: { cacert: '"UFS:none.pem"' } });
	equal(await open(bench, far), "566");
	bench.device.dispose();
	await far.listener.stop();
});

test("a certificate of the server itself is a pin as well, if it is the right one", async () => {
	equal(await outcome({ pem: good.certPem }), "0");
	equal(await outcome({ pem: authority.issue(["localhost"]).certPem }), "566");
});

test("dates count by the modem's clock, when they are to count", async () => {
	const expired = authority.issue(["localhost"], { from: year(2020), to: year(2025) });
	const early = authority.issue(["localhost"], { from: year(2030), to: year(2040) });
	for (const identity of [expired, early]) {
		equal(await outcome({}, identity), "0");
		equal(await outcome({ more: { ignorelocaltime: "0" } }, identity), "566");
	}
	equal(await outcome({ more: { ignorelocaltime: "0" } }), "0");
});

test("the host name counts when it is to be checked", async () => {
	const elsewhere = authority.issue(["elsewhere.example"]);
	equal(await outcome({}, elsewhere), "0");
	equal(await outcome({ more: { checkhost: "1", sni: "1" } }, elsewhere), "566");
	equal(await outcome({ more: { checkhost: "1", sni: "1" } }), "0");
	equal(await outcome({ more: { checkhost: "1" }, host: "127.0.0.1" }), "0");
});

test("a version that the server does not speak is no connection", async () => {
	equal(await outcome({ version: 1 }), "566");
});

test("a server that says nothing is given up after the negotiation time", async () => {
	const far = await serve();
	far.listener.setFault("stall");
	const bench = await prepared({ more: { negotiatetime: "15" } });
	const startUs = bench.scheduler.nowUs();
	equal(await open(bench, far), "569");
	const tookMs = (bench.scheduler.nowUs() - startUs) / 1000;
	ok(tookMs > 14_900 && tookMs < 16_000, `${tookMs} ms`);
	bench.device.dispose();
	await far.listener.stop();
});

test("a server that resets in the handshake, and one that later does, end the socket", async () => {
	const far = await serve();
	const bench = await prepared({});
	far.listener.setFault("reset");
	equal(await open(bench, far), "566");
	await at(bench, "AT+QSSLCLOSE=2,3");
	far.listener.setFault("none");
	equal(await open(bench, far), "0");
	far.listener.kill();
	ok(await bench.until('+QSSLURC: "closed",2'));
	bench.device.dispose();
	await far.listener.stop();
});

test("the end of the data connection ends TLS sockets too", async () => {
	const far = await serve();
	const bench = await prepared({});
	equal(await open(bench, far), "0");
	equal(bench.device.openSockets, 1);
	bench.device.dropContext();
	equal(bench.device.openSockets, 0);
	await far.listener.stop();
});

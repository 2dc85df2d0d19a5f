import { deepEqual, equal, ok } from "node:assert/strict";
import { createServer } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";
import { test } from "node:test";
import { ModemDevice } from "../../simulator/bench/peripheral/modem";
import { Bench } from "./peripheral-support";

type ModemBench = Bench<ModemDevice>;

/** A server that remembers what it got; `onData` may answer. */
class Far {
	readonly server: Server;
	readonly sockets: Socket[] = [];
	received = "";
	closed = 0;

	constructor(onData: (socket: Socket, bytes: Buffer) => void = () => undefined) {
		this.server = createServer((socket) => {
			this.sockets.push(socket);
			socket.on("data", (bytes) => {
				this.received += bytes.toString("latin1");
				onData(socket, bytes);
			});
			socket.on("close", () => this.closed++);
			socket.on("error", () => undefined);
		});
	}

	async listen(): Promise<number> {
		await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", () => resolve()));
		return (this.server.address() as AddressInfo).port;
	}

	stop(): void {
		for (const socket of this.sockets) socket.destroy();
		this.server.close();
	}
}

async function makeModem(): Promise<ModemBench> {
	const bench = new Bench(new ModemDevice());
	await bench.boot(5000);
	bench.take();
	return bench;
}

async function at(bench: ModemBench, line: string, milliseconds = 400): Promise<string> {
	return (await bench.ask(`${line}\r`, milliseconds)).toString("latin1");
}

/** Echo off, URCs to the UART, context active. */
async function online(): Promise<ModemBench> {
	const bench = await makeModem();
	await at(bench, "ATE0");
	for (const line of ['AT+QURCCFG="urcport","uart1"', "AT+CMEE=1", "AT+CEREG=1"])
		equal(await at(bench, line), "\r\nOK\r\n");
	equal(await at(bench, "AT+QIACT=1"), "\r\nOK\r\n");
	return bench;
}

/** Opens socket 0 to a far end and runs `body`, then tidies up. */
async function connected(
	body: (bench: ModemBench, far: Far) => Promise<void>,
	onData?: (socket: Socket, bytes: Buffer) => void,
): Promise<void> {
	const far = new Far(onData);
	const port = await far.listen();
	const bench = await online();
	try {
		bench.give(`AT+QIOPEN=1,0,"TCP","127.0.0.1",${port},0,0\r`);
		ok(await bench.until("+QIOPEN: 0,0\r\n"));
		equal(bench.take().toString("latin1"), "\r\nOK\r\n\r\n+QIOPEN: 0,0\r\n");
		await body(bench, far);
	} finally {
		bench.device.dispose();
		far.stop();
	}
}

async function send(bench: ModemBench, data: string): Promise<string> {
	equal(await at(bench, `AT+QISEND=0,${data.length}`, 20), "\r\n> ");
	return (await bench.ask(data, 20)).toString("latin1");
}

/** Waits in virtual time until `condition` holds. */
async function eventually(bench: ModemBench, condition: () => boolean): Promise<void> {
	ok(await bench.scheduler.run(condition, bench.scheduler.nowUs() + 10_000_000));
}

test("after power-on it is deaf, says RDY after 1.2 s and then registers", async () => {
	const bench = new Bench(new ModemDevice());
	await bench.boot(1190);
	bench.give("AT\r");
	equal(bench.take().length, 0);
	ok(await bench.until("\r\nRDY\r\n", 20));
	await at(bench, "AT+CMEE=1", 20);
	equal(await at(bench, "AT+CPIN?", 20), "AT+CPIN?\r\r\n+CME ERROR: 14\r\n");
	await bench.run(2500);
	ok((await at(bench, "AT+CPIN?")).includes("+CPIN: READY"));
	ok((await at(bench, "AT+CEREG?")).includes("+CEREG: 0,1"));
});

test("echo, verbose answers, error forms and several commands in a line", async () => {
	const bench = await makeModem();
	equal(await at(bench, "AT"), "AT\r\r\nOK\r\n");
	equal(await at(bench, "ATE0V1"), "ATE0V1\r\r\nOK\r\n");
	equal(await at(bench, "AT+NONSENSE"), "\r\nERROR\r\n");
	equal(await at(bench, "AT+IPR=9600"), "\r\nERROR\r\n");
	await at(bench, "AT+CMEE=2");
	equal(await at(bench, "AT+IPR=9600"), "\r\n+CME ERROR: operation not supported\r\n");
	equal(await at(bench, "AT+CSQ;+CGMM"), "\r\n+CSQ: 24,99\r\n\r\nEC200U\r\n\r\nOK\r\n");
	equal(await at(bench, "at+csq"), "\r\n+CSQ: 24,99\r\n\r\nOK\r\n");
	equal(await at(bench, "\x00\xff\x80AT"), "\r\nOK\r\n");
	equal(await at(bench, "ATV0"), "0\r");
});

test("the clock gives local time with its zone once the network was seen", async () => {
	const bench = await makeModem();
	await at(bench, "ATE0");
	equal(await at(bench, "AT+CCLK?", 10), '\r\n+CCLK: "26/01/05,08:00:05+32"\r\n\r\nOK\r\n');
	bench.device.cut();
	bench.device.power(false);
	await bench.boot(3000);
	bench.take();
	ok((await at(bench, "AT+CCLK?")).includes('"80/01/06,00:00:01+00"'));
});

test("unsolicited codes stay away from the UART until their port is set, over resets too", async () => {
	const bench = await makeModem();
	await at(bench, "AT+CEREG=1");
	bench.device.cut();
	await bench.run(100);
	equal(bench.take().length, 0);
	bench.device.restore();
	await at(bench, 'AT+QURCCFG="urcport","uart1"', 3000);
	bench.device.reset();
	await bench.run(5000);
	bench.take();
	await at(bench, "AT+CEREG=1");
	bench.device.cut();
	await bench.run(100);
	equal(bench.take().toString("latin1"), "\r\n+CEREG: 2\r\n");
});

test("bytes go out as they are and come back through the buffer", async () => {
	const payload = '\r\nOK\r\n> +QIURC: "closed",0\r\n\x1a\x1b\x00\xff';
	await connected(
		async (bench, far) => {
			await at(bench, "AT+QISDE=0");
			equal(await at(bench, `AT+QISEND=0,${payload.length}`, 20), "\r\n> ");
			bench.give(payload);
			ok(await bench.until('recv",0\r\n'));
			equal(bench.take().toString("latin1"), '\r\nSEND OK\r\n\r\n+QIURC: "recv",0\r\n');
			equal(far.received, payload);
			equal(
				await at(bench, "AT+QIRD=0,0"),
				`\r\n+QIRD: ${payload.length},0,${payload.length}\r\n\r\nOK\r\n`,
			);
			equal(await at(bench, "AT+QIRD=0,6"), `\r\n+QIRD: 6\r\n${payload.slice(0, 6)}\r\n\r\nOK\r\n`);
			const rest = payload.slice(6);
			equal(
				await at(bench, "AT+QIRD=0,1500"),
				`\r\n+QIRD: ${rest.length}\r\n${rest}\r\n\r\nOK\r\n`,
			);
			equal(await at(bench, "AT+QIRD=0,1500"), "\r\n+QIRD: 0\r\n\r\nOK\r\n");
			equal(
				await at(bench, "AT+QISEND=0,0"),
				`\r\n+QISEND: ${payload.length},${payload.length},0\r\n\r\nOK\r\n`,
			);
		},
		(socket, bytes) => socket.write(bytes),
	);
});

test("data are announced once until the buffer is read empty", async () => {
	await connected(async (bench, far) => {
		await eventually(bench, () => far.sockets.length === 1);
		far.sockets[0]!.write("one");
		ok(await bench.until('"recv",0'));
		bench.take();
		far.sockets[0]!.write("two");
		await bench.run(500);
		equal(bench.take().length, 0);
		ok((await at(bench, "AT+QIRD=0,1500")).includes("onetwo"));
		far.sockets[0]!.write("three");
		ok(await bench.until('"recv",0'));
	});
});

test("more than the buffer holds waits outside and nothing is lost", async () => {
	await connected(async (bench, far) => {
		await eventually(bench, () => far.sockets.length === 1);
		const sent = Buffer.alloc(50_000, "0123456789abc");
		far.sockets[0]!.end(sent);
		ok(await bench.until('"recv",0'));
		await bench.run(500);
		let got = "";
		let said = "";
		for (let i = 0; i < 100 && got.length < sent.length; i++) {
			const answer = await at(bench, "AT+QIRD=0,1500", 30);
			said += answer;
			const found = /\+QIRD: (\d+)\r\n/.exec(answer);
			if (found !== null) {
				const start = found.index + found[0].length;
				got += answer.slice(start, start + Number(found[1]));
			}
		}
		equal(got, sent.toString("latin1"));
		ok(said.includes('"closed",0') || (await bench.until('"closed",0')));
	});
});

test("the far end's close comes after its data, and the id is free after QICLOSE", async () => {
	await connected(async (bench, far) => {
		await eventually(bench, () => far.sockets.length === 1);
		far.sockets[0]!.end("bye");
		ok(await bench.until('"closed",0'));
		equal(bench.take().toString("latin1"), '\r\n+QIURC: "recv",0\r\n\r\n+QIURC: "closed",0\r\n');
		equal(await at(bench, "AT+QISEND=0,3", 20), "\r\nERROR\r\n");
		ok((await at(bench, "AT+QIRD=0,1500")).includes("bye"));
		const { port } = far.server.address() as AddressInfo;
		const open = `AT+QIOPEN=1,0,"TCP","127.0.0.1",${port},0,0`;
		equal(await at(bench, open), "\r\nOK\r\n\r\n+QIOPEN: 0,563\r\n");
		equal(await at(bench, "AT+QICLOSE=0"), "\r\nOK\r\n");
		bench.give(`${open}\r`);
		ok(await bench.until("+QIOPEN: 0,0"));
	});
});

test("QICLOSE still delivers what was sent before", async () => {
	await connected(async (bench, far) => {
		bench.device.setLatencyMs(300);
		await send(bench, "last words");
		await at(bench, "AT+QICLOSE=0");
		await eventually(bench, () => far.closed === 1);
		equal(far.received, "last words");
	});
});

test("a port where nobody listens gives 566, no context ERROR, a wrong form a CME error", async () => {
	const far = new Far();
	const port = await far.listen();
	far.stop();
	const bench = await online();
	bench.give(`AT+QIOPEN=1,3,"TCP","127.0.0.1",${port},0,0\r`);
	ok(await bench.until("+QIOPEN: 3,566\r\n"));
	ok((await at(bench, "AT+QIGETERROR")).includes("+QIGETERROR: 566,"));
	equal(await at(bench, 'AT+QIOPEN=1,0,"TCP","h",99999'), "\r\n+CME ERROR: 50\r\n");
	await at(bench, "AT+QIDEACT=1");
	equal(await at(bench, `AT+QIOPEN=1,0,"TCP","127.0.0.1",${port}`), "\r\nERROR\r\n");
});

test("no network: deregistered, context lost, and back after the restoration", async () => {
	await connected(async (bench, far) => {
		bench.device.cut();
		await bench.run(10);
		equal(bench.take().toString("latin1"), '\r\n+CEREG: 2\r\n\r\n+QIURC: "pdpdeact",1\r\n');
		await eventually(bench, () => far.closed === 1);
		equal(await at(bench, "AT+QISEND=0,3"), "\r\nERROR\r\n");
		equal(await at(bench, "AT+QIACT=1"), "\r\nERROR\r\n");
		bench.device.restore();
		ok(await bench.until("+CEREG: 1"));
		equal(await at(bench, "AT+QIACT=1"), "\r\nOK\r\n");
	});
});

test("in a black hole bytes vanish, the socket stays, and it is reset at the end", async () => {
	await connected(async (bench, far) => {
		await eventually(bench, () => far.sockets.length === 1);
		bench.device.blackhole(true);
		equal(await send(bench, "hello"), "\r\nSEND OK\r\n");
		far.sockets[0]!.write("unheard");
		await bench.run(5000);
		equal(far.received, "");
		equal(bench.take().length, 0);
		ok((await at(bench, "AT+QISEND=0,0")).includes("+QISEND: 5,0,5"));
		ok((await at(bench, "AT+QISTATE=1,0")).includes(",2,1,0,0"));
		bench.device.blackhole(false);
		ok(await bench.until('"closed",0'));
		await eventually(bench, () => far.closed === 1);
		equal(far.received, "");
	});
});

test("after a stall everything arrives, late and in order", async () => {
	await connected(
		async (bench, far) => {
			bench.device.stall(true);
			await send(bench, "one");
			await send(bench, "two");
			await bench.run(20_000);
			equal(far.received, "");
			bench.device.stall(false);
			ok(await bench.until('"recv",0'));
			await bench.run(100);
			equal(far.received, "onetwo");
			ok((await at(bench, "AT+QIRD=0,1500")).includes("onetwo"));
		},
		(socket, bytes) => socket.write(bytes),
	);
});

test("a stall that becomes a black hole loses what waited", async () => {
	await connected(async (bench, far) => {
		bench.device.stall(true);
		await send(bench, "one");
		await bench.run(1000);
		bench.device.blackhole(true);
		await bench.run(1000);
		bench.device.blackhole(false);
		ok(await bench.until('"closed",0'));
		equal(far.received, "");
	});
});

test("a connection that is closed in a black hole is not heard of until its end", async () => {
	await connected(async (bench, far) => {
		bench.device.blackhole(true);
		equal(await at(bench, "AT+QICLOSE=0"), "\r\nOK\r\n");
		await bench.run(5000);
		equal(far.closed, 0);
		bench.device.blackhole(false);
		await eventually(bench, () => far.closed === 1);
	});
});

test("connecting through a black hole times out with 569 after 75 s", async () => {
	const bench = await online();
	bench.device.blackhole(true);
	bench.give('AT+QIOPEN=1,0,"TCP","127.0.0.1",9,0,0\r');
	ok(!(await bench.until("+QIOPEN", 74_000)));
	ok(await bench.until("+QIOPEN: 0,569", 2000));
});

test("latency is virtual time, one way each", async () => {
	await connected(
		async (bench) => {
			bench.device.setLatencyMs(400);
			const startUs = bench.scheduler.nowUs();
			await send(bench, "ping");
			ok(await bench.until('"recv",0'));
			const roundMs = (bench.scheduler.nowUs() - startUs) / 1000;
			ok(roundMs >= 800 && roundMs < 1100, String(roundMs));
		},
		(socket, bytes) => socket.write(bytes),
	);
});

test("no URC comes between prompt and SEND OK", async () => {
	await connected(async (bench) => {
		equal(await at(bench, "AT+QISEND=0,2", 20), "\r\n> ");
		bench.device.removeSim();
		await bench.run(100);
		equal(bench.take().length, 0);
		const answer = (await bench.ask("ab", 20)).toString("latin1");
		ok(answer.startsWith("\r\nERROR\r\n\r\n+CPIN: NOT READY\r\n"), JSON.stringify(answer));
	});
});

test("a prompt without data ends after five seconds", async () => {
	await connected(async (bench) => {
		equal(await at(bench, "AT+QISEND=0,10", 4900), "\r\n> ");
		await bench.run(200);
		equal(bench.take().toString("latin1"), "\r\nERROR\r\n");
		equal(await at(bench, "AT"), "\r\nOK\r\n");
	});
});

test("SIM out is told, and after it is back the modem registers again", async () => {
	const bench = await online();
	bench.device.removeSim();
	await bench.run(10);
	const told = bench.take().toString("latin1");
	equal(told, '\r\n+CPIN: NOT READY\r\n\r\n+CEREG: 0\r\n\r\n+QIURC: "pdpdeact",1\r\n');
	equal(await at(bench, "AT+CPIN?"), "\r\n+CME ERROR: 10\r\n");
	bench.device.insertSim();
	ok(await bench.until("+CEREG: 1"));
});

test("faults hit one command each", async () => {
	await connected(async (bench) => {
		bench.device.failNext("drop-prompt");
		equal(await at(bench, "AT+QISEND=0,4"), "");
		bench.device.failNext("send-fail");
		await at(bench, "AT+QISDE=0");
		equal(await send(bench, "abcd"), "\r\nSEND FAIL\r\n");
		bench.device.failNext("error");
		equal(await at(bench, "AT+CSQ"), "\r\nERROR\r\n");
		bench.device.failNext("no-answer");
		equal(await at(bench, "AT+CSQ"), "");
		bench.device.failNext("late");
		equal(await at(bench, "AT", 11_000), "");
		await bench.run(1100);
		equal(bench.take().toString("latin1"), "\r\nOK\r\n");
		bench.device.setSilent(true);
		equal(await at(bench, "AT"), "");
		bench.device.setSilent(false);
		equal(await at(bench, "AT"), "\r\nOK\r\n");
	});
});

test("a reset in the middle of a read ends in RDY with no sockets", async () => {
	await connected(async (bench, far) => {
		await eventually(bench, () => far.sockets.length === 1);
		far.sockets[0]!.write("0123456789");
		ok(await bench.until('"recv",0'));
		bench.take();
		bench.device.failNext("reset-in-read");
		bench.give("AT+QIRD=0,1500\r");
		ok(await bench.until("RDY"));
		const text = bench.take().toString("latin1");
		ok(text.startsWith("\r\n+QIRD: 10\r\n01234\r\nRDY"), JSON.stringify(text));
		equal(bench.device.openSockets, 0);
		await eventually(bench, () => far.closed === 1);
	});
});

test("power loss destroys the sockets", async () => {
	await connected(async (bench, far) => {
		await eventually(bench, () => far.sockets.length === 1);
		bench.device.power(false);
		await eventually(bench, () => far.closed === 1);
		equal(bench.device.openSockets, 0);
	});
});

test("any bytes at all do no harm", async () => {
	const bench = await makeModem();
	let seed = 3;
	for (let i = 0; i < 300; i++) {
		const bytes = Buffer.alloc(40);
		for (let j = 0; j < 40; j++) bytes[j] = (seed = (seed * 1103515245 + 12345) & 0x7fffffff) >> 16;
		bench.give(Buffer.concat([Buffer.from(i % 3 === 0 ? "AT+QI" : ""), bytes, Buffer.from("\r")]));
		await bench.run(5);
	}
	await bench.run(1000);
	bench.give("\r");
	deepEqual((await at(bench, "ATE0")).slice(-6), "\r\nOK\r\n");
});

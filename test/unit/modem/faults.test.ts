/** Faults that were reported for modem drivers in the field, one test each. */
import { LogCode } from "core/log";
import { equal, ok, test } from "test/harness";
import {
	ERROR,
	OK,
	block,
	bringUp,
	bytes,
	check,
	empty,
	inStep,
	info,
	openBench,
	openSocket,
	openStep,
	sendSteps,
	upBench,
	type Step,
} from "./fixture";

const recv = '\r\n+QIURC: "recv",0\r\n';
const contextThere: Step = ["AT+QIACT?\r", info('+QIACT: 1,1,1,"10.0.0.7"')];
/** After the line was out of step: is the connection there, has the socket got anything? */
const afterRecovery: readonly Step[] = [contextThere, ["AT+QIRD=0,0\r", info("+QIRD: 0,0,0")]];

test("report between a command and its reply is neither lost nor taken for the reply", () => {
	const bench = openBench();
	bench.line.expect(
		["AT+QISEND=0,2\r", `${recv}\r\n> `],
		["hi", `\r\n+CEREG: 1\r\n${recv}\r\nSEND OK\r\n`],
		["AT+QIRD=0,64\r", `\r\n+QIURC: "dnsgip",0,1,600\r\n${block("data")}`],
		["AT+QIRD=0,64\r", `${recv}${empty}`],
		["AT+QIRD=0,64\r", empty],
	);
	bench.heard.socket.write(bytes("hi"));
	bench.time.run(200);
	check(bench);
	equal([bench.heard.received, bench.heard.errors], ["data", 0]);
});

test("report between the echo and the prompt is understood", () => {
	const bench = openBench();
	bench.line.expect(
		["AT+QISEND=0,2\r", `\r\n+QIND: "csq",20,99\r\n\r\n> `],
		["hi", "\r\nSEND OK\r\n"],
	);
	bench.heard.socket.write(bytes("hi"));
	bench.time.run(200);
	check(bench);
});

test("reports that look like the pending command's reply but concern another socket are passed on", () => {
	const bench = openBench();
	const second = openSocket(bench.modem.Socket);
	bench.line.expect(openStep(1));
	bench.time.run(100);
	bench.line.expect(
		["AT+QIRD=0,64\r", `\r\n+QIURC: "closed",1\r\n${block("zero")}`],
		["AT+QIRD=1,64\r", empty],
		["AT+QIRD=0,64\r", empty],
		["AT+QICLOSE=1,3\r", OK],
	);
	bench.line.send(recv);
	bench.time.run(200);
	check(bench);
	equal([bench.heard.received, second.errors, bench.heard.errors], ["zero", 1, 0]);
});

test("without a prompt no payload leaves, and the bytes go again when the line is in step", () => {
	const bench = openBench();
	bench.line.expect(["AT+QISEND=0,10\r", ""]);
	bench.heard.socket.write(bytes("AT+CFUN=0\r"));
	bench.time.run(8_900);
	// Not one byte while the module may still wait for payload.
	check(bench);
	bench.line.expect(...inStep, contextThere, ...sendSteps(0, "AT+CFUN=0\r"), afterRecovery[1]!);
	bench.time.run(2_000);
	check(bench);
	equal([bench.heard.errors, bench.modem.counters.missingPrompts], [0, 1]);
	equal(bench.line.written.split("AT+CFUN=0").length, 2);
});

test("prompt that comes late still keeps everything back", () => {
	const bench = openBench();
	bench.line.expect(["AT+QISEND=0,2\r", ""]);
	bench.heard.socket.write(bytes("hi"));
	bench.time.run(8_000);
	bench.line.send("\r\n> ");
	bench.time.run(5_900);
	check(bench);
	bench.line.expect(...inStep, contextThere, ...sendSteps(0, "hi"), afterRecovery[1]!);
	bench.time.run(2_000);
	check(bench);
	equal(bench.heard.errors, 0);
});

test("second missing prompt in a row ends the socket", () => {
	const bench = openBench();
	bench.line.expect(
		["AT+QISEND=0,2\r", ""],
		...inStep,
		contextThere,
		["AT+QISEND=0,2\r", ""],
		...inStep,
		contextThere,
		["AT+QICLOSE=0,3\r", OK],
	);
	bench.heard.socket.write(bytes("hi"));
	bench.time.run(20_000);
	check(bench);
	equal(bench.heard.errors, 1);
});

test("final result instead of a prompt: no payload", () => {
	const bench = openBench();
	bench.line.expect(["AT+QISEND=0,2\r", "\r\n+CME ERROR: 4\r\n"], ["AT+QICLOSE=0,3\r", OK]);
	bench.heard.socket.write(bytes("hi"));
	bench.time.run(200);
	check(bench);
	equal(bench.heard.errors, 1);
});

test("SEND OK or OK before the payload was sent belongs to somebody else", () => {
	const bench = openBench();
	bench.line.expect(
		["AT+QISEND=0,2\r", `\r\nSEND OK\r\n${OK}\r\n> `],
		["hi", `${OK}\r\nSEND OK\r\n`],
	);
	bench.heard.socket.write(bytes("hi"));
	bench.time.run(200);
	check(bench);
	equal([bench.heard.errors, bench.heard.opened], [0, 2]);
	equal(bench.modem.counters.strayFinals, 3);
});

test("late SEND OK after SEND FAIL is not taken for that of the next try", () => {
	const bench = openBench();
	bench.line.expect(...sendSteps(0, "hi", "\r\nSEND FAIL\r\n\r\nSEND OK\r\n"));
	bench.heard.socket.write(bytes("hi"));
	bench.time.run(300);
	check(bench);
	equal(bench.heard.opened, 1);
	bench.line.expect(...sendSteps(0, "hi"));
	bench.time.run(500);
	check(bench);
	equal(bench.heard.opened, 2);
});

test("reply that comes after its deadline is not taken for that of the next command", () => {
	const bench = upBench();
	const { line, time } = bench;
	line.expect(
		["AT+CSQ\r", ""],
		// The modem was busy: it answers the old question first, then the call.
		["AT\r", `${info("+CSQ: 5,99")}${OK}`],
		["AT+CSQ\r", info("+CSQ: 21,99")],
		contextThere,
	);
	time.run(30_000 + 5_000 + 2_000);
	check(bench);
	equal(bench.modem.counters.timeouts, 1);
	const heard = openSocket(bench.modem.Socket);
	line.expect(openStep(0));
	time.run(100);
	check(bench);
	equal([heard.opened, heard.errors], [1, 0]);
});

test("final that follows a good probe shows that the line is not in step yet", () => {
	const bench = upBench();
	bench.line.expect(
		["AT+CSQ\r", ""],
		["AT\r", OK],
		["AT+CSQ\r", `${info("+CSQ: 5,99")}${OK}`],
		...inStep,
		contextThere,
	);
	bench.time.run(38_000);
	check(bench);
	ok(bench.modem.up);
});

test("payload may contain anything that the modem itself says", () => {
	const bench = openBench();
	const evil = `\r\n> \r\nSEND OK\r\n\r\nOK\r\n\r\nERROR\r\n\r\n+QIURC: "closed",0\r\n\r\nRDY\r\n+QIRD: 99\r\n`;
	bench.line.expect(
		["AT+QIRD=0,64\r", block(evil.slice(0, 64))],
		["AT+QIRD=0,64\r", block(evil.slice(64))],
		["AT+QIRD=0,64\r", block("\r\n\r\nOK\r\n")],
		["AT+QIRD=0,64\r", empty],
	);
	bench.line.send(recv);
	bench.time.run(200);
	check(bench);
	equal([bench.heard.received, bench.heard.errors], [`${evil}\r\n\r\nOK\r\n`, 0]);
	bench.line.expect(...sendSteps(0, evil));
	bench.heard.socket.write(bytes(evil));
	bench.time.run(200);
	check(bench);
	ok(bench.modem.up);
});

test("every number of lost payload bytes is found, and nothing of the block is delivered", () => {
	const payload = "0123456789".repeat(4);
	for (let lost = 1; lost <= 24; lost++) {
		const bench = openBench();
		const reply = `\r\n+QIRD: 40\r\n${payload.slice(lost)}\r\n${OK}${recv}${recv}`;
		bench.line.expect(["AT+QIRD=0,64\r", reply]);
		bench.line.send(recv);
		bench.line.expect(...inStep, contextThere, ["AT+QICLOSE=0,3\r", OK]);
		bench.time.run(6_000);
		check(bench);
		equal([bench.heard.received, bench.heard.errors], ["", 1], `${lost} lost`);
		ok(bench.modem.up);
	}
});

test("rest of a block whose header got lost is not believed", () => {
	const bench = openBench();
	const evil = `\r\nRDY\r\n\r\n+QIURC: "pdpdeact",1\r\n\r\n+CPIN: NOT READY\r\n`;
	bench.line.expect(
		["AT+QIRD=0,64\r", `\r\n+QIRD: 9\r\n${evil}\r\n${OK}`],
		...inStep,
		contextThere,
		["AT+QICLOSE=0,3\r", OK],
	);
	bench.line.send(recv);
	bench.time.run(2_000);
	check(bench);
	ok(bench.modem.up);
	equal([bench.heard.errors, bench.modem.counters.unexpectedResets], [1, 0]);
});

test("nothing is said while the rest of a lost block still comes", () => {
	const bench = openBench();
	bench.line.expect(["AT+QIRD=0,64\r", "\r\n+QIRD: 9999\r\nxxxx"]);
	bench.line.send(recv);
	for (let i = 0; i < 20; i++) {
		bench.time.run(100);
		bench.line.send("\r\nOK\r\n");
	}
	check(bench);
	bench.line.expect(...inStep, contextThere, ["AT+QICLOSE=0,3\r", OK]);
	bench.time.run(2_000);
	check(bench);
	equal(bench.heard.errors, 1);
});

test("block that never gets complete ends its socket and no other", () => {
	const bench = openBench();
	const second = openSocket(bench.modem.Socket);
	bench.line.expect(openStep(1));
	bench.time.run(100);
	bench.line.expect(
		["AT+QIRD=0,64\r", "\r\n+QIRD: 512\r\nonly this"],
		...inStep,
		contextThere,
		["AT+QIRD=1,0\r", info("+QIRD: 0,0,0")],
		["AT+QICLOSE=0,3\r", OK],
	);
	bench.line.send(recv);
	bench.time.run(4_800);
	check(bench);
	equal([bench.heard.errors, second.errors, bench.heard.received], [1, 0, ""]);
});

test("lying lengths end the socket and nothing else", () => {
	for (const length of ["-1", "2147483647", "513", "1e2", "", "9999999999999", "0x10", "7,7"]) {
		const bench = openBench();
		bench.line.expect(
			["AT+QIRD=0,64\r", `\r\n+QIRD: ${length}\r\nabc\r\n${OK}`],
			...inStep,
			contextThere,
			["AT+QICLOSE=0,3\r", OK],
		);
		bench.line.send(recv);
		bench.time.run(2_000);
		check(bench);
		equal([bench.heard.errors, bench.heard.received], [1, ""], length);
		ok(bench.modem.up);
	}
});

test("length 0 means empty", () => {
	const bench = openBench();
	bench.line.expect(["AT+QIRD=0,64\r", empty]);
	bench.line.send(recv);
	bench.time.run(200);
	check(bench);
	equal(bench.heard.errors, 0);
});

test("reports with lying numbers do nothing", () => {
	const bench = openBench();
	for (const report of [
		'+QIURC: "recv",-1',
		'+QIURC: "recv",2147483647',
		'+QIURC: "recv",',
		'+QIURC: "closed",5',
		'+QIURC: "closed",x',
		"+QIOPEN: 0,0",
		"+QIOPEN: 3,0",
		"+QIOPEN:",
		"+CEREG:",
		"+CEREG: 99999999999",
		"+CPIN:",
		'+QIURC: "recv"',
	])
		bench.line.send(`\r\n${report}\r\n`);
	bench.time.run(1_000);
	check(bench);
	ok(bench.modem.up);
	equal([bench.heard.errors, bench.heard.opened], [0, 1]);
});

test("restart in the middle of a block is survived", () => {
	const bench = openBench();
	bench.line.expect(
		["AT+QIRD=0,64\r", "\r\n+QIRD: 300\r\nabc\r\nRDY\r\n\r\n+CFUN: 1\r\n"],
		// The module has forgotten ATE0: its echo gives it away.
		["AT\r", `AT\r${OK}`],
		...bringUp.slice(1),
	);
	bench.line.send(recv);
	bench.time.run(8_000);
	check(bench);
	equal(
		[bench.heard.errors, bench.heard.received, bench.modem.counters.unexpectedResets],
		[1, "", 1],
	);
	ok(bench.modem.up);
});

test("restart in the middle of a block without echo is found by the missing connection", () => {
	const bench = openBench();
	bench.line.expect(
		["AT+QIRD=0,64\r", "\r\n+QIRD: 300\r\nabc\r\nRDY\r\n"],
		...inStep,
		["AT+QIACT?\r", OK],
		["AT+QIDEACT=1\r", OK],
		...bringUp.slice(-7),
	);
	bench.line.send(recv);
	bench.time.run(6_000);
	check(bench);
	equal(bench.heard.errors, 1);
	ok(bench.modem.up);
});

test("closed with data pending: every byte comes before the end", () => {
	const bench = openBench();
	const first = "a".repeat(64);
	bench.line.expect(
		["AT+QIRD=0,64\r", `\r\n+QIURC: "closed",0\r\n${block(first)}`],
		["AT+QIRD=0,64\r", block("end")],
		["AT+QIRD=0,64\r", empty],
		["AT+QICLOSE=0,3\r", OK],
	);
	bench.line.send(recv);
	bench.time.run(200);
	check(bench);
	equal([bench.heard.received, bench.heard.errors], [`${first}end`, 1]);
});

test("module that closed the socket before the read answers ERROR, and nothing waits for ever", () => {
	const bench = openBench();
	bench.line.expect(["AT+QIRD=0,64\r", ERROR], ["AT+QICLOSE=0,3\r", ERROR]);
	bench.line.send(recv);
	bench.time.run(200);
	check(bench);
	equal(bench.heard.errors, 1);
});

test("whole life in pieces of one byte", () => {
	const bench = openBench();
	bench.line.pieceBytes = 1;
	bench.line.expect(
		...sendSteps(0, "ping"),
		["AT+QIRD=0,64\r", block("\r\nOK\r\n> ")],
		["AT+QIRD=0,64\r", empty],
		["AT+QICLOSE=0,3\r", OK],
	);
	bench.heard.socket.write(bytes("ping"));
	bench.time.run(50);
	bench.line.send(recv);
	bench.time.run(50);
	bench.heard.socket.close();
	bench.time.run(50);
	check(bench);
	equal(bench.heard.received, "\r\nOK\r\n> ");
});

test("SEND OK that is lost leaves the fate of the bytes open: the socket ends", () => {
	const bench = openBench();
	bench.line.expect(...sendSteps(0, "money", "\r\nSEN"), ...inStep, contextThere, [
		"AT+QICLOSE=0,3\r",
		OK,
	]);
	bench.heard.socket.write(bytes("money"));
	bench.time.run(13_000);
	check(bench);
	equal(bench.heard.errors, 1);
	equal(bench.line.written.split("money").length, 2);
});

test("module that goes silent is restarted after its last chances", () => {
	const bench = openBench();
	bench.line.responder = (text) =>
		text.endsWith("AT+CFUN=1,1\r") ? `${OK}\r\nRDY\r\n` : undefined;
	bench.time.run(30_000);
	equal([bench.heard.errors, bench.modem.counters.resets], [1, 1]);
	ok(bench.events.some(({ code, a }) => code === LogCode.ModemReset && a === 1));
});

test("port that takes no more bytes is no disaster", () => {
	const bench = openBench();
	bench.line.blocked = true;
	bench.line.responder = () => undefined;
	bench.heard.socket.write(bytes("x".repeat(2048)));
	bench.time.run(120_000);
	equal([bench.modem.up, bench.heard.errors], [false, 1]);
});

test("line without end is dropped up to the next one", () => {
	const bench = openBench();
	bench.line.expect(["AT+QIRD=0,64\r", empty]);
	bench.line.send(`${"#".repeat(5_000)}\r\n${recv}`);
	bench.time.run(100);
	check(bench);
	equal(bench.modem.counters.overlongLines, 1);
});

test("noise is counted, and logged ever more rarely", () => {
	const bench = upBench();
	for (let i = 0; i < 9; i++) bench.line.send("\r\nOVER-VOLTAGE WARNNING\r\n");
	equal(
		bench.events.filter(({ code }) => code === LogCode.ModemNoise).map(({ a }) => a),
		[1, 2, 4, 8],
	);
	equal(bench.modem.counters.noise, 9);
});

test("random bytes throw nothing, and the modem comes back", () => {
	for (let seed = 1; seed <= 3; seed++) {
		const bench = openBench();
		const { line, time, modem } = bench;
		line.responder = respond;
		let state = seed;
		const random = (below: number): number => {
			state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
			return Math.floor((state / 2 ** 32) * below);
		};
		for (let sent = 0; sent < 10_000;) {
			const piece = new Uint8Array(1 + random(120));
			for (let i = 0; i < piece.length; i++) piece[i] = random(256);
			// Now and then a piece of the modem's own language, cut anywhere.
			if (random(4) === 0) {
				const text = phrases[random(phrases.length)]!;
				piece.set(bytes(text).subarray(0, piece.length));
			}
			line.sendBytes(piece);
			sent += piece.length;
			time.run(random(200));
			if (modem.up && random(10) === 0) openSocket(modem.Socket).socket.close();
		}
		line.send("\r\n");
		// The longest deadline of a command is that of the activation.
		time.run(400_000);
		ok(modem.up, `seed ${seed}: ${modem.stateName}`);
		const heard = openSocket(modem.Socket);
		time.run(20_000);
		equal([heard.opened, heard.errors], [1, 0], `seed ${seed}`);
	}
});

const phrases = [
	"\r\nOK\r\n",
	"\r\nERROR\r\n",
	"\r\nRDY\r\n",
	"\r\n> ",
	"\r\nSEND OK\r\n",
	'\r\n+QIURC: "recv",0\r\n',
	'\r\n+QIURC: "closed",0\r\n',
	'\r\n+QIURC: "pdpdeact",1\r\n',
	"\r\n+QIRD: 100\r\n",
	"\r\n+CPIN: NOT READY\r\n",
	"\r\n+CEREG: 1,1\r\n",
	"\r\n+CSQ: 1,1\r\n",
];

/** A patient modem: any number of commands, one reply to the last of them. */
function respond(text: string): string | undefined {
	if (!text.endsWith("\r")) return text.length > 4_000 ? "" : undefined;
	const command = text.slice(text.lastIndexOf("AT"), -1);
	if (command === "AT+CSQ") return info("+CSQ: 3,99");
	if (command === "AT+CPIN?") return info("+CPIN: READY");
	if (command === "AT+CEREG?") return info("+CEREG: 1,1");
	if (command === "AT+QIACT?") return info('+QIACT: 1,1,1,"10.0.0.7"');
	if (command.startsWith("AT+CCLK")) return info('+CCLK: "26/11/22,10:30:00+32"');
	if (command.startsWith("AT+QIOPEN=1,")) return `${OK}\r\n+QIOPEN: ${command.slice(12, 13)},0\r\n`;
	if (command.endsWith(",0") && command.startsWith("AT+QIRD")) return info("+QIRD: 0,0,0");
	if (command.startsWith("AT+QIRD")) return empty;
	return OK;
}

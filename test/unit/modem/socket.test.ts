import { equal, ok, test, throwsFault } from "test/harness";
import {
	ERROR,
	OK,
	activation,
	block,
	bytes,
	check,
	clock,
	empty,
	info,
	makeBench,
	openBench,
	openSocket,
	openStep,
	searching,
	sendSteps,
	upBench,
} from "./fixture";

test("socket opens, sends, receives and closes", () => {
	const bench = openBench();
	const { line, heard, time } = bench;
	line.expect(...sendSteps(0, "hello"));
	equal(heard.socket.write(bytes("hello")), 2043);
	time.run(100);
	check(bench);
	equal([heard.opened, heard.room], [2, 2048]);
	line.expect(["AT+QIRD=0,64\r", block("welcome")], ["AT+QIRD=0,64\r", empty]);
	line.send('\r\n+QIURC: "recv",0\r\n');
	time.run(100);
	check(bench);
	equal(heard.received, "welcome");
	line.expect(["AT+QICLOSE=0,3\r", OK]);
	heard.socket.close();
	heard.socket.close();
	time.run(100);
	check(bench);
	equal(heard.errors, 0);
});

test("callbacks never come from inside a method", () => {
	const { modem, time } = upBench();
	let inside = true;
	const check = (): void => ok(!inside, "called from inside");
	new modem.Socket({ host: "h", port: 1, onError: check, onWritable: check, onReadable: check });
	inside = false;
	time.run(0);
});

test("socket on a modem that is down fails later, not at once", () => {
	const { modem, time } = makeBench();
	const heard = openSocket(modem.Socket);
	equal(heard.errors, 0);
	throwsFault("io.closed", () => heard.socket.write(bytes("x")));
	time.run(0);
	equal(heard.errors, 1);
});

test("options that could break out of the command are refused", () => {
	const { modem } = upBench();
	for (const host of ["", 'a"b', "a\rAT+CFUN=0", "a,b", "x".repeat(151), "sp ace"])
		throwsFault("io.options", () => new modem.Socket({ host, port: 1 }));
	for (const port of [0, 65_536, 1.5, -1, NaN])
		throwsFault("io.options", () => new modem.Socket({ host: "h", port }));
});

test("six sockets work side by side, the seventh fails", () => {
	const bench = upBench();
	const all = [];
	for (let id = 0; id < 6; id++) {
		bench.line.expect(openStep(id));
		all.push(openSocket(bench.modem.Socket));
	}
	const seventh = openSocket(bench.modem.Socket);
	bench.time.run(100);
	check(bench);
	equal(
		all.map(({ opened, errors }) => [opened, errors]),
		Array.from({ length: 6 }, () => [1, 0]),
	);
	equal(seventh.errors, 1);
	bench.line.expect(...sendSteps(0, "A"), ...sendSteps(3, "B"));
	all[3]!.socket.write(bytes("B"));
	all[0]!.socket.write(bytes("A"));
	bench.time.run(100);
	check(bench);
	bench.line.expect(["AT+QICLOSE=4,3\r", OK], openStep(4));
	all[4]!.socket.close();
	bench.time.run(50);
	const again = openSocket(bench.modem.Socket);
	bench.time.run(100);
	check(bench);
	equal(again.opened, 1);
});

test("open that fails is told and the number is freed", () => {
	const bench = upBench();
	const heard = openSocket(bench.modem.Socket);
	bench.line.expect(
		['AT+QIOPEN=1,0,"TCP","acq.example",8583,0,0\r', `${OK}\r\n+QIOPEN: 0,566\r\n`],
		["AT+QICLOSE=0,3\r", OK],
	);
	bench.time.run(100);
	check(bench);
	equal([heard.opened, heard.errors], [0, 1]);
	equal(bench.modem.counters.openFailures, 1);
});

test("outcome of an open may come before its OK", () => {
	const bench = upBench();
	const heard = openSocket(bench.modem.Socket);
	bench.line.expect(['AT+QIOPEN=1,0,"TCP","acq.example",8583,0,0\r', `\r\n+QIOPEN: 0,0\r\n${OK}`]);
	bench.time.run(100);
	check(bench);
	equal(heard.opened, 1);
});

test("open without outcome is given up after its deadline", () => {
	const bench = upBench();
	const heard = openSocket(bench.modem.Socket);
	bench.line.responder = (text) => {
		if (!text.endsWith("\r")) return undefined;
		if (text.includes("CSQ")) return info("+CSQ: 3,99");
		return text.includes("CEREG?") ? info("+CEREG: 1,1") : OK;
	};
	bench.time.run(140_000);
	equal(heard.errors, 0);
	bench.time.run(15_000);
	equal(heard.errors, 1);
	ok(bench.line.written.includes("AT+QICLOSE=0,3\r"));
});

test("error 552 (data part of the module hangs) restarts the module", () => {
	const bench = makeBench({ resetPin: true });
	bench.line.responder = (text) => {
		if (!text.endsWith("\r")) return undefined;
		if (text.includes("CSQ")) return info("+CSQ: 3,99");
		if (text.includes("CPIN")) return info("+CPIN: READY");
		if (text.includes("QIOPEN")) return `${OK}\r\n+QIOPEN: 0,552\r\n`;
		return text.includes("CEREG?") ? info("+CEREG: 1,1") : OK;
	};
	bench.time.run(8_000);
	ok(bench.modem.up);
	const heard = openSocket(bench.modem.Socket);
	bench.time.run(5_000);
	equal([heard.errors, bench.resets], [1, 1]);
	bench.time.run(10_000);
	ok(bench.modem.up);
});

test("five failed opens in a row make the data connection anew", () => {
	const bench = upBench();
	for (let i = 0; i < 5; i++) {
		bench.line.expect([
			'AT+QIOPEN=1,0,"TCP","acq.example",8583,0,0\r',
			`${OK}\r\n+QIOPEN: 0,569\r\n`,
		]);
		if (i < 4) bench.line.expect(["AT+QICLOSE=0,3\r", OK]);
		else bench.line.expect(["AT+QIDEACT=1\r", OK], ...searching, clock, ...activation);
		openSocket(bench.modem.Socket);
		bench.time.run(200);
	}
	check(bench);
	ok(bench.modem.up);
	equal(bench.modem.counters.resets, 0);
});

test("more than a segment is sent in pieces of 1,460 bytes", () => {
	const bench = openBench();
	const text = "0123456789abcdef".repeat(128);
	bench.line.expect(...sendSteps(0, text.slice(0, 1460)), ...sendSteps(0, text.slice(1460)));
	equal(bench.heard.socket.write(bytes(text)), 0);
	throwsFault("io.busy", () => bench.heard.socket.write(bytes("x")));
	bench.time.run(1_000);
	check(bench);
	equal(bench.heard.room, 2048);
});

test("written array may be used again at once", () => {
	const bench = openBench();
	const array = bytes("first");
	bench.line.expect(...sendSteps(0, "first"));
	bench.heard.socket.write(array);
	array.fill(0x58);
	bench.time.run(100);
	check(bench);
});

test("SEND FAIL takes nothing: the same bytes go again later", () => {
	const bench = openBench();
	bench.line.expect(...sendSteps(0, "money", "\r\nSEND FAIL\r\n"));
	bench.heard.socket.write(bytes("money"));
	bench.time.run(400);
	check(bench);
	bench.line.expect(...sendSteps(0, "money"));
	bench.time.run(400);
	check(bench);
	equal([bench.heard.errors, bench.modem.counters.sendRetries], [0, 1]);
});

test("data that nobody reads stays in the module once the buffer is full", () => {
	const bench = openBench();
	const { heard, line, time } = bench;
	const piece = "x".repeat(64);
	heard.reads = false;
	for (let i = 0; i < 32; i++) line.expect(["AT+QIRD=0,64\r", block(piece)]);
	line.send('\r\n+QIURC: "recv",0\r\n');
	time.run(20_000);
	check(bench);
	equal(heard.socket.read(48)?.length, 48);
	line.expect(["AT+QIRD=0,48\r", block("y".repeat(48))]);
	time.run(100);
	check(bench);
	line.expect(["AT+QIRD=0,64\r", empty]);
	const rest = heard.socket.read();
	equal([rest?.length, rest?.[2047]], [2048, 0x79]);
	equal(heard.socket.read(), undefined);
	time.run(100);
	check(bench);
});

test("reads and sends take turns, so that neither starves", () => {
	const bench = openBench();
	const [first, second] = ["a".repeat(1460), "b".repeat(588)];
	bench.line.expect(
		...sendSteps(0, first),
		["AT+QIRD=0,64\r", block("one")],
		...sendSteps(0, second),
		["AT+QIRD=0,64\r", block("two")],
		["AT+QIRD=0,64\r", empty],
	);
	bench.heard.socket.write(bytes(first + second));
	bench.line.send('\r\n+QIURC: "recv",0\r\n');
	bench.time.run(1_000);
	check(bench);
	equal(bench.heard.received, "onetwo");
});

test("announcement that got lost is made up for by the poll", () => {
	const bench = openBench();
	bench.line.expect(
		["AT+QIRD=0,0\r", info("+QIRD: 7,0,7")],
		["AT+QIRD=0,64\r", block("forgot!")],
		["AT+QIRD=0,64\r", empty],
	);
	bench.time.run(5_200);
	check(bench);
	equal(bench.heard.received, "forgot!");
});

test("peer that closes is told after its last data", () => {
	const bench = openBench();
	const { heard, line, time } = bench;
	line.expect(
		["AT+QIRD=0,64\r", block("last words")],
		["AT+QIRD=0,64\r", empty],
		["AT+QICLOSE=0,3\r", OK],
	);
	line.send('\r\n+QIURC: "recv",0\r\n\r\n+QIURC: "closed",0\r\n');
	time.run(3);
	equal(heard.errors, 0);
	time.run(100);
	check(bench);
	equal([heard.received, heard.errors], ["last words", 1]);
	throwsFault("io.closed", () => heard.socket.write(bytes("x")));
});

test("end waits until the owner has read, but not for ever", () => {
	const bench = openBench();
	const { heard, line, time } = bench;
	heard.reads = false;
	line.expect(
		["AT+QIRD=0,64\r", block("last words")],
		["AT+QIRD=0,64\r", empty],
		["AT+QICLOSE=0,3\r", OK],
	);
	line.send('\r\n+QIURC: "closed",0\r\n');
	time.run(5_000);
	check(bench);
	equal(heard.errors, 0);
	equal(heard.socket.read()?.length, 10);
	time.run(1);
	equal(heard.errors, 1);
});

test("close sends what was written before", () => {
	const bench = openBench();
	bench.line.expect(...sendSteps(0, "goodbye"), ["AT+QICLOSE=0,3\r", OK]);
	bench.heard.socket.write(bytes("goodbye"));
	bench.heard.socket.close();
	bench.time.run(100);
	check(bench);
	throwsFault("io.closed", () => bench.heard.socket.read());
});

test("close of an open in progress is told to the module", () => {
	const bench = upBench();
	const heard = openSocket(bench.modem.Socket);
	bench.line.expect(['AT+QIOPEN=1,0,"TCP","acq.example",8583,0,0\r', OK]);
	bench.time.run(100);
	bench.line.expect(["AT+QICLOSE=0,3\r", `${ERROR}`]);
	heard.socket.close();
	bench.time.run(100);
	check(bench);
	equal([heard.opened, heard.errors], [0, 0]);
});

test("error of a send ends the socket", () => {
	const bench = openBench();
	bench.line.expect(["AT+QISEND=0,1\r", ERROR], ["AT+QICLOSE=0,3\r", OK]);
	bench.heard.socket.write(bytes("x"));
	bench.time.run(100);
	check(bench);
	equal(bench.heard.errors, 1);
});

/** TLS of the module: which commands, in which order, and what is told when it fails. */
import { asciiBytes } from "core/bytes";
import { crc32 } from "core/crc";
import { LogCode } from "core/log";
import { quectel } from "modem/quectel";
import { quectelTls } from "modem/quectel-tls";
import { equal, ok, test, throwsFault } from "test/harness";
import {
	ERROR,
	OK,
	activation,
	bringUp,
	bytes,
	check,
	inStep,
	info,
	makeBench,
	openSocket,
	searching,
	setup,
	simReady,
	upBench,
	type Bench,
	type Heard,
	type Step,
} from "./fixture";

function pem(letter: string, lines: number): string {
	const body = `${letter.repeat(64)}\n`.repeat(lines);
	return `-----BEGIN CERTIFICATE-----\n${body}-----END CERTIFICATE-----\n`;
}

const present = pem("A", 12);
const next = pem("B", 13);
const one = { pins: [present] };
const both = { pins: [present, next] };

function fileOf(text: string): string {
	return `hf${crc32(asciiBytes(text)).toString(16).padStart(8, "0")}.pem`;
}

/** As Quectel's note on the file commands forms it: 16-bit words, the first byte is the high one. */
function sumOf(text: string): string {
	let sum = 0;
	for (let i = 0; i < text.length; i += 2)
		sum ^= text.charCodeAt(i) * 256 + (i + 1 < text.length ? text.charCodeAt(i + 1) : 0);
	return sum.toString(16);
}

const noFile = "\r\n+CME ERROR: 405\r\n";

function look(text: string, reply = info(`+QFLST: "UFS:${fileOf(text)}",${text.length}`)): Step {
	return [`AT+QFLST="UFS:${fileOf(text)}"\r`, reply];
}

function upload(text: string, sum = sumOf(text)): Step[] {
	return [
		[`AT+QFUPL="UFS:${fileOf(text)}",${text.length},5\r`, "\r\nCONNECT\r\n"],
		[text, `\r\n+QFUPL: ${text.length},${sum}\r\n${OK}`],
	];
}

function remove(text: string): Step {
	return [`AT+QFDEL="UFS:${fileOf(text)}"\r`, OK];
}

function settings(text: string, context = 0): Step[] {
	const set = (name: string, value: string): Step => [
		`AT+QSSLCFG="${name}",${context},${value}\r`,
		OK,
	];
	return [
		set("sslversion", "3"),
		set("ciphersuite", "0XFFFF"),
		set("seclevel", "1"),
		set("cacert", `"UFS:${fileOf(text)}"`),
		set("sni", "1"),
		set("checkhost", "1"),
		set("negotiatetime", "15"),
	];
}

function dates(ignore: 0 | 1, context = 0): Step {
	return [`AT+QSSLCFG="ignorelocaltime",${context},${ignore}\r`, OK];
}

function open(outcome: number, context = 0): Step {
	return [
		`AT+QSSLOPEN=1,${context},0,"acq.example",8883,0\r`,
		`${OK}\r\n+QSSLOPEN: 0,${outcome}\r\n`,
	];
}

function probe(outcome: number): Step {
	return ['AT+QIOPEN=1,0,"TCP","acq.example",8883,0,0\r', `${OK}\r\n+QIOPEN: 0,${outcome}\r\n`];
}

const closeTls: Step = ["AT+QSSLCLOSE=0,3\r", OK];
const closeProbe: Step = ["AT+QICLOSE=0,3\r", OK];

const ready: readonly Step[] = [look(present), ...settings(present), dates(0)];

function secure(bench: Bench, tls: typeof both | typeof one = one): Heard {
	return openSocket(bench.modem.Socket, "acq.example", 8883, tls);
}

function tlsEvents(bench: Bench): readonly (readonly number[])[] {
	return bench.events
		.filter(({ code }) => code === LogCode.TlsFailed || code === LogCode.TlsPin)
		.map(({ code, a, b }) => [code, a, b]);
}

/** A bench with TLS socket 0 open. */
function secureBench(): Bench & { readonly heard: Heard } {
	const bench = upBench();
	const heard = secure(bench);
	bench.line.expect(...ready, open(0));
	bench.time.run(200);
	check(bench);
	equal([heard.opened, heard.room, heard.errors], [1, 2048, 0]);
	return Object.assign(bench, { heard });
}

test("a pin that the module does not have is uploaded, then set, then TLS opens", () => {
	const bench = upBench();
	const heard = secure(bench);
	bench.line.expect(look(present, noFile), ...upload(present), ...settings(present));
	bench.line.expect(dates(0), open(0));
	bench.time.run(2_000);
	check(bench);
	equal([heard.opened, heard.errors], [1, 0]);
	equal(bench.modem.counters.pinUploads, 1);
	equal(tlsEvents(bench), [[LogCode.TlsPin, 1, 0]]);
});

test("a pin that is there is not written again", () => {
	equal(secureBench().modem.counters.pinUploads, 0);
});

test("a file of another size is replaced", () => {
	const bench = upBench();
	const heard = secure(bench);
	bench.line.expect(
		look(present, info(`+QFLST: "UFS:${fileOf(present)}",100`)),
		remove(present),
		...upload(present),
		...settings(present),
		dates(0),
		open(0),
	);
	bench.time.run(2_000);
	check(bench);
	equal(heard.opened, 1);
});

test("an upload with a wrong sum is done again, and a third one is not trusted either", () => {
	const bench = upBench();
	const heard = secure(bench);
	bench.line.expect(
		look(present, noFile),
		...upload(present, "1"),
		remove(present),
		...upload(present, "ffff"),
		remove(present),
		...upload(present, "x"),
		["AT+QSSLCLOSE=0,3\r", ERROR],
	);
	bench.time.run(5_000);
	check(bench);
	equal([heard.opened, heard.errors], [0, 1]);
	equal(tlsEvents(bench), [[LogCode.TlsFailed, 3, -1]]);
	equal(bench.modem.counters.tlsFailures, 1);
});

test("a module that refuses to verify gets no connection at all", () => {
	const bench = upBench();
	const heard = secure(bench);
	const refused: Step[] = [
		...settings(present).slice(0, 2),
		['AT+QSSLCFG="seclevel",0,1\r', "\r\n+CME ERROR: 50\r\n"],
	];
	bench.line.expect(look(present), ...refused, ["AT+QSSLCLOSE=0,3\r", ERROR]);
	bench.time.run(2_000);
	check(bench);
	equal([heard.opened, heard.errors], [0, 1]);
	equal(tlsEvents(bench), [[LogCode.TlsFailed, 2, 50]]);
	// The next socket has a new chance.
	const again = secure(bench);
	bench.line.expect(...ready, open(0));
	bench.time.run(2_000);
	check(bench);
	equal(again.opened, 1);
});

test("a setting that a firmware does not know is passed over", () => {
	const bench = upBench();
	const heard = secure(bench);
	const all = settings(present).map(([text, reply]): Step => {
		return [text, text.includes("checkhost") ? ERROR : reply];
	});
	bench.line.expect(look(present), ...all, dates(0), open(0));
	bench.time.run(2_000);
	check(bench);
	equal(heard.opened, 1);
});

test("data goes and comes by the TLS commands, in pieces of 64", () => {
	const bench = secureBench();
	const { line, heard, time } = bench;
	line.expect(["AT+QSSLSEND=0,5\r", "\r\n> "], ["hello", "\r\nSEND OK\r\n"]);
	heard.socket.write(bytes("hello"));
	time.run(100);
	check(bench);
	const long = "x".repeat(64);
	line.expect(
		["AT+QSSLRECV=0,64\r", `\r\n+QSSLRECV: 64\r\n${long}\r\n${OK}`],
		["AT+QSSLRECV=0,64\r", `\r\n+QSSLRECV: 3\r\nend\r\n${OK}`],
		["AT+QSSLRECV=0,64\r", `\r\n+QSSLRECV: 0\r\n${OK}`],
	);
	line.send('\r\n+QSSLURC: "recv",0\r\n');
	time.run(200);
	check(bench);
	equal(heard.received, `${long}end`);
	line.expect(closeTls);
	heard.socket.close();
	time.run(100);
	check(bench);
});

test("without a report a read asks every five seconds", () => {
	const bench = secureBench();
	bench.line.expect(["AT+QSSLRECV=0,64\r", `\r\n+QSSLRECV: 2\r\nhi\r\n${OK}`]);
	bench.line.expect(["AT+QSSLRECV=0,64\r", `\r\n+QSSLRECV: 0\r\n${OK}`]);
	bench.time.run(5_500);
	check(bench);
	equal(bench.heard.received, "hi");
});

test("the peer's close comes after its last data", () => {
	const bench = secureBench();
	bench.line.expect(
		["AT+QSSLRECV=0,64\r", `\r\n+QSSLRECV: 3\r\nbye\r\n${OK}`],
		["AT+QSSLRECV=0,64\r", `\r\n+QSSLRECV: 0\r\n${OK}`],
		closeTls,
	);
	bench.line.send('\r\n+QSSLURC: "closed",0\r\n');
	bench.time.run(300);
	check(bench);
	equal([bench.heard.received, bench.heard.errors], ["bye", 1]);
});

test("a server that is there but does not prove itself is told apart, and gets no byte", () => {
	const bench = upBench();
	const heard = secure(bench);
	bench.line.expect(...ready, open(566), closeTls, probe(0), closeProbe);
	bench.time.run(2_000);
	check(bench);
	equal([heard.opened, heard.errors], [0, 1]);
	throwsFault("io.closed", () => heard.socket.write(bytes("x")));
	equal(tlsEvents(bench), [[LogCode.TlsFailed, 1, 566]]);
	const { tlsFailures, openFailures } = bench.modem.counters;
	equal([tlsFailures, openFailures], [1, 0]);
});

test("a server that is not there is a matter of the network", () => {
	const bench = upBench();
	const heard = secure(bench, both);
	bench.line.expect(...ready, open(566), closeTls, probe(566), closeProbe);
	bench.time.run(2_000);
	check(bench);
	equal(heard.errors, 1);
	equal(tlsEvents(bench), []);
	const { tlsFailures, openFailures } = bench.modem.counters;
	equal([tlsFailures, openFailures], [0, 1]);
});

test("an unknown host name needs no probe", () => {
	const bench = upBench();
	const heard = secure(bench);
	bench.line.expect(...ready, open(565), closeTls);
	bench.time.run(2_000);
	check(bench);
	equal([heard.errors, bench.modem.counters.openFailures], [1, 1]);
});

test("the second pin is tried when the first does not fit, and is the first one from then on", () => {
	const bench = upBench();
	const heard = secure(bench, both);
	bench.line.expect(...ready, open(566), closeTls, probe(0), closeProbe);
	bench.line.expect(look(next), ...settings(next, 1), dates(0, 1), open(0, 1));
	bench.time.run(2_000);
	check(bench);
	equal([heard.opened, heard.errors], [1, 0]);
	equal(tlsEvents(bench), [[LogCode.TlsPin, 2, 0]]);
	bench.line.expect(closeTls);
	heard.socket.close();
	bench.time.run(500);
	const again = secure(bench, both);
	bench.line.expect(...settings(next, 1), dates(0, 1), open(0, 1));
	bench.time.run(500);
	check(bench);
	equal(again.opened, 1);
	equal(tlsEvents(bench).length, 1);
});

test("pins that do not fit are written anew, once in a life of the module", () => {
	const bench = upBench();
	secure(bench);
	bench.line.expect(...ready, open(566), closeTls, probe(0), closeProbe);
	bench.time.run(2_000);
	secure(bench);
	bench.line.expect(remove(present), ...upload(present), ...settings(present), dates(0));
	bench.line.expect(open(566), closeTls, probe(0), closeProbe);
	bench.time.run(2_000);
	check(bench);
	secure(bench);
	bench.line.expect(...settings(present), dates(0), open(566), closeTls, probe(0), closeProbe);
	bench.time.run(2_000);
	check(bench);
	equal(bench.modem.counters.pinUploads, 1);
});

test("dates of certificates count as soon as the module knows the time", () => {
	const bench = makeBench();
	const unknown: Step = ["AT+CCLK?\r", info('+CCLK: "80/01/06,00:00:10+00"')];
	bench.line.expect(...inStep, ...setup, simReady, ...searching, unknown, ...activation);
	bench.time.run(1_000);
	check(bench);
	const heard = secure(bench);
	bench.line.expect(look(present), ...settings(present), dates(1), open(0));
	bench.time.run(1_000);
	bench.line.expect(closeTls);
	heard.socket.close();
	bench.time.run(1_000);
	check(bench);
	bench.line.responder = (text) => {
		if (!text.endsWith("\r")) return undefined;
		if (text.includes("CCLK")) return info('+CCLK: "26/11/22,10:30:00+32"');
		if (text.includes("CSQ")) return info("+CSQ: 17,99");
		return info("+CEREG: 1,1");
	};
	bench.time.run(70_000);
	bench.line.responder = undefined;
	const again = secure(bench);
	bench.line.expect(...settings(present), dates(0), open(0));
	bench.time.run(1_000);
	check(bench);
	equal(again.opened, 1);
});

test("verification is asked for before every open, for the module may have forgotten it", () => {
	const bench = secureBench();
	bench.line.expect(closeTls);
	bench.heard.socket.close();
	bench.time.run(500);
	const again = secure(bench);
	bench.line.expect(...settings(present), dates(0), open(0));
	bench.time.run(500);
	check(bench);
	equal(again.opened, 1);
});

test("after a restart of the module the pin is looked for and set again", () => {
	const bench = secureBench();
	bench.line.expect(...bringUp);
	bench.line.send("\r\nRDY\r\n");
	bench.time.run(2_000);
	check(bench);
	equal(bench.heard.errors, 1);
	const heard = secure(bench);
	bench.line.expect(...ready, open(0));
	bench.time.run(1_000);
	check(bench);
	equal(heard.opened, 1);
});

test("without the word to upload no byte of the file goes, and later all of it", () => {
	const bench = upBench();
	const heard = secure(bench);
	bench.line.expect(look(present, noFile));
	bench.line.expect([`AT+QFUPL="UFS:${fileOf(present)}",${present.length},5\r`, ""]);
	bench.time.run(8_900);
	check(bench);
	bench.line.expect(...inStep, ["AT+QIACT?\r", info('+QIACT: 1,1,1,"10.0.0.7"')]);
	bench.line.expect(remove(present), ...upload(present), ...settings(present), dates(0), open(0));
	bench.time.run(3_000);
	check(bench);
	equal([heard.opened, bench.modem.counters.missingPrompts], [1, 1]);
});

test("a word to upload that comes late is waited out", () => {
	const bench = upBench();
	secure(bench);
	bench.line.expect(look(present, noFile));
	bench.line.expect([`AT+QFUPL="UFS:${fileOf(present)}",${present.length},5\r`, ""]);
	bench.time.run(8_000);
	bench.line.send("\r\nCONNECT\r\n");
	bench.time.run(5_900);
	// Not a byte: the module would take it for the file.
	check(bench);
});

test("bytes that get lost on the line end the TLS socket, and its data is not handed on", () => {
	const bench = secureBench();
	// Ten bytes are announced, eight come.
	bench.line.expect(["AT+QSSLRECV=0,64\r", `\r\n+QSSLRECV: 10\r\n12345678\r\n${OK}`]);
	bench.line.send('\r\n+QSSLURC: "recv",0\r\n');
	bench.time.run(100);
	bench.line.expect(...inStep, ["AT+QIACT?\r", info('+QIACT: 1,1,1,"10.0.0.7"')], closeTls);
	bench.time.run(2_000);
	check(bench);
	const { heard, modem } = bench;
	equal([heard.received, heard.errors, modem.counters.brokenReads], ["", 1, 1]);
});

test("a module that is full takes the bytes later, once", () => {
	const bench = secureBench();
	const full: Step[] = [
		["AT+QSSLSEND=0,2\r", "\r\n> "],
		["hi", "\r\nSEND FAIL\r\n"],
	];
	bench.line.expect(...full);
	bench.heard.socket.write(bytes("hi"));
	bench.time.run(400);
	check(bench);
	bench.line.expect(["AT+QSSLSEND=0,2\r", "\r\n> "], ["hi", "\r\nSEND OK\r\n"]);
	bench.time.run(400);
	check(bench);
	equal([bench.heard.errors, bench.modem.counters.sendRetries], [0, 1]);
});

test("a report in front of the word to upload is neither lost nor taken for it", () => {
	const bench = upBench();
	const heard = secure(bench);
	const [ask, file] = upload(present);
	bench.line.expect(look(present, noFile));
	bench.line.expect([ask![0], '\r\n+CEREG: 1\r\n\r\n+QIND: "csq",20,99\r\n\r\nCONNECT\r\n']);
	bench.line.expect(file!, ...settings(present), dates(0), open(0));
	bench.time.run(1_000);
	check(bench);
	equal(heard.opened, 1);
});

test("a module that restarts in the middle of an upload is given the whole file afterwards", () => {
	const bench = upBench();
	const lost = secure(bench);
	const [ask, file] = upload(present);
	bench.line.expect(look(present, noFile), ask!, [
		file![0],
		() => {
			bench.line.expect(...bringUp);
			bench.line.send("\r\nRDY\r\n");
		},
	]);
	bench.time.run(2_000);
	check(bench);
	equal(lost.errors, 1);
	const heard = secure(bench);
	const half = info(`+QFLST: "UFS:${fileOf(present)}",512`);
	bench.line.expect(look(present, half), remove(present), ...upload(present));
	bench.line.expect(...settings(present), dates(0), open(0));
	bench.time.run(2_000);
	check(bench);
	equal(heard.opened, 1);
});

test("only the outcome of the TLS open counts", () => {
	const bench = upBench();
	const heard = secure(bench);
	bench.line.expect(...ready, [
		'AT+QSSLOPEN=1,0,0,"acq.example",8883,0\r',
		`${OK}\r\n+QIOPEN: 0,0\r\n`,
	]);
	bench.time.run(1_000);
	check(bench);
	equal(heard.opened, 0);
	bench.line.send("\r\n+QSSLOPEN: 0,0\r\n");
	bench.time.run(100);
	equal(heard.opened, 1);
});

test("a socket that is closed in the handshake is closed in the module, and what was known is told", () => {
	const bench = upBench();
	const heard = secure(bench, both);
	bench.line.expect(...ready, open(566), closeTls, probe(0), closeProbe);
	bench.line.expect(look(next), ...settings(next, 1), dates(0, 1));
	bench.line.expect(['AT+QSSLOPEN=1,1,0,"acq.example",8883,0\r', OK], closeTls);
	bench.time.run(1_000);
	heard.socket.close();
	bench.time.run(100);
	check(bench);
	equal([heard.opened, heard.errors], [0, 0]);
	equal(tlsEvents(bench), [[LogCode.TlsFailed, 1, 566]]);
});

test("a family without TLS refuses, and says nothing to the module", () => {
	const bench = upBench({ family: withoutTls() });
	throwsFault("io.tls", () => secure(bench));
	bench.time.run(1_000);
	check(bench);
	// All six numbers are still free.
	ok(openSocket(bench.modem.Socket).errors === 0);
});

function withoutTls(): typeof quectel {
	const { tls: _, ...rest } = quectel;
	return rest;
}

test("pins that are no certificates, or too many, are refused before a number is taken", () => {
	const bench = upBench();
	const { Socket } = bench.modem;
	for (const pins of [[], [""], ["-----BEGIN"], [present, next, present], [`${present}"`]])
		throwsFault("io.options", () => new Socket({ host: "h", port: 1, tls: { pins } }));
	bench.time.run(1_000);
	check(bench);
});

test("a seventh certificate finds no place in the module", () => {
	const { modem } = upBench();
	for (let i = 0; i < 6; i++) {
		const socket = new modem.Socket({ host: "h", port: 1, tls: { pins: [pem("C", 3 + i)] } });
		socket.close();
	}
	const tls = { pins: [pem("D", 4)] };
	throwsFault("io.options", () => new modem.Socket({ host: "h", port: 1, tls }));
});

test("error 552 of a TLS open restarts the module as that of a plain one does", () => {
	const bench = upBench();
	const heard = secure(bench);
	bench.line.expect(...ready, open(552));
	bench.time.run(500);
	equal([heard.errors, bench.modem.stateName], [1, "waiting"]);
});

test("sum of a file is that of Quectel, also for an odd number of bytes", () => {
	// 0x3132 ^ 0x3300
	equal(quectelTls.checksum(asciiBytes("123")), 0x0232);
	equal(quectelTls.checksum(asciiBytes("")), 0);
});

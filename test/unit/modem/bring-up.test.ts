import { LogCode } from "core/log";
import { equal, ok, test } from "test/harness";
import {
	ERROR,
	OK,
	activation,
	bringUp,
	check,
	clock,
	inStep,
	info,
	makeBench,
	openBench,
	searching,
	setup,
	simReady,
	upBench,
} from "./fixture";

test("modem comes up from power-up to a data connection", () => {
	const { modem, states, times } = upBench();
	ok(modem.up);
	equal(modem.signal, 17);
	equal(
		states.filter((state, i) => state !== states[i - 1]),
		["starting", "sim", "searching", "registered", "connecting", "up"],
	);
	// 10:30 in UTC+8
	equal(times, [1_795_314_600_000]);
});

test("modem that boots slowly is called every 400 ms, and its noise is passed over", () => {
	const bench = makeBench();
	for (let i = 0; i < 8; i++) bench.line.expect(["AT\r", ""]);
	bench.time.run(3_000);
	check(bench);
	bench.line.expect(
		["AT\r", ""],
		...inStep,
		...setup,
		simReady,
		...searching,
		clock,
		...activation,
	);
	bench.line.send("\x00\x00\xff\xfe\x00\r\nRDY\r\n\r\n+CFUN: 1\r\n\r\nOVER-VOLTAGE WARNNING\r\n");
	bench.time.run(2_000);
	check(bench);
	ok(bench.modem.up);
});

test("modem that echoes its commands until ATE0 comes up all the same", () => {
	const bench = makeBench();
	bench.line.expect(
		["AT\r", `AT\r${OK}`],
		["AT+CSQ\r", `AT+CSQ\r${info("+CSQ: 9,99")}`],
		...bringUp.slice(2),
	);
	bench.time.run(1_000);
	check(bench);
	ok(bench.modem.up);
	equal(bench.modem.counters.unexpectedResets, 0);
});

test("setup passes over refused options, but not over a refused ATE0", () => {
	const bench = makeBench();
	bench.line.expect(
		...inStep,
		["ATE0\r", ERROR],
		["ATE0\r", OK],
		["AT+CMEE=1\r", ERROR],
		['AT+QURCCFG="urcport","uart1"\r', ERROR],
		["AT+QISDE=0\r", ERROR],
		["AT+CTZU=3\r", "\r\n+CME ERROR: 3\r\n"],
		["AT+CEREG=1\r", OK],
		simReady,
		...searching,
		clock,
		...activation,
	);
	bench.time.run(2_000);
	check(bench);
	ok(bench.modem.up);
});

test("SIM that is busy or failing at boot is asked again", () => {
	const bench = makeBench();
	bench.line.expect(
		...inStep,
		...setup,
		["AT+CPIN?\r", "\r\n+CME ERROR: 14\r\n"],
		["AT+CPIN?\r", "\r\n+CME ERROR: SIM failure\r\n"],
		["AT+CPIN?\r", info("+CPIN: NOT READY")],
		simReady,
		...searching,
		clock,
		...activation,
	);
	bench.time.run(5_000);
	check(bench);
	ok(bench.modem.up);
});

test("missing SIM is a state of its own that never restarts the modem", () => {
	const bench = makeBench({ resetPin: true });
	bench.line.expect(...inStep, ...setup, ["AT+CPIN?\r", "\r\n+CME ERROR: 10\r\n"]);
	bench.time.run(1_000);
	check(bench);
	equal(bench.modem.stateName, "sim-missing");
	bench.line.responder = (text) =>
		text.endsWith("\r") ? "\r\n+CME ERROR: SIM not inserted\r\n" : undefined;
	bench.time.run(2 * 3_600_000);
	equal([bench.modem.stateName, bench.resets], ["sim-missing", 0]);
});

test("SIM that is put in again is found by its report", () => {
	const bench = makeBench();
	bench.line.expect(...inStep, ...setup, ["AT+CPIN?\r", "\r\n+CME ERROR: 10\r\n"]);
	bench.time.run(1_000);
	bench.line.expect(simReady, ...searching, clock, ...activation);
	bench.line.send("\r\n+CPIN: READY\r\n");
	bench.time.run(1_000);
	check(bench);
	ok(bench.modem.up);
});

test("SIM that asks for a PIN is named and left alone", () => {
	const bench = makeBench({ resetPin: true });
	bench.line.expect(
		...inStep,
		...setup,
		["AT+CPIN?\r", info("+CPIN: SIM PIN")],
		["AT+CPIN?\r", "\r\n+CME ERROR: 11\r\n"],
	);
	bench.time.run(40_000);
	check(bench);
	equal([bench.modem.stateName, bench.resets], ["sim-locked", 0]);
});

test("SIM removed while up takes the modem down and its sockets with it", () => {
	const bench = openBench();
	bench.line.expect(["AT+CPIN?\r", "\r\n+CME ERROR: 10\r\n"]);
	bench.line.send("\r\n+CPIN: NOT READY\r\n");
	bench.time.run(1_000);
	check(bench);
	equal([bench.modem.up, bench.modem.stateName, bench.heard.errors], [false, "sim-missing", 1]);
});

test("registration comes by report as well as by question, and the two forms are told apart", () => {
	const bench = makeBench();
	bench.line.expect(
		...inStep,
		...setup,
		simReady,
		["AT+CSQ\r", info("+CSQ: 99,99")],
		["AT+CEREG?\r", info("+CEREG: 1,2")],
	);
	bench.time.run(1_000);
	check(bench);
	equal(bench.modem.stateName, "searching");
	bench.line.expect(clock, ...activation);
	bench.line.send('\r\n+CEREG: 5,"1A2B","01C3D4E5",7\r\n');
	bench.time.run(500);
	check(bench);
	ok(bench.modem.up);
});

test("report between the question of registration and its answer is not taken for the answer", () => {
	const bench = makeBench();
	bench.line.expect(
		...inStep,
		...setup,
		simReady,
		["AT+CSQ\r", info("+CSQ: 99,99")],
		["AT+CEREG?\r", `\r\n+CEREG: 2\r\n${info("+CEREG: 1,1")}`],
		clock,
		...activation,
	);
	bench.time.run(1_000);
	check(bench);
	ok(bench.modem.up);
});

test("activation that succeeds after the SIM has gone does not count", () => {
	const bench = makeBench();
	bench.line.expect(...bringUp.slice(0, -2), ["AT+QIACT=1\r", `\r\n+CPIN: NOT READY\r\n${OK}`]);
	bench.line.expect(["AT+CPIN?\r", "\r\n+CME ERROR: 10\r\n"]);
	bench.time.run(1_000);
	check(bench);
	equal(bench.modem.stateName, "sim-missing");
	ok(!bench.states.includes("up"));
});

test("answer with cell data is not taken for a report of registration", () => {
	const bench = makeBench();
	bench.line.expect(
		...inStep,
		...setup,
		simReady,
		["AT+CSQ\r", info("+CSQ: 12,99")],
		// n = 1 would be "home network" in the unsolicited form.
		["AT+CEREG?\r", info('+CEREG: 1,3,"1A2B","01C3D4E5",7')],
	);
	bench.time.run(1_000);
	check(bench);
	equal(bench.modem.stateName, "searching");
});

test("time before 2024 is not handed on", () => {
	const bench = makeBench();
	bench.line.expect(
		...bringUp.slice(0, -5),
		["AT+CCLK?\r", info('+CCLK: "80/01/06,00:00:10+00"')],
		...activation,
	);
	bench.time.run(1_000);
	check(bench);
	equal(bench.times, []);
	ok(bench.modem.up);
});

test("context that an earlier life left active is closed first", () => {
	const bench = makeBench();
	bench.line.expect(
		...bringUp.slice(0, -4),
		["AT+QIACT?\r", `\r\n+QIACT: 2,1,1,"10.9.9.9"\r\n${info('+QIACT: 1,1,1,"10.0.0.7"')}`],
		["AT+QIDEACT=1\r", OK],
		...activation.slice(1),
	);
	bench.time.run(1_000);
	check(bench);
	ok(bench.modem.up);
});

test("activation is tried three times, then the modem is restarted", () => {
	const bench = makeBench();
	bench.line.expect(
		...bringUp.slice(0, -2),
		["AT+QIACT=1\r", ERROR],
		["AT+QIDEACT=1\r", OK],
		activation[1]!,
		["AT+QIACT=1\r", ERROR],
		["AT+QIDEACT=1\r", OK],
		activation[1]!,
		["AT+QIACT=1\r", ERROR],
		["AT+CFUN=1,1\r", OK],
		...bringUp,
	);
	bench.time.run(20_000);
	check(bench);
	ok(bench.modem.up);
	equal(bench.modem.counters.resets, 1);
});

test("modem that never answers is restarted by its pin, ever more rarely", () => {
	const bench = makeBench({ resetPin: true });
	bench.line.responder = (text) => (text.length > 1_000 ? "" : undefined);
	bench.time.run(3_600_000);
	// About 0, 1, 3, 7, 15, 31 minutes after the first failure.
	ok(bench.resets >= 5 && bench.resets <= 7, `${bench.resets} resets`);
	equal(bench.modem.counters.resets, bench.resets);
});

test("modem that never registers is restarted ever more rarely, but looks on all the time", () => {
	const bench = makeBench({ resetPin: true });
	let covered = false;
	bench.line.responder = (text) => {
		if (!text.endsWith("\r")) return undefined;
		if (text.includes("CSQ")) return info("+CSQ: 3,99");
		if (text.includes("CPIN")) return info("+CPIN: READY");
		return text.includes("CEREG?") ? info(covered ? "+CEREG: 1,1" : "+CEREG: 1,2") : OK;
	};
	bench.time.run(3_600_000);
	ok(bench.resets >= 4 && bench.resets <= 7, `${bench.resets} resets`);
	covered = true;
	bench.time.run(45_000);
	ok(bench.modem.up, bench.modem.stateName);
});

test("unexpected restart drops the sockets and brings the modem up again", () => {
	const bench = openBench();
	bench.line.expect(...bringUp);
	bench.line.send("\r\nRDY\r\n\r\n+CFUN: 1\r\n");
	bench.time.run(2_000);
	check(bench);
	equal([bench.heard.errors, bench.modem.counters.unexpectedResets], [1, 1]);
	ok(bench.modem.up);
	ok(bench.events.some(({ code }) => code === LogCode.ModemReset));
});

test("restart whose RDY got lost is found by the echo", () => {
	const bench = openBench();
	bench.line.expect(["AT+QIRD=0,0\r", `AT+QIRD=0,0\r${ERROR}`], ...bringUp);
	bench.time.run(7_000);
	check(bench);
	equal([bench.heard.errors, bench.modem.counters.unexpectedResets], [1, 1]);
	ok(bench.modem.up);
});

test("lost data connection takes the sockets and is made anew", () => {
	const bench = openBench();
	bench.line.expect(["AT+QIDEACT=1\r", OK], ...searching, clock, ...activation);
	bench.line.send('\r\n+QIURC: "pdpdeact",1\r\n');
	bench.time.run(2_000);
	check(bench);
	equal(bench.heard.errors, 1);
	ok(bench.modem.up);
	equal(bench.modem.counters.resets, 0);
});

test("lost registration is borne for a minute", () => {
	const bench = upBench();
	bench.line.responder = (text) => {
		if (!text.endsWith("\r")) return undefined;
		if (text.includes("CSQ")) return info("+CSQ: 3,99");
		if (text.includes("CCLK")) return ERROR;
		return text.includes("CEREG?") ? info("+CEREG: 1,2") : OK;
	};
	bench.line.send("\r\n+CEREG: 2\r\n");
	bench.time.run(55_000);
	ok(bench.modem.up);
	bench.time.run(10_000);
	equal(bench.modem.stateName, "searching");
});

test("signal is asked every 30 s and a change is told", () => {
	const bench = upBench();
	const before = bench.states.length;
	bench.line.expect(["AT+CSQ\r", info("+CSQ: 28,99")]);
	bench.time.run(30_500);
	check(bench);
	equal([bench.modem.signal, bench.states.length], [28, before + 1]);
});

test("broken port is opened again", () => {
	const bench = openBench();
	bench.line.breakPort();
	bench.time.run(1_000);
	equal([bench.modem.stateName, bench.heard.errors], ["off", 1]);
	bench.line.expect(...bringUp);
	bench.time.run(6_000);
	check(bench);
	ok(bench.modem.up);
	equal(bench.line.opened, 2);
});

test("closed modem says nothing more and leaves no timer", () => {
	const bench = openBench();
	bench.modem.close();
	bench.modem.close();
	bench.line.send("\r\nRDY\r\n");
	bench.time.run(100_000);
	check(bench);
	equal([bench.modem.up, bench.time.pending], [false, 0]);
});

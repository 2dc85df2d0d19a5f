import { LogCode } from "core/log";
import { LinkState, type NoticeSink } from "host/link";
import { equal, ok, test } from "test/harness";
import { goToBackup, startOnBackup, startWithBackup } from "./fake-backup";
import { readAnswer, startUp } from "./fake-host";

const limits = { keepAliveMs: 0, firstEchoMs: 86_400_000 };
const content = Uint8Array.of(0xc0, 1, 1, 0xc1, 3, 0, 0, 0x12);

/** Takes everything but number 9, in memory. */
class FakeSink implements NoticeSink {
	highest: number | undefined = 0;
	readonly taken: (readonly [number, number, number])[] = [];

	take(number: number, kind: number, bytes: Uint8Array): string {
		if (number === 9) return "13";
		this.taken.push([number, kind, bytes.length]);
		this.highest = number;
		return "00";
	}
}

function startWithSink() {
	const sink = new FakeSink();
	return { sink, ...startUp({ limits, notices: sink }) };
}

test("a proved notice is stored, then answered on its topic with a MAC of the same kind", () => {
	const { sink, host, log } = startWithSink();
	host.publishNotice("1f", host.notice(0x1f, 901, content));
	equal(sink.taken, [[31, 901, 8]]);
	equal(host.answers(), [
		{
			topic: "a/TERM0001/1f",
			number: 31,
			code: "00",
			kind: "00000000901",
			content: "c903000031",
			macIsRight: true,
		},
	]);
	equal(log.of(LogCode.NoticeTaken), [[31, 901]]);
});

test("a repeat is answered 94 and not stored again, a lower number neither", () => {
	const { sink, host } = startWithSink();
	host.publishNotice("5", host.notice(5, 901, content));
	host.publishNotice("5", host.notice(5, 901, content));
	host.publishNotice("3", host.notice(3, 904, content));
	equal(
		host.answers().map(({ code, content: c9 }) => [code, c9]),
		[
			["00", "c903000005"],
			["94", "c903000005"],
			["94", "c903000005"],
		],
	);
	equal(sink.taken.length, 1);
});

test("a notice that the terminal refuses is answered with the code, and the next one goes on", () => {
	const { sink, host, log } = startWithSink();
	host.publishNotice("9", host.notice(9, 904, content));
	host.publishNotice("a", host.notice(10, 904, content));
	equal(
		host.answers().map(({ code }) => code),
		["13", "00"],
	);
	equal([sink.taken.length, log.of(LogCode.NoticeRefused)], [1, [[9, 13]]]);
});

test("what is not proved is not answered: MAC, key, terminal, number, message, length", () => {
	const { sink, host, log } = startWithSink();
	const right = host.notice(7, 901, content);
	const bent = right.slice();
	bent[bent.length - 1] = bent[bent.length - 1]! ^ 1;
	host.publishNotice("7", bent);
	host.publishNotice("7", host.notice(7, 901, content, { mak: new Uint8Array(16) }));
	host.publishNotice("7", host.notice(7, 901, content, { terminalId: "TERM0002" }));
	host.publishNotice("8", right);
	host.publishNotice("7", host.notice(7, 901, content, { mti: 0x0630 }));
	host.publishNotice("7", right.subarray(0, 40));
	host.publishNotice("7", new Uint8Array(0));
	host.publishNotice("0", host.notice(0, 901, content));
	equal([sink.taken, host.answers()], [[], []]);
	equal(
		log.of(LogCode.NoticeRefused).map(([, why]) => why),
		[-1, -1, -3, -3, -2, -2, -2],
	);
	host.publishNotice("7", right);
	equal(
		host.answers().map(({ code }) => code),
		["00"],
	);
});

test("two 8-byte blocks that are changed over are noticed, which the MAC of a sale would not do", () => {
	const { sink, host, log } = startWithSink();
	const long = Uint8Array.of(0xc0, 1, 1, ...Array.from({ length: 40 }, (_, i) => i));
	const notice = host.notice(7, 901, long);
	const at = notice.length - 8 - 24;
	const swapped = notice.slice();
	swapped.set(notice.subarray(at, at + 8), at + 8);
	swapped.set(notice.subarray(at + 8, at + 16), at);
	host.publishNotice("7", swapped);
	equal([sink.taken, log.of(LogCode.NoticeRefused)], [[], [[7, -1]]]);
});

test("after a sign-on notices count under the new key alone", () => {
	const { sink, host, time, link } = startWithSink();
	const old = host.notice(1, 901, content);
	link.signOn();
	time.settle();
	host.mak = new Uint8Array(16).fill(0x5c);
	host.signOnReply(host.only());
	host.publishNotice("1", old);
	equal(sink.taken, []);
	host.publishNotice("1", host.notice(1, 901, content));
	equal(
		host.answers().map(({ macIsRight }) => macIsRight),
		[true],
	);
});

test("notice 906 is answered first, and then new keys are fetched", () => {
	const { host, states, time } = startWithSink();
	host.publishNotice("1", host.notice(1, 906, Uint8Array.of(0xc0, 1, 1)));
	equal(states, [LinkState.SigningOn]);
	equal(
		host.answers().map(({ code }) => code),
		["00"],
	);
	time.settle();
	equal(host.only().mti, 0x0800);
	host.publishNotice("1", host.notice(1, 906, Uint8Array.of(0xc0, 1, 1)));
	equal(states.length, 1, "a repeat asks for nothing");
});

test("while the terminal does not know its highest number, or has no use for notices, none is answered", () => {
	const { sink, host } = startWithSink();
	sink.highest = undefined;
	host.publishNotice("1", host.notice(1, 901, content));
	equal(host.answers(), []);
	const without = startUp({ limits });
	without.host.publishNotice("1", without.host.notice(1, 901, content));
	equal(without.host.answers(), []);
});

test("a broker that refuses the subscription for notices gives a link without them", () => {
	const { link, time, host, sockets, log } = startWithBackup({ limits });
	link.networkChanged();
	time.settle();
	const socket = sockets.last;
	socket.writable();
	socket.receive(Uint8Array.of(0x20, 2, 0, 0));
	const [replies, notices] = socket.take().filter((packet) => packet[0] === 0x82);
	socket.receive(Uint8Array.of(0x90, 3, replies![2]!, replies![3]!, 1));
	socket.receive(Uint8Array.of(0x90, 3, notices![2]!, notices![3]!, 0x80));
	time.settle();
	host.signOnReply(host.only());
	equal([link.state, log.of(LogCode.MqttError)], [LinkState.Up, [[23, 0x80]]]);
});

test("over the backup channel the terminal polls after the sign-on, and answers on the same connection", () => {
	const sink = new FakeSink();
	const started = startWithBackup({ limits, notices: sink });
	const { host, backup, time, link } = started;
	link.networkChanged();
	time.settle();
	let polls = 0;
	// The first part of goToBackup, up to the poll.
	while (backup.sockets.length === 0) {
		for (const socket of started.sockets.made) if (!socket.closed) socket.fail();
		time.advance(100);
	}
	const signOn = backup.only();
	backup.send(signOn, host.signOnMessage(signOn));
	time.settle();
	const poll = backup.only();
	equal([poll.mti, poll.reader.digits(60)], [0x0820, "00000012900"]);
	for (const number of [1, 2]) {
		backup.send(poll, host.notice(number, 901, content));
		const answer = backup.only();
		equal(answer.socket === poll.socket, true);
		const { code, macIsRight, content: c9 } = readAnswer(host.ciphers, host.mak, answer.payload);
		equal([code, macIsRight, c9], ["00", true, `c90300000${number}`]);
		polls++;
	}
	backup.send(poll, host.networkReply(poll));
	equal([poll.socket.closed, sink.taken.length, polls], [true, 2, 2]);
	time.advance(899_000);
	equal(backup.seen().filter(({ mti }) => mti === 0x0820).length, 0);
	time.advance(1100);
	equal(backup.only().reader.digits(60).slice(8), "900");
});

test("a poll ends after eight notices, after 10 s of silence, or with a notice that is not proved", () => {
	for (const end of ["eight", "silence", "not proved"] as const) {
		const sink = new FakeSink();
		const started = startWithBackup({
			limits,
			notices: sink,
			rules: { probeBaseMs: 86_400_000, probeCapMs: 86_400_000 },
		});
		const { host, backup, time, link } = started;
		link.networkChanged();
		time.settle();
		goToBackup(started);
		time.advance(900_000);
		const poll = backup.only();
		for (let n = 10; end === "eight" && n < 18; n++) {
			ok(!poll.socket.closed);
			backup.send(poll, host.notice(n, 901, content));
		}
		if (end === "silence") time.advance(10_000);
		if (end === "not proved") backup.send(poll, host.signOnMessage(poll));
		equal([poll.socket.closed, sink.taken.length], [true, end === "eight" ? 8 : 0], end);
		equal(link.state, LinkState.Up);
	}
});

test("1 in the header of a reply makes the terminal poll at once", () => {
	const { link, host, backup, time } = startOnBackup({ limits, notices: new FakeSink() });
	time.advance(60_000);
	equal(backup.seen().length, 0);
	const outcomes: unknown[] = [];
	link.settle(
		{
			message: "settlement",
			stan: 77,
			batch: 12,
			network: 201,
			currency: 156,
			digits48: "0".repeat(62),
			timeoutMs: 20_000,
		},
		(outcome) => outcomes.push(outcome),
	);
	const request = backup.only();
	backup.send(request, host.networkReply(request), 1);
	equal(backup.seen().filter(({ mti }) => mti === 0x0820).length, 1);
});

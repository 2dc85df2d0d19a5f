import { LogCode } from "core/log";
import { civilTime } from "host/civil-time";
import { LinkState } from "host/link";
import { SignOnFault } from "host/sign-on";
import { equal, fail, ok, test } from "test/harness";
import { exchange, startLink, startMs, waitForRequest } from "./fake-host";

function startSigningOn(options: Parameters<typeof startLink>[0] = {}) {
	const started = startLink(options);
	started.link.networkChanged();
	started.time.settle();
	started.host.accept();
	started.time.settle();
	return started;
}

test("the 0800 says terminal, merchant, batch and operator, and has no MAC", () => {
	const { host } = startSigningOn();
	const { reader } = host.only();
	equal(
		[reader.digits(7), reader.number(11), reader.text(41), reader.text(42)],
		["1122023000", 901, "TERM0001", "898100012345678"],
	);
	equal([reader.digits(60), reader.text(63), reader.has(64)], ["00000012003", "01 ", false]);
});

test("a terminal without a batch names 000000 and takes the host's", () => {
	const { host, link, batches, log } = startSigningOn({ batch: 0 });
	const signOn = host.only();
	equal(signOn.reader.digits(60), "00000000003");
	host.signOnReply(signOn);
	equal([link.batch, batches, link.state], [12, [12], LinkState.Up]);
	equal(log.of(LogCode.BatchMismatch), []);
});

test("the same batch is not told again", () => {
	const { host, batches } = startSigningOn();
	host.signOnReply(host.only());
	equal(batches, []);
});

test("while the clock is unknown the sign-on is held and noted once, and goes on when it is set", () => {
	const { host, link, time, log } = startSigningOn({ wallMs: undefined });
	time.advance(30_000);
	equal([host.seen().length, link.state], [0, LinkState.SigningOn]);
	equal(log.of(LogCode.SignOnRefused), [[0, SignOnFault.ClockUnknown]]);
	time.setWallMs(startMs);
	time.advance(1000);
	host.signOnReply(host.only());
	equal(link.state, LinkState.Up);
});

test("without a master key nothing is sent, and the link waits for one", () => {
	const { host, link, time, log, keys } = startLink();
	const tmk = keys.read("tmk") ?? fail("no key");
	keys.write("tmk", new Uint8Array(0));
	link.networkChanged();
	time.settle();
	host.accept();
	time.settle();
	equal(host.seen().length, 0);
	equal(log.of(LogCode.SignOnRefused), [[0, SignOnFault.NoMasterKey]]);
	keys.write("tmk", tmk);
	time.advance(2000);
	equal(host.seen().length, 1);
});

test("a key block with a wrong check value, of a wrong length or missing is no sign-on", () => {
	for (const change of ["check", "length"] as const) {
		const { host, link, log, time } = startSigningOn();
		const block = host.keyBlock();
		block[39] = block[39]! ^ 1;
		host.signOnReply(host.only(), "00", change === "check" ? block : block.subarray(0, 20));
		equal(link.state, LinkState.SigningOn, change);
		equal(log.of(LogCode.SignOnRefused), [[0, SignOnFault.KeyBlock]]);
		equal(exchange(link).attempt, 0);
		time.advance(1001);
		host.signOnReply(host.only());
		equal(link.state, LinkState.Up);
	}
});

test("batch 000000 from the host is no sign-on", () => {
	const { host, link, log } = startSigningOn();
	host.batch = "000000";
	host.signOnReply(host.only());
	equal([link.state, link.batch], [LinkState.SigningOn, 12]);
	equal(log.of(LogCode.SignOnRefused), [[0, SignOnFault.Batch]]);
});

test("a refused sign-on is tried again with a new STAN and attempt, 97 slowly", () => {
	const started = startSigningOn({ limits: { keepAliveMs: 0 } });
	const { host, time, log } = started;
	const first = host.only();
	host.signOnReply(first, "96");
	time.advance(1001);
	const second = host.only();
	ok(second.attempt !== first.attempt && second.reader.number(11) !== first.reader.number(11));
	host.signOnReply(second, "97");
	equal(log.of(LogCode.SignOnRefused), [
		[96, 0],
		[97, 0],
	]);
	const { waitedMs } = waitForRequest(started);
	ok(waitedMs >= 60_000 && waitedMs <= 120_100, `${waitedMs}`);
});

test("a reply to an earlier 0800, or one with another STAN or terminal, signs nobody on", () => {
	const { host, time, link, log } = startSigningOn();
	const first = host.only();
	time.advance(6001);
	const second = host.only();
	host.signOnReply(first);
	equal(link.state, LinkState.SigningOn);
	equal(log.of(LogCode.LateReply).length, 1);
	host.signOnReply({ ...first, attempt: second.attempt });
	equal([link.state, log.of(LogCode.ForeignReply)], [LinkState.SigningOn, [[0x21, 11]]]);
	host.send(second.attempt, Uint8Array.of(8, 16));
	equal(log.of(LogCode.BadMessage).length, 1);
	host.signOnReply(second);
	equal(link.state, LinkState.Up);
});

test("a silent sign-on is tried again after 5, 10 and then 20 s, each time with a pause", () => {
	const { time, host, log } = startSigningOn({ limits: { backoffBaseMs: 1, backoffCapMs: 1 } });
	host.only();
	for (const waitMs of [5000, 10_000, 20_000, 20_000]) {
		time.advance(waitMs - 2);
		equal(host.seen().length, 0, `${waitMs}`);
		time.advance(3);
		equal(host.only().mti, 0x0800);
	}
	equal(log.of(LogCode.SignOnRefused)[3], [0, SignOnFault.Silent]);
});

test("eight silent sign-ons and the connection is given up", () => {
	const { time, link, sockets, log, host } = startSigningOn({ limits: { keepAliveMs: 0 } });
	let count = 0;
	while (!sockets.made[0]!.closed) {
		time.advance(100);
		if (!sockets.made[0]!.closed) count += host.seen().length;
	}
	equal([count, log.of(LogCode.SignOnRefused).length], [8, 8]);
	ok(link.state !== LinkState.SigningOn);
});

test("numbers that cannot be made durable hold the sign-on, not the terminal", () => {
	let full = true;
	let stan = 0;
	const { host, time, link, log } = startSigningOn({
		nextStan: () => (full ? fail("journal") : ++stan),
	});
	equal(host.seen().length, 0);
	equal(log.of(LogCode.SignOnRefused), [[0, SignOnFault.NoNumber]]);
	full = false;
	time.advance(1001);
	host.signOnReply(host.only());
	equal(link.state, LinkState.Up);
});

test("after a reconnect new keys are fetched", () => {
	const { host, time, link, sockets } = startSigningOn();
	host.signOnReply(host.only());
	sockets.last.fail();
	time.advance(1001);
	host.accept();
	time.settle();
	host.mak = new Uint8Array(16).fill(0x77);
	host.signOnReply(host.only());
	const { outcomes } = exchange(link);
	const sale = host.only();
	host.send(sale.attempt, host.reply(sale));
	equal(outcomes[0]?.kind, "reply");
});

test("a host whose clock is another tells its time before the link is up, a few seconds do not matter", () => {
	for (const [aheadMs, told] of [
		[0, []],
		[9_000, []],
		[-9_000, []],
		[31_000, [startMs + 31_000]],
		[-86_400_000, [startMs - 86_400_000]],
	] as const) {
		const times: number[] = [];
		const { host, link } = startSigningOn({ onHostTime: (wallMs) => times.push(wallMs) });
		host.clock = civilTime(startMs + aheadMs, 480);
		host.signOnReply(host.only());
		equal([times, link.state], [told, LinkState.Up]);
	}
});

test("the year that fields 12 and 13 leave out is the one that comes nearest", () => {
	const newYearMs = Date.UTC(2026, 11, 31, 15, 59, 50);
	const times: number[] = [];
	const options = { wallMs: newYearMs, onHostTime: (wallMs: number) => times.push(wallMs) };
	const { host } = startSigningOn(options);
	host.clock = { monthDay: 101, time: 30 };
	host.signOnReply(host.only());
	equal(times, [Date.UTC(2026, 11, 31, 16, 0, 30)]);
});

test("a time that is none is passed over", () => {
	const times: number[] = [];
	const { host, link } = startSigningOn({ onHostTime: (wallMs) => times.push(wallMs) });
	host.clock = { monthDay: 1399, time: 256_199 };
	host.signOnReply(host.only());
	equal([times, link.state], [[], LinkState.Up]);
});

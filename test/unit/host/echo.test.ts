import { LogCode } from "core/log";
import { defaultParameters } from "core/parameters";
import { ChannelKind } from "host/channel";
import { LinkState } from "host/link";
import { equal, ok, test } from "test/harness";
import { backupConfig } from "./fake-backup";
import { exchange, startUp, type Seen } from "./fake-host";

const echoMs = 300_000;
const limits = { keepAliveMs: 0 };

/** Up, and the host has answered its first echo: 10 s after the sign-on. */
function startProven(options: Parameters<typeof startUp>[0] = {}) {
	const started = startUp({ limits, ...options });
	started.time.advance(10_000);
	const echo = started.host.only();
	started.host.send(echo.attempt, started.host.networkReply(echo));
	return started;
}

function isEcho({ mti, reader, qos }: Seen): boolean {
	return mti === 0x0820 && reader.digits(60) === "00000012301" && qos === 0 && !reader.has(64);
}

test("ten seconds after the first sign-on the host is asked for an echo, then after five quiet minutes", () => {
	const { time, host, link } = startUp({ limits });
	time.advance(9999);
	equal(host.seen().length, 0);
	time.advance(1);
	const first = host.only();
	ok(isEcho(first));
	host.send(first.attempt, host.networkReply(first));
	time.advance(echoMs - 1);
	equal(host.seen().length, 0);
	time.advance(1);
	const second = host.only();
	ok(isEcho(second) && second.attempt !== first.attempt);
	equal([link.state, link.inFlight], [LinkState.Up, 0]);
});

test("a reply to a request is as good as an echo", () => {
	const { time, host, link } = startProven();
	time.advance(200_000);
	exchange(link);
	const seen = host.only();
	host.send(seen.attempt, host.reply(seen));
	time.advance(echoMs - 1);
	equal(host.seen().length, 0);
	time.advance(1);
	ok(isEcho(host.only()));
});

test("the acquirer sets how long the host may be quiet", () => {
	const parameters = { ...defaultParameters, echoIntervalMs: 60_000 };
	const { time, host } = startProven({ parameters: () => parameters });
	time.advance(59_999);
	equal(host.seen().length, 0);
	time.advance(1);
	ok(isEcho(host.only()));
});

test("two unanswered echoes from a host that does answer echoes: it is deaf, and the link connects anew", () => {
	const { time, host, link, states, log, sockets } = startProven();
	time.advance(echoMs + 10_000);
	equal(host.seen().map(isEcho), [true, true]);
	equal(link.state, LinkState.Up);
	time.advance(10_000);
	equal(states[0], LinkState.Down);
	equal(log.of(LogCode.HostDeaf), [[ChannelKind.Mqtt, 0]]);
	time.advance(2000);
	equal(sockets.made.length, 2);
});

test("with a backup channel a deaf host is looked for there at once", () => {
	const { time, link, log, sockets } = startProven({ config: backupConfig });
	time.advance(echoMs + 20_000);
	equal(log.of(LogCode.ChannelChanged), [[ChannelKind.Backup, 2]]);
	time.advance(2000);
	equal(sockets.last.options.host, "backup.test");
	equal(link.channel, ChannelKind.Backup);
});

test("a host that has never answered an echo is not called deaf", () => {
	const { time, host, link, log } = startUp({ limits });
	time.advance(3_600_000);
	ok(host.seen().filter(isEcho).length > 10);
	equal([link.state, log.of(LogCode.HostDeaf)], [LinkState.Up, []]);
});

test("a request without a reply makes the terminal ask at once whether anybody is there", () => {
	const { time, host, link, states } = startProven();
	const { outcomes } = exchange(link);
	host.only();
	time.advance(60_000);
	equal(outcomes, [{ kind: "no-reply" }]);
	const echo = host.only();
	ok(isEcho(echo));
	host.send(echo.attempt, host.networkReply(echo));
	time.advance(60_000);
	equal([link.state, states, host.seen().length], [LinkState.Up, [], 0]);
});

test("after a request and two echoes without an answer the next customer does not wait for a reply", () => {
	const { time, link, host } = startProven();
	exchange(link);
	host.only();
	time.advance(80_000);
	equal(exchange(link).attempt, 0);
});

test("an 0830 with another STAN, batch, terminal or attempt is no echo", () => {
	const { time, host, log } = startProven();
	time.advance(echoMs);
	const echo = host.only();
	const right = host.networkReply(echo);
	const wrong = right.slice();
	// The STAN stands behind MTI and bitmap.
	wrong[12] = wrong[12]! ^ 1;
	host.send(echo.attempt, wrong);
	host.send("1", right);
	host.send(echo.attempt, Uint8Array.of(8, 0x30));
	equal(log.of(LogCode.ForeignReply).length, 1);
	equal(log.of(LogCode.LateReply).length, 1);
	equal(log.of(LogCode.BadMessage).length, 1);
	time.advance(10_000);
	ok(isEcho(host.only()), "it asks again");
});

test("a flash that gives no number is no deaf host's fault while it lasts less than two echoes", () => {
	let full = false;
	let stan = 100;
	const { time, link, log, host } = startProven({
		nextStan: () => {
			if (full) throw new Error("full");
			return ++stan;
		},
	});
	full = true;
	time.advance(echoMs);
	full = false;
	time.advance(10_000);
	const echo = host.only();
	host.send(echo.attempt, host.networkReply(echo));
	equal([link.state, log.of(LogCode.HostDeaf)], [LinkState.Up, []]);
});

test("echoes that the acquirer has switched off come only after a request without a reply", () => {
	const parameters = { ...defaultParameters, echoIntervalMs: 0 };
	const { time, host, link } = startUp({ limits, parameters: () => parameters });
	time.advance(7_200_000);
	equal(host.seen().length, 0);
	exchange(link);
	host.only();
	time.advance(60_000);
	ok(isEcho(host.only()));
});

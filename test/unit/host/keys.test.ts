import { LogCode } from "core/log";
import { defaultParameters } from "core/parameters";
import { LinkState } from "host/link";
import { equal, ok, test } from "test/harness";
import { startOnBackup } from "./fake-backup";
import { exchange, startUp } from "./fake-host";

const dayMs = 86_400_000;
const limits = { keepAliveMs: 0 };
const quiet = { ...defaultParameters, keyAgeMaxMs: dayMs, echoIntervalMs: 0 };

test("keys that are a day old are renewed over the standing connection, in a moment without a request", () => {
	const { time, host, link, states, log, sockets } = startUp({
		limits: { ...limits, firstEchoMs: 10 * dayMs },
		parameters: () => quiet,
	});
	time.advance(dayMs - 1);
	equal(states, []);
	time.advance(1);
	equal([states, log.of(LogCode.KeysDue)], [[LinkState.SigningOn], [[0, 0]]]);
	time.settle();
	const signOn = host.only();
	equal(signOn.mti, 0x0800);
	host.mak = new Uint8Array(16).fill(0x77);
	host.signOnReply(signOn);
	equal([link.state, sockets.made.length], [LinkState.Up, 1]);
	time.advance(dayMs - 1);
	equal(link.state, LinkState.Up);
});

test("the acquirer sets the age, also while the keys are in use", () => {
	let keyAgeMs = dayMs;
	const { time, states } = startUp({
		limits: { ...limits, firstEchoMs: 10 * dayMs },
		parameters: () => ({ ...quiet, keyAgeMaxMs: keyAgeMs }),
	});
	time.advance(5 * 3_600_000);
	keyAgeMs = 2 * 3_600_000;
	time.advance(3_600_000);
	equal(states, [LinkState.SigningOn]);
});

test("what is in flight gets its reply under the old keys first; what follows goes under the new ones", () => {
	const { time, host, link, states } = startUp({
		limits: { ...limits, firstEchoMs: 10 * dayMs },
		parameters: () => quiet,
	});
	time.advance(dayMs - 1000);
	const { outcomes } = exchange(link, "stored-sale");
	const seen = host.only();
	time.advance(2000);
	equal(states, []);
	host.send(seen.attempt, host.reply(seen));
	equal([outcomes.length, states], [1, [LinkState.SigningOn]]);
	time.settle();
	host.mak = new Uint8Array(16).fill(0x78);
	host.signOnReply(host.only());
	// The same stored sale again, as the queue would after a lost reply: its MAC is made anew.
	const again = exchange(link, "stored-sale");
	const second = host.only();
	host.send(second.attempt, host.reply(second));
	equal(
		again.outcomes.map(({ kind }) => kind),
		["reply"],
	);
	ok(second.reader.bytes(64).join() !== seen.reader.bytes(64).join());
});

test("when requests never cease the link drains: a minute after the keys are due it takes no more", () => {
	const { time, host, link, states } = startUp({
		limits: { ...limits, firstEchoMs: 10 * dayMs },
		parameters: () => quiet,
	});
	time.advance(dayMs - 1);
	exchange(link, "stored-sale", { stan: 1 });
	const first = host.only();
	time.advance(30_000);
	exchange(link, "stored-sale", { stan: 2 });
	const second = host.only();
	host.send(first.attempt, host.reply(first));
	time.advance(30_001);
	equal([link.state, link.room, exchange(link).attempt], [LinkState.Draining, 0, 0]);
	host.send(second.attempt, host.reply(second));
	equal(states, [LinkState.Draining, LinkState.SigningOn]);
});

test("3 or 4 in the header of a frame makes the terminal sign on again, but not for young keys", () => {
	for (const [request, ageMs, renews] of [
		[3, 61_000, true],
		[4, 61_000, true],
		[3, 59_000, false],
		[2, 61_000, false],
		[9, 61_000, false],
	] as const) {
		const { link, host, backup, time, states } = startOnBackup({
			limits: { firstEchoMs: dayMs },
			rules: { probeBaseMs: dayMs, probeCapMs: dayMs },
		});
		time.advance(ageMs);
		exchange(link, "reversal");
		const [seen] = backup.seen();
		backup.send(seen!, host.reply(seen!), request);
		const expected = renews ? [LinkState.SigningOn] : [];
		equal(states, expected, `${request} after ${ageMs} ms`);
		time.settle();
		equal(
			backup.seen().map(({ mti }) => mti),
			renews ? [0x0800] : [],
		);
	}
});

test("sign-off waits for what is in flight, says 0820 with 002, and closes when it is answered", () => {
	const { time, host, link, states, sockets } = startUp({ limits });
	const { outcomes } = exchange(link);
	const seen = host.only();
	let done = 0;
	link.signOff(() => done++);
	time.settle();
	equal([link.state, exchange(link).attempt, done], [LinkState.Draining, 0, 0]);
	host.send(seen.attempt, host.reply(seen));
	equal(
		outcomes.map(({ kind }) => kind),
		["reply"],
	);
	const signOff = host.only();
	equal([signOff.mti, signOff.reader.digits(60)], [0x0820, "00000012002"]);
	host.send(signOff.attempt, host.networkReply(signOff));
	equal([done, link.state, sockets.last.closed], [1, LinkState.Down, true]);
	// DISCONNECT is the last that leaves.
	equal([...(sockets.last.take().pop() ?? [])], [0xe0, 0]);
	time.advance(3_600_000);
	equal([states, sockets.made.length, time.count], [[LinkState.Draining], 1, 0]);
});

test("a sign-off that nobody answers ends after 5 s, one without a connection at once", () => {
	const { time, host, link } = startUp({ limits });
	let done = 0;
	link.signOff(() => done++);
	equal(host.only().reader.digits(60).slice(8), "002");
	time.advance(4999);
	equal(done, 0);
	time.advance(1);
	equal([done, time.count], [1, 0]);
	const other = startUp({ limits });
	other.sockets.last.fail();
	other.link.signOff(() => done++);
	equal(done, 1);
	other.time.settle();
	equal(done, 2);
});

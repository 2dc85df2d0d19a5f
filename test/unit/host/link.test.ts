import { LogCode } from "core/log";
import { LinkState, type HostOutcome } from "host/link";
import { equal, ok, test } from "test/harness";
import { exchange, startLink, startMs, startUp, waitForRequest } from "./fake-host";

const approved = {
	kind: "reply",
	responseCode: "00",
	rrn: "123456789012",
	authCode: "AUTH01",
	authenticated: true,
};

test("the link goes from down over connecting and signing on to up", () => {
	const { link, time, host, states, log, sockets } = startLink();
	equal(link.state, LinkState.Down);
	link.networkChanged();
	time.settle();
	equal(states, [LinkState.Connecting]);
	equal([sockets.last.options.host, sockets.last.options.port], ["broker.test", 1883]);
	host.accept();
	equal(states, [LinkState.Connecting, LinkState.SigningOn]);
	equal(host.seen().length, 0, "nothing is sent from inside the callback");
	time.settle();
	const signOn = host.only();
	equal([signOn.mti, signOn.qos, signOn.attempt], [0x0800, 0, "20"]);
	host.signOnReply(signOn);
	equal(states, [LinkState.Connecting, LinkState.SigningOn, LinkState.Up]);
	equal(log.of(LogCode.SignedOn), [[12, 0x20]]);
});

test("without a carrier nothing is tried; the first change starts it", () => {
	const { link, time, network, sockets } = startLink();
	network.up = false;
	link.networkChanged();
	time.advance(200_000);
	equal(sockets.made.length, 0);
	network.up = true;
	link.networkChanged();
	time.settle();
	equal(sockets.made.length, 1);
});

test("a sale is sent with QoS 0 on its own topic and its reply is the outcome", () => {
	const { link, host } = startUp();
	const { attempt, outcomes } = exchange(link);
	equal([attempt, link.inFlight], [0x21, 1]);
	const seen = host.only();
	equal([seen.attempt, seen.mti, seen.qos], ["21", 0x0200, 0]);
	equal(outcomes, []);
	host.send("21", host.reply(seen));
	equal(outcomes, [approved]);
	equal(link.inFlight, 0);
});

test("reversals and stored sales go with QoS 1", () => {
	const { link, host } = startUp();
	exchange(link, "reversal");
	exchange(link, "stored-sale");
	equal(
		host.seen().map(({ mti, qos }) => [mti, qos]),
		[
			[0x0400, 1],
			[0x0220, 1],
		],
	);
});

test("several requests in flight get each its own reply, whatever the order", () => {
	const { link, host } = startUp();
	const first = exchange(link, "stored-sale", { stan: 1 });
	const second = exchange(link, "stored-sale", { stan: 2 });
	const [one, two] = host.seen();
	host.send(two!.attempt, host.reply(two!, { code: "94" }), 1);
	equal([first.outcomes.length, second.outcomes.length], [0, 1]);
	host.send(one!.attempt, host.reply(one!), 1);
	equal([first.outcomes.length, link.inFlight], [1, 0]);
});

test("a declined sale tells the code, with an empty authorisation code", () => {
	const { link, host } = startUp();
	const { outcomes } = exchange(link);
	const seen = host.only();
	host.send(seen.attempt, host.reply(seen, { code: "51" }));
	equal(outcomes, [{ ...approved, responseCode: "51", authCode: "" }]);
});

test("no reply within the deadline is an outcome, and what comes then is late and changes nothing", () => {
	const { link, host, time, log } = startUp();
	const { outcomes } = exchange(link);
	const seen = host.only();
	time.advance(59_999);
	equal(outcomes, []);
	time.advance(1);
	equal(outcomes, [{ kind: "no-reply" }]);
	host.send(seen.attempt, host.reply(seen));
	equal(outcomes.length, 1);
	equal(log.of(LogCode.LateReply), [[0x21, 0]]);
	equal(link.state, LinkState.Up);
});

test("a second copy of a reply is late", () => {
	const { link, host, log } = startUp();
	const { outcomes } = exchange(link);
	const seen = host.only();
	host.send(seen.attempt, host.reply(seen));
	host.send(seen.attempt, host.reply(seen, { code: "A0", mac: "none" }));
	equal(outcomes.length, 1);
	equal(log.of(LogCode.LateReply), [[0x21, 1360]]);
	equal(link.state, LinkState.Up);
});

test("the reply to another attempt of the same transaction is no reply to this one", () => {
	const { link, host, time, log } = startUp();
	const first = exchange(link, "reversal");
	const early = host.only();
	time.advance(60_000);
	const second = exchange(link, "reversal");
	host.send(early.attempt, host.reply(early, { code: "25" }), 1);
	equal([first.outcomes.length, second.outcomes.length], [1, 0]);
	equal(log.of(LogCode.LateReply), [[0x21, 25]]);
});

test("a reply whose fields differ is foreign, and the right one still counts", () => {
	const falsified = [
		[{ mti: 0x0410 }, 0],
		[{ processingCode: 200_000 }, 3],
		[{ amountMinor: 1235 }, 4],
		[{ stan: 75 }, 11],
		[{ terminalId: "TERM0002" }, 41],
		[{ merchantId: "898100012345679" }, 42],
		[{ batch: "000013" }, 60],
	] as const;
	for (const [options, field] of falsified) {
		const { link, host, log } = startUp();
		const { outcomes } = exchange(link);
		const seen = host.only();
		host.send(seen.attempt, host.reply(seen, options));
		equal(outcomes, [], `field ${field}`);
		equal(log.of(LogCode.ForeignReply), [[0x21, field]]);
		host.send(seen.attempt, host.reply(seen));
		equal(outcomes, [approved]);
	}
});

test("an attempt that never was is foreign, and a topic that names none is noted", () => {
	const { link, host, log } = startUp();
	const { outcomes } = exchange(link);
	const seen = host.only();
	host.send("22", host.reply(seen));
	for (const topic of ["0", "021", "21 ", "1000021", "2G", "1F"])
		host.send(topic, host.reply(seen));
	equal(log.of(LogCode.ForeignReply), [[0x22, 0]]);
	equal(log.of(LogCode.MqttError).length, 6);
	equal(outcomes, []);
});

test("garbage on the topic of an open attempt is noted and the right reply still counts", () => {
	const { link, host, log } = startUp();
	const { outcomes } = exchange(link);
	const seen = host.only();
	const right = host.reply(seen);
	host.send(seen.attempt, new Uint8Array(0));
	host.send(seen.attempt, Uint8Array.of(1, 2, 3));
	host.send(seen.attempt, right.subarray(0, right.length - 1));
	equal(outcomes, []);
	equal(log.of(LogCode.BadMessage).length, 3);
	host.send(seen.attempt, right);
	equal(outcomes, [approved]);
});

test("a wrong MAC is an outcome at once and the terminal signs on again over the same connection", () => {
	const { link, host, log, time, states, sockets } = startUp();
	const { outcomes } = exchange(link);
	const seen = host.only();
	host.send(seen.attempt, host.reply(seen, { mac: "wrong" }));
	equal(outcomes, [{ kind: "wrong-mac" }]);
	equal(log.of(LogCode.BadMac), [[0x21, 0]]);
	equal(exchange(link).attempt, 0, "not while signing on");
	time.settle();
	const signOn = host.only();
	equal(signOn.mti, 0x0800);
	host.mak = new Uint8Array(16).fill(0x33);
	host.signOnReply(signOn);
	equal(states, [LinkState.SigningOn, LinkState.Up]);
	equal(sockets.made.length, 1);
	const again = exchange(link);
	const next = host.only();
	host.send(next.attempt, host.reply(next));
	equal(again.outcomes, [approved]);
});

test("an approval without MAC is a wrong MAC", () => {
	const { link, host } = startUp();
	const { outcomes } = exchange(link);
	const seen = host.only();
	host.send(seen.attempt, host.reply(seen, { mac: "none" }));
	equal(outcomes, [{ kind: "wrong-mac" }]);
	equal(link.state, LinkState.SigningOn);
});

test("another code without MAC is no reply: the wait goes on", () => {
	for (const code of ["51", "25", "94", "77", "11"]) {
		const { link, host, time } = startUp();
		const { outcomes } = exchange(link);
		const seen = host.only();
		host.send(seen.attempt, host.reply(seen, { code, mac: "none" }));
		equal([outcomes.length, link.state], [0, LinkState.Up], code);
		time.advance(60_000);
		equal(outcomes, [{ kind: "no-reply" }]);
	}
});

test("A0, 97 and 99 count without MAC but are not authenticated, and make the terminal sign on again", () => {
	for (const code of ["A0", "97", "99"]) {
		const { link, host } = startUp();
		const { outcomes } = exchange(link);
		const seen = host.only();
		host.send(seen.attempt, host.reply(seen, { code, mac: "none" }));
		equal(outcomes, [{ ...approved, responseCode: code, authCode: "", authenticated: false }]);
		equal(link.state, LinkState.SigningOn);
	}
});

test("an authenticated 77 makes the terminal sign on again and take the host's batch before it is up", () => {
	const order: string[] = [];
	const started = startUp({
		onBatch: (batch) => order.push(`batch ${batch}`),
		onState: (state) => order.push(`state ${state}`),
	});
	const { link, host, time, log } = started;
	order.splice(0);
	exchange(link);
	const seen = host.only();
	host.send(seen.attempt, host.reply(seen, { code: "77" }));
	time.settle();
	host.batch = "000013";
	host.signOnReply(host.only());
	equal(order, ["state 2", "batch 13", "state 3"]);
	equal([link.batch, link.state], [13, LinkState.Up]);
	equal(log.of(LogCode.BatchMismatch), [[12, 13]]);
});

test("97 is followed by a slow sign-on: one to two minutes", () => {
	const started = startUp({ limits: { keepAliveMs: 0 } });
	const { link, host } = started;
	exchange(link);
	const seen = host.only();
	host.send(seen.attempt, host.reply(seen, { code: "97", mac: "none" }));
	const { request, waitedMs } = waitForRequest(started);
	equal(request.mti, 0x0800);
	ok(waitedMs >= 60_000 && waitedMs <= 120_100, `${waitedMs}`);
});

test("keys that never prove to work are not fetched without pause", () => {
	const started = startUp();
	const { link, host, time } = started;
	const pausesMs: number[] = [];
	for (let round = 0; round < 8; round++) {
		exchange(link);
		const seen = host.only();
		host.send(seen.attempt, host.reply(seen, { code: "A0", mac: "none" }));
		time.settle();
		const { request, waitedMs } = waitForRequest(started);
		pausesMs.push(waitedMs);
		host.signOnReply(request);
	}
	equal(pausesMs[0], 0);
	ok(Math.max(...pausesMs) > 5000 && Math.max(...pausesMs) <= 60_100, pausesMs.join());
	// A reply with a right MAC proves the keys: the next time begins from the start.
	exchange(link);
	const good = host.only();
	host.send(good.attempt, host.reply(good));
	for (const limitMs of [0, 1100, 2100]) {
		exchange(link);
		const seen = host.only();
		host.send(seen.attempt, host.reply(seen, { code: "A0", mac: "none" }));
		time.settle();
		const { request, waitedMs } = waitForRequest(started);
		ok(waitedMs <= limitMs, `${waitedMs} of ${limitMs}`);
		host.signOnReply(request);
	}
});

test("while keys change a reply is proved by the key of its request or by the newest, and by no other", () => {
	const kinds = ["of the request", "newest", "other"].map((which) => {
		const { link, host, time } = startUp();
		const first = exchange(link, "stored-sale", { stan: 1 });
		exchange(link, "stored-sale", { stan: 2 });
		const [one, two] = host.seen();
		const underOld = host.reply(one!);
		host.send(two!.attempt, host.reply(two!, { code: "A0", mac: "none" }));
		time.settle();
		host.mak = new Uint8Array(16).fill(0x44);
		host.signOnReply(host.only());
		const underNew = host.reply(one!);
		host.mak = new Uint8Array(16).fill(0x55);
		const underOther = host.reply(one!);
		const reply = which === "newest" ? underNew : which === "other" ? underOther : underOld;
		host.send(one!.attempt, reply, 1);
		return first.outcomes.map(({ kind }) => kind);
	});
	equal(kinds, [["reply"], ["reply"], ["wrong-mac"]]);
});

test("a connection that breaks gives every waiting request no-reply, exactly once", () => {
	const { link, sockets, time, states, log } = startUp();
	const first = exchange(link);
	const second = exchange(link, "reversal");
	sockets.last.fail();
	equal([link.inFlight, link.state], [0, LinkState.Down]);
	time.settle();
	equal([first.outcomes, second.outcomes], [[{ kind: "no-reply" }], [{ kind: "no-reply" }]]);
	time.advance(60_000);
	equal([first.outcomes.length, second.outcomes.length], [1, 1]);
	equal(states[0], LinkState.Down);
	equal(log.of(LogCode.MqttError)[0], [1, 0]);
});

test("when the carrier goes the link is down at once and comes back with it", () => {
	const { link, network, time, sockets, states } = startUp();
	const { outcomes } = exchange(link);
	network.up = false;
	equal(exchange(link).attempt, 0, "no carrier");
	link.networkChanged();
	equal([link.state, sockets.last.closed], [LinkState.Down, true]);
	time.advance(300_000);
	equal(outcomes, [{ kind: "no-reply" }]);
	equal(sockets.made.length, 1);
	network.up = true;
	link.networkChanged();
	time.settle();
	equal(sockets.made.length, 2);
	equal(states, [LinkState.Down, LinkState.Connecting]);
});

test("a carrier that is told to be up again and again does not shorten the pause", () => {
	const { link, time, sockets } = startLink({ limits: { backoffBaseMs: 30_000 } });
	link.networkChanged();
	time.settle();
	sockets.last.fail();
	for (let n = 0; n < 20; n++) link.networkChanged();
	time.settle();
	equal(sockets.made.length, 1);
	time.advance(30_000);
	equal(sockets.made.length, 2);
});

test("a carrier that blinked without a word is found when it is told to be up", () => {
	const { link, network, time, sockets } = startUp();
	network.up = false;
	sockets.last.fail();
	time.advance(100_000);
	equal(sockets.made.length, 1);
	network.up = true;
	link.networkChanged();
	time.settle();
	equal(sockets.made.length, 2);
});

test("exchange is refused with 0 and leaves nothing unless the link is up", () => {
	const { link, time, host, sockets } = startLink();
	equal(exchange(link).attempt, 0);
	link.networkChanged();
	time.settle();
	equal(exchange(link).attempt, 0);
	host.accept();
	const { attempt, outcomes } = exchange(link);
	equal(attempt, 0);
	equal(host.seen().length, 0);
	sockets.last.fail();
	time.advance(300_000);
	equal(outcomes, []);
});

test("without room in the socket exchange gives 0, nothing waits and the next one goes", () => {
	const { link, sockets, host } = startUp();
	sockets.last.room = 10;
	const { attempt, outcomes } = exchange(link);
	equal([attempt, link.inFlight], [0, 0]);
	equal(host.seen().length, 0);
	ok(exchange(link).attempt > 0);
	equal(outcomes, []);
});

test("the ninth request in flight is refused", () => {
	const { link } = startUp();
	for (let n = 0; n < 8; n++) ok(exchange(link, "request", { stan: n + 1 }).attempt > 0);
	equal([exchange(link).attempt, link.inFlight], [0, 8]);
});

test("a failed connection is tried again with growing, jittered pauses that a success resets", () => {
	const { link, time, sockets, host } = startLink();
	link.networkChanged();
	time.settle();
	const pauses: number[] = [];
	for (let round = 0; round < 10; round++) {
		const failedMs = time.ticksMs();
		const count = sockets.made.length;
		sockets.last.fail();
		while (sockets.made.length === count) time.advance(50);
		pauses.push(time.ticksMs() - failedMs);
	}
	pauses.forEach((pauseMs, round) =>
		ok(pauseMs <= Math.min(1000 * 2 ** round, 60_000) + 50, `${round}: ${pauseMs}`),
	);
	ok(Math.max(...pauses) > 10_000, pauses.join());
	host.accept();
	time.settle();
	host.signOnReply(host.only());
	equal(link.state, LinkState.Up);
	const upMs = time.ticksMs();
	const count = sockets.made.length;
	sockets.last.fail();
	while (sockets.made.length === count) time.advance(50);
	ok(time.ticksMs() - upMs <= 1050);
});

test("a socket that never opens, a broker that never answers: each step ends after 20 s", () => {
	const { link, time, sockets, host, states } = startLink();
	link.networkChanged();
	time.settle();
	time.advance(20_000);
	equal([states[1], sockets.last.closed], [LinkState.Down, true]);
	while (sockets.made.length < 2) time.advance(100);
	sockets.last.writable();
	sockets.last.receive(Uint8Array.of(0x20, 2, 0, 0));
	time.advance(19_000);
	equal(link.state, LinkState.Connecting, "no SUBACK");
	time.advance(1000);
	equal(link.state, LinkState.Down);
	while (sockets.made.length < 3) time.advance(100);
	host.accept();
	equal(link.state, LinkState.SigningOn);
});

test("a refused subscription ends the connection", () => {
	const { link, time, sockets, log } = startLink();
	link.networkChanged();
	time.settle();
	sockets.last.writable();
	sockets.last.receive(Uint8Array.of(0x20, 2, 0, 0));
	sockets.last.receive(Uint8Array.of(0x90, 3, 0, 1, 0x80));
	equal([link.state, sockets.last.closed], [LinkState.Down, true]);
	equal(log.of(LogCode.MqttError), [[20, 0x80]]);
});

test("field 7 is UTC at each send, 12 and 13 the local time of the transaction", () => {
	const { link, host, time } = startUp({ limits: { firstEchoMs: 60_000 } });
	const openedMs = startMs - 30 * 60_000 - 60_000 * 60 * 10;
	exchange(link, "reversal", { openedMs });
	const first = host.only();
	time.advance(15_000);
	exchange(link, "reversal", { openedMs });
	const second = host.only();
	equal([first.reader.digits(7), second.reader.digits(7)], ["1122023000", "1122023015"]);
	equal([second.reader.digits(12), second.reader.digits(13)], ["000000", "1122"]);
});

test("close ends everything quietly: one no-reply each, no state, no timer, no reconnect", () => {
	const { link, time, sockets, states } = startUp();
	const { outcomes } = exchange(link);
	link.close();
	link.close();
	equal([outcomes.length, sockets.last.closed, link.state], [0, true, LinkState.Down]);
	time.settle();
	equal(outcomes, [{ kind: "no-reply" }]);
	link.networkChanged();
	time.advance(300_000);
	equal([states, sockets.made.length, time.count, outcomes.length], [[], 1, 0, 1]);
	equal(exchange(link).attempt, 0);
});

test("a settlement message is sent and answered like the others, and a sign-on can be asked for", () => {
	const { link, host, time } = startUp();
	const outcomes: HostOutcome[] = [];
	const attempt = link.settle(
		{
			message: "upload",
			stan: 77,
			batch: 12,
			network: 207,
			currency: 156,
			digits48: "0002",
			timeoutMs: 20_000,
		},
		(outcome) => outcomes.push(outcome),
	);
	ok(attempt > 0);
	const seen = host.only();
	equal([seen.mti, seen.qos], [0x320, 1]);
	time.advance(20_000);
	equal(outcomes, [{ kind: "no-reply" }]);
	// Echoes: is anybody there?
	equal(
		host.seen().every(({ mti }) => mti === 0x820),
		true,
	);
	link.signOn();
	time.settle();
	equal([link.state, host.only().mti], [LinkState.SigningOn, 0x800]);
});

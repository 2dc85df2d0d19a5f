import { toHex } from "core/bytes";
import { LogCode } from "core/log";
import { ChannelKind } from "host/channel";
import { LinkState } from "host/link";
import { SwitchReason } from "host/switch-rules";
import { equal, fail, ok, test } from "test/harness";
import { startOnBackup, startWithBackup, type FakeBackup, type Framed } from "./fake-backup";
import { exchange, type FakeHost } from "./fake-host";

function sale(backup: FakeBackup): Framed {
	const [request] = backup.seen().filter(({ mti }) => mti === 0x0200);
	return request ?? fail("no 0200 over TCP");
}

/** Time passes; the broker refuses every connection and the backup host answers echoes and polls. */
function pass(
	parts: { readonly backup: FakeBackup; readonly host: FakeHost } & ReturnType<
		typeof startOnBackup
	>,
	ms: number,
): void {
	for (let at = 0; at < ms; at += 100) {
		parts.time.advance(100);
		for (const request of parts.backup.seen())
			if (request.mti === 0x0820) parts.backup.send(request, parts.host.networkReply(request));
	}
}

test("three failed MQTT connections and the link signs on over the backup channel", () => {
	const { link, log, states, sockets } = startOnBackup();
	equal([link.state, link.channel], [LinkState.Up, ChannelKind.Backup]);
	equal(states, []);
	const mqtt = sockets.made.filter(({ options }) => options.host === "broker.test");
	equal(mqtt.length, 3);
	equal(log.of(LogCode.ChannelChanged), []);
});

test("MQTT that does not come up within 45 s is left while it still tries", () => {
	const { link, time, backup, log } = startWithBackup({ limits: { connectTimeoutMs: 120_000 } });
	link.networkChanged();
	time.advance(44_900);
	equal([link.channel, backup.sockets.length], [ChannelKind.Mqtt, 0]);
	time.advance(2000);
	equal([link.channel, backup.sockets.length], [ChannelKind.Backup, 1]);
	equal(log.of(LogCode.ChannelChanged), [[ChannelKind.Backup, SwitchReason.Time]]);
});

test("time without a carrier does not count against MQTT", () => {
	const { link, network, time, backup } = startWithBackup();
	link.networkChanged();
	time.advance(10_000);
	network.up = false;
	link.networkChanged();
	time.advance(600_000);
	network.up = true;
	link.networkChanged();
	time.advance(19_000);
	equal([link.channel, backup.sockets.length], [ChannelKind.Mqtt, 0]);
});

test("a sign-on that is held for want of a clock is no reason to change the channel", () => {
	const { link, time, host } = startWithBackup({
		wallMs: undefined,
		limits: { keepAliveMs: 0 },
	});
	link.networkChanged();
	time.settle();
	host.accept();
	time.advance(300_000);
	equal([link.channel, link.state], [ChannelKind.Mqtt, LinkState.SigningOn]);
});

test("a frame is length, the configured TPDU, a header of twelve digits, the message", () => {
	const { link, backup } = startOnBackup();
	exchange(link);
	const [socket] = backup.sockets;
	equal([socket?.options.host, socket?.options.port], ["backup.test", 7001]);
	socket!.writable();
	const bytes = socket!.writes[0]!;
	equal((bytes[0]! << 8) | bytes[1]!, bytes.length - 2);
	equal(toHex(bytes.subarray(2, 13)), "6000120034" + "603100000100");
	equal(toHex(bytes.subarray(13, 15)), "0200");
});

test("one connection carries one attempt, and its reply ends both", () => {
	const { link, host, backup } = startOnBackup();
	const first = exchange(link, "request", { stan: 1 });
	const second = exchange(link, "stored-sale", { stan: 2 });
	const [one, two] = backup.seen();
	equal([backup.sockets.length, one?.mti, two?.mti], [2, 0x0200, 0x0220]);
	backup.send(two!, host.reply(two!));
	equal(
		second.outcomes.map(({ kind }) => kind),
		["reply"],
	);
	equal([first.outcomes.length, two!.socket.closed, one!.socket.closed], [0, true, false]);
	backup.send(one!, host.reply(one!), 0, false);
	equal(
		first.outcomes.map(({ kind }) => kind),
		["reply"],
	);
	equal(backup.sockets.length, 0);
});

test("a reply on another connection than its request's counts for nothing", () => {
	const { link, host, backup, time } = startOnBackup();
	const first = exchange(link, "request", { stan: 1 });
	exchange(link, "request", { stan: 2 });
	const [one, two] = backup.seen();
	backup.send(two!, host.reply(one!));
	equal(first.outcomes, []);
	time.advance(60_000);
	equal(first.outcomes, [{ kind: "no-reply" }]);
});

test("a reply in single bytes counts, one with somebody else's TPDU ends the attempt", () => {
	for (const [tpdu, kind] of [
		["6000340012", "reply"],
		["6000340013", "no-reply"],
	] as const) {
		const { link, host, backup, log } = startOnBackup();
		const { outcomes } = exchange(link);
		const request = sale(backup);
		const message = host.reply(request);
		const length = message.length + 11;
		const head = [length >> 8, length & 255];
		const addresses = tpdu.match(/../g)!.map((pair) => parseInt(pair, 16));
		const bytes = [...head, ...addresses, 0x60, 0x31, 0, 0, 0, 0, ...message];
		request.socket.receiveSlowly(Uint8Array.from(bytes));
		equal(
			outcomes.map((outcome) => outcome.kind),
			[kind],
		);
		equal(log.of(LogCode.BackupError).length, kind === "reply" ? 0 : 1);
	}
});

test("a length that cannot be, a close without an answer, a connection that never opens: no reply", () => {
	const { link, backup, time, log } = startOnBackup();
	const lengths = exchange(link, "reversal", { stan: 1 });
	sale_(backup).socket.receive(Uint8Array.of(0xff, 0xff));
	equal(lengths.outcomes, [{ kind: "no-reply" }]);
	// A fresh link each time: two in a row end the channel.
	const other = startOnBackup();
	const closed = exchange(other.link, "reversal", { stan: 2 });
	sale_(other.backup).socket.fail();
	equal(closed.outcomes, [{ kind: "no-reply" }]);
	const third = startOnBackup();
	const unopened = exchange(third.link, "reversal", { stan: 3 });
	third.time.advance(20_000);
	equal(unopened.outcomes, [{ kind: "no-reply" }]);
	equal(
		log.of(LogCode.BackupError).map(([reason]) => reason),
		[3],
	);
	equal(third.log.of(LogCode.BackupError).map(([reason]) => reason)[0], 2);
	time.settle();
});

function sale_(backup: FakeBackup): Framed {
	const [request] = backup.seen().filter(({ mti }) => mti === 0x0400);
	return request ?? fail("no 0400 over TCP");
}

test("nothing that may have left over MQTT is sent again by the change of channel", () => {
	const started = startWithBackup();
	const { link, time, host, sockets, backup } = started;
	link.networkChanged();
	time.settle();
	host.accept();
	time.settle();
	host.signOnReply(host.only());
	const { outcomes } = exchange(link);
	equal(host.only().mti, 0x0200);
	sockets.last.fail();
	for (let tries = 0; backup.sockets.length === 0 && tries < 500; tries++) {
		for (const socket of sockets.made)
			if (socket.options.host === "broker.test" && !socket.closed) socket.fail();
		time.advance(100);
	}
	equal(outcomes, [{ kind: "no-reply" }]);
	const seen = backup.only();
	equal(seen.mti, 0x0800);
	backup.send(seen, host.signOnMessage(seen));
	time.settle();
	equal(
		backup.seen().map(({ mti }) => mti),
		[0x0820],
	);
});

test("a backup host that refuses two sign-ons each time is left for MQTT after two rounds", () => {
	const { link, time, sockets, backup, log } = startWithBackup();
	link.networkChanged();
	for (let at = 0; at < 600 && log.of(LogCode.ChannelChanged).length < 2; at++) {
		time.advance(100);
		for (const socket of sockets.made) if (!socket.closed) socket.fail();
	}
	equal(log.of(LogCode.ChannelChanged), [
		[ChannelKind.Backup, SwitchReason.Failures],
		[ChannelKind.Mqtt, SwitchReason.Failures],
	]);
	equal([link.channel, backup.sockets.length], [ChannelKind.Mqtt, 0]);
});

test("two attempts in a row whose connection breaks: the link is down, and comes up again", () => {
	const { link, backup } = startOnBackup();
	for (const stan of [1, 2]) {
		equal(link.state, LinkState.Up, `${stan}`);
		const { outcomes } = exchange(link, "reversal", { stan });
		sale_(backup).socket.fail();
		equal(outcomes, [{ kind: "no-reply" }]);
	}
	equal([link.state, exchange(link).attempt], [LinkState.Down, 0]);
});

test("three requests may be in flight, and `room` says so", () => {
	const { link } = startOnBackup();
	equal(link.room, 3);
	for (const stan of [1, 2, 3]) ok(exchange(link, "stored-sale", { stan }).attempt > 0);
	equal([link.room, exchange(link).attempt], [0, 0]);
});

test("MQTT is looked at while the backup channel is in use, and taken when it is stable and nothing is in flight", () => {
	const started = startOnBackup();
	const { link, time, host, sockets, backup, states, log } = started;
	const { outcomes } = exchange(link);
	const request = sale(backup);
	while (sockets.last.options.host !== "broker.test") time.advance(100);
	host.accept();
	// No host has answered an echo in this boot, so standing is enough.
	time.advance(30_000);
	equal([link.channel, link.state], [ChannelKind.Backup, LinkState.Up], "an attempt is in flight");
	backup.send(request, host.reply(request));
	equal(outcomes.length, 1);
	equal([link.channel, link.state], [ChannelKind.Mqtt, LinkState.SigningOn]);
	equal(log.of(LogCode.ChannelChanged), [[ChannelKind.Mqtt, SwitchReason.Return]]);
	time.settle();
	host.mak = new Uint8Array(16).fill(0x66);
	host.signOnReply(host.only());
	equal(states, [LinkState.SigningOn, LinkState.Up]);
	const next = exchange(link);
	const seen = host.only();
	host.send(seen.attempt, host.reply(seen));
	equal(
		next.outcomes.map(({ kind }) => kind),
		["reply"],
	);
});

test("where the host answers echoes, MQTT is stable only with an echo at both ends of 30 s", () => {
	const started = startOnBackup();
	const { link, time, host, sockets, backup } = started;
	pass(started, 15_000);
	while (sockets.last.options.host !== "broker.test") pass(started, 100);
	host.accept();
	const first = host.only();
	equal([first.mti, first.reader.digits(60).slice(8)], [0x0820, "301"]);
	host.send(first.attempt, host.networkReply(first));
	pass(started, 29_900);
	equal(host.seen().length, 0);
	time.advance(200);
	const second = host.only();
	equal(link.channel, ChannelKind.Backup);
	host.send(second.attempt, host.networkReply(second));
	equal([link.channel, link.state], [ChannelKind.Mqtt, LinkState.SigningOn]);
	equal(backup.sockets.length, 0);
});

test("an MQTT connection that breaks, or whose echo nobody answers, is looked for again later", () => {
	const started = startOnBackup();
	const { link, sockets, host } = started;
	pass(started, 15_000);
	const looks: number[] = [];
	for (let n = 0; n < 4; n++) {
		const count = sockets.made.filter(({ options }) => options.host === "broker.test").length;
		const fromMs = started.time.ticksMs();
		const now = (): number =>
			sockets.made.filter(({ options }) => options.host === "broker.test").length;
		while (now() === count) pass(started, 100);
		looks.push(started.time.ticksMs() - fromMs);
		const probe = sockets.made.filter(({ options }) => options.host === "broker.test").pop()!;
		if (n % 2 === 0) probe.fail();
		else host.accept();
	}
	ok(
		looks.every((ms) => ms <= 600_100),
		looks.join(),
	);
	equal([link.channel, link.state], [ChannelKind.Backup, LinkState.Up]);
});

test("when the sign-on over MQTT fails after the return, the backup channel is used again at once", () => {
	const started = startOnBackup();
	const { link, time, host, sockets, log } = started;
	while (sockets.last.options.host !== "broker.test") time.advance(100);
	host.accept();
	time.advance(30_000);
	equal([link.channel, link.state], [ChannelKind.Mqtt, LinkState.SigningOn]);
	time.advance(20_000);
	equal(link.channel, ChannelKind.Backup);
	equal(log.of(LogCode.ChannelChanged).slice(-1), [[ChannelKind.Backup, SwitchReason.Time]]);
	time.advance(2000);
	equal(sockets.last.options.host, "backup.test");
});

test("a request that is always in flight does not keep the link on the backup channel: it drains", () => {
	const started = startOnBackup({ rules: { idleWaitMs: 5000 } });
	const { link, time, host, sockets, backup, states } = started;
	exchange(link, "stored-sale", { stan: 1 });
	while (sockets.last.options.host !== "broker.test") time.advance(100);
	host.accept();
	const [one] = backup.seen();
	backup.send(one!, host.reply(one!));
	const { outcomes } = exchange(link, "stored-sale", { stan: 2 });
	const [two] = backup.seen();
	time.advance(35_000);
	equal([link.state, link.room, exchange(link).attempt], [LinkState.Draining, 0, 0]);
	backup.send(two!, host.reply(two!));
	equal(outcomes.length, 1);
	equal(states, [LinkState.Draining, LinkState.SigningOn]);
	equal(link.channel, ChannelKind.Mqtt);
});

test("close ends the backup channel quietly as well", () => {
	const { link, time, sockets } = startOnBackup();
	const { outcomes } = exchange(link);
	link.close();
	time.advance(3_600_000);
	equal([outcomes, time.count], [[{ kind: "no-reply" }], 0]);
	equal(sockets.made.filter(({ closed }) => !closed).length, 0);
});

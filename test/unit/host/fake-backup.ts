import { LinkState, type HostLink, type HostLinkOptions } from "host/link";
import { concatBytes } from "core/bytes";
import {
	FrameReader,
	frameBytes,
	headerBytes,
	swappedTpdu,
	unionpayFrames,
	type Frame,
} from "message/framing";
import { MessageReader } from "message/reader";
import { unionpay } from "message/unionpay";
import { fail } from "test/harness";
import type { FakeTime } from "../fakes/clock-and-timers";
import type { FakeSocket, FakeSockets } from "../fakes/socket";
import { config, startLink, type FakeHost, type Seen } from "./fake-host";

export const backupConfig = Object.freeze({
	...config,
	backupHost: "backup.test",
	backupPort: 7001,
	tpdu: "6000120034",
});

/** One request on its own connection. */
export interface Framed extends Pick<Seen, "reader" | "mti" | "payload"> {
	readonly socket: FakeSocket;
	readonly frame: Frame;
}

/** The acquirer's second address, at the far end of the fake sockets. */
export class FakeBackup {
	readonly #sockets: FakeSockets;

	constructor(sockets: FakeSockets) {
		this.#sockets = sockets;
	}

	/** Connections that the terminal has not closed, oldest first. */
	get sockets(): FakeSocket[] {
		return this.#sockets.made.filter(
			({ options, closed }) => options.host === "backup.test" && !closed,
		);
	}

	/** Accepts all connections and takes what came over them. */
	seen(): Framed[] {
		const found: Framed[] = [];
		for (const socket of this.sockets) {
			socket.writable();
			const reader = new FrameReader(unionpayFrames);
			for (const frame of reader.push(concatBytes(...socket.take()))) {
				const message = new MessageReader(unionpay);
				message.parse(frame.message);
				const { mti } = message;
				found.push({ socket, frame, reader: message, mti, payload: frame.message });
			}
		}
		return found;
	}

	/** The one request that came. */
	only(): Framed {
		const seen = this.seen();
		if (seen.length !== 1) fail(`${seen.length} requests over TCP`);
		return seen[0]!;
	}

	/** Sends a frame back. @param request digit of the header */
	send({ socket, frame }: Framed, message: Uint8Array, request = 0, swap = true): void {
		const tpdu = swap ? swappedTpdu(frame.tpdu) : frame.tpdu;
		const software = 0;
		const header = headerBytes({
			application: 60,
			version: 31,
			terminalState: 0,
			request,
			software,
		});
		socket.receive(frameBytes(unionpayFrames, message, tpdu, header));
	}
}

export interface BackupParts {
	readonly link: HostLink;
	readonly time: FakeTime;
	readonly host: FakeHost;
	readonly backup: FakeBackup;
	readonly sockets: FakeSockets;
}

/** A link with a backup channel, nothing connected yet. */
export function startWithBackup(options: Parameters<typeof startLink>[0] = {}) {
	const started = startLink({ config: backupConfig, ...options });
	return { ...started, backup: new FakeBackup(started.sockets) };
}

/** Fails MQTT until the link turns to the backup channel, and signs on there; the poll is answered. */
export function goToBackup(parts: BackupParts): void {
	const { link, time, host, backup, sockets } = parts;
	for (let tries = 0; backup.sockets.length === 0; tries++) {
		if (tries > 1000) fail("the backup channel is never used");
		for (const socket of sockets.made)
			if (socket.options.host === "broker.test" && !socket.closed) socket.fail();
		time.advance(100);
	}
	const signOn = backup.only();
	if (signOn.mti !== 0x0800) fail(`MTI ${signOn.mti.toString(16)}`);
	backup.send(signOn, host.signOnMessage(signOn));
	if (link.state !== LinkState.Up) fail(`state ${link.state}`);
	time.settle();
	const poll = backup.only();
	backup.send(poll, host.networkReply(poll));
}

/** Up over the backup channel, nothing noted so far. */
export function startOnBackup(options: Partial<HostLinkOptions> = {}) {
	const started = startWithBackup(options);
	started.link.networkChanged();
	started.time.settle();
	goToBackup(started);
	started.states.splice(0);
	started.log.events.splice(0);
	return started;
}

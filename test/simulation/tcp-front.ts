import { Random } from "test/simulation/fakes/random";
import type { Faults } from "test/simulation/faults";
import type { AttemptWatch } from "test/simulation/attempt-watch";
import { saleOf, wordsOf } from "test/simulation/describe";
import type { HostRoute } from "test/simulation/host";
import type { Connection, Handed, Server, SimulatedNetwork } from "test/simulation/network";
import type { Scheduler } from "test/simulation/scheduler";
import type { Trail } from "test/simulation/trail";

export interface TcpFrontParts {
	readonly scheduler: Scheduler;
	readonly faults: Faults;
	readonly trail: Trail;
	readonly network: () => SimulatedNetwork;
	readonly noticesWait: () => boolean;
	readonly hostIsUp: () => boolean;
	readonly toHost: (route: HostRoute, payload: Uint8Array) => void;
	readonly watch: AttemptWatch;
	readonly seed: number;
}

/** Two bytes of length, TPDU 5, header 6 (docs/host-protocol.md, Backup channel). */
const headLength = 13;
/** Longest that the network keeps a request and delivers it all the same, its connection gone or not. */
const lateMaxMs = 240_000;

/** The second door of the host: TCP, one connection for one attempt. */
export class TcpFront implements Server {
	up = true;
	/** Requests that came over this channel. */
	requests = 0;
	readonly #p: TcpFrontParts;
	readonly #random: Random;
	/** Number of each connection, in place of the attempt's, which is not on the wire. */
	readonly #attempts = new Map<Connection, string>();
	readonly #routes = new Map<Connection, HostRoute>();
	#last = 0;

	constructor(parts: TcpFrontParts) {
		this.#p = parts;
		this.#random = new Random(parts.seed ^ 0x746370);
	}

	accept(): boolean {
		return this.up && this.#p.hostIsUp();
	}

	gone(connection: Connection): void {
		connection.closedThere = true;
		this.#attempts.delete(connection);
		this.#routes.delete(connection);
	}

	handed(connection: Connection, bytes: Uint8Array): Handed | undefined {
		if (bytes.length <= headLength) return undefined;
		return { attempt: this.#attemptOf(connection), payload: bytes.subarray(headLength) };
	}

	receive(connection: Connection, bytes: Uint8Array): void {
		if (!this.up) return;
		const joined = new Uint8Array(connection.unread.length + bytes.length);
		joined.set(connection.unread);
		joined.set(bytes, connection.unread.length);
		connection.unread = joined;
		const end = joined.length < 2 ? Infinity : 2 + joined[0]! * 256 + joined[1]!;
		if (joined.length < end) return;
		connection.unread = joined.slice(end);
		this.#request(connection, joined.slice(0, headLength), joined.slice(headLength, end));
	}

	#request(connection: Connection, head: Uint8Array, payload: Uint8Array): void {
		const { faults, trail, scheduler } = this.#p;
		this.requests++;
		const sale = saleOf(payload);
		const words = trail.isKept ? `${wordsOf(payload)} over TCP` : "";
		if (faults.hit("requestLost")) {
			trail.note(`${words} is lost on its way to the host`, sale);
			return;
		}
		let delayMs = 5 + this.#random.below(40);
		if (faults.hit("requestLate")) {
			delayMs = faults.dice("requestLate").below(lateMaxMs);
			trail.note(`${words} will reach the host ${Math.round(delayMs / 1000)} s late`, sale);
		}
		// A poll asks several times on one connection.
		const known = this.#routes.get(connection);
		const reply = (bytes: Uint8Array): void => this.#reply(connection, head, bytes);
		const route: HostRoute = known ?? { kept: false, reply };
		this.#routes.set(connection, route);
		scheduler.after(delayMs, () => this.#p.toHost(route, payload));
	}

	#reply(connection: Connection, head: Uint8Array, payload: Uint8Array): void {
		const { faults, trail, scheduler } = this.#p;
		const sale = saleOf(payload);
		if (faults.hit("replyLost")) {
			trail.note(`the answer over TCP is lost on its way`, sale);
			return;
		}
		const late = faults.hit("replyLate") ? faults.dice("replyLate").below(lateMaxMs) : 0;
		const frame = new Uint8Array(headLength + payload.length);
		frame.set(head);
		frame[0] = (frame.length - 2) >> 8;
		frame[1] = (frame.length - 2) & 255;
		// The header's request: 1, notices wait.
		frame[9] = this.#p.noticesWait() ? 0x01 : 0x00;
		frame.set(payload, headLength);
		scheduler.after(5 + this.#random.below(40) + late, () => {
			if (connection.closedThere) return;
			const attempt = this.#attemptOf(connection);
			this.#p.network().send(connection, frame, () => this.#p.watch.arrives(attempt, sale));
		});
	}

	#attemptOf(connection: Connection): string {
		let attempt = this.#attempts.get(connection);
		if (attempt === undefined) {
			attempt = `tcp ${++this.#last}`;
			this.#attempts.set(connection, attempt);
		}
		return attempt;
	}
}

import { Random } from "test/simulation/fakes/random";
import type { Faults } from "test/simulation/faults";
import {
	acknowledge,
	connack,
	cutPackets,
	pingresp,
	readPublish,
	writePublish,
	type WirePacket,
} from "test/simulation/mqtt-wire";
import type { AttemptWatch } from "test/simulation/attempt-watch";
import { saleOf, wordsOf } from "test/simulation/describe";
import type { Connection, Handed, Server, SimulatedNetwork } from "test/simulation/network";
import type { Scheduler } from "test/simulation/scheduler";
import type { Trail } from "test/simulation/trail";

export interface BrokerParts {
	readonly scheduler: Scheduler;
	readonly faults: Faults;
	readonly trail: Trail;
	readonly network: () => SimulatedNetwork;
	/** A request reaches the host. */
	readonly toHost: (attempt: string, payload: Uint8Array, qos: number) => void;
	readonly watch: AttemptWatch;
	/** Somebody switches the terminal off because nothing happens. */
	readonly cutPower: () => void;
	readonly terminalId: string;
	readonly seed: number;
}

/** Longest that the network keeps a message and delivers it all the same. */
const lateMaxMs = 240_000;

/**
 * A broker with one terminal on one side and the acquirer's host on the other. Messages of different topics
 * overtake each other; QoS 1 is delivered at least once, QoS 0 at most once.
 */
export class SimulatedBroker implements Server {
	up = true;
	/** Requests that came twice because of QoS 1. */
	duplicates = 0;
	readonly #p: BrokerParts;
	readonly #random: Random;
	#current: Connection | undefined;
	#lastId = 0;
	/** Restarts so far: what was under way before one is lost. */
	#life = 0;

	constructor(parts: BrokerParts) {
		this.#p = parts;
		this.#random = new Random(parts.seed ^ 0x62726f6b);
	}

	accept(): boolean {
		return this.up;
	}

	gone(connection: Connection): void {
		connection.closedThere = true;
		if (this.#current === connection) this.#current = undefined;
	}

	/** A packet of the terminal: a PUBLISH has a message. */
	handed(_connection: Connection, bytes: Uint8Array): Handed | undefined {
		if (bytes[0]! >> 4 !== 3) return undefined;
		const [packet] = cutPackets(bytes).packets;
		if (packet === undefined) return undefined;
		const { topic, payload } = readPublish(packet);
		if (!topic.startsWith("q/")) return undefined;
		return { attempt: topic.slice(topic.lastIndexOf("/") + 1), payload };
	}

	/** All connections break and what was under way is lost. */
	restart(downMs: number): void {
		this.up = false;
		this.#life++;
		this.#current = undefined;
		this.#p.network().breakTo(this);
		this.#p.trail.note(`broker restarts, away for ${Math.round(downMs / 1000)} s`);
		this.#p.scheduler.after(downMs, () => (this.up = true));
	}

	receive(connection: Connection, bytes: Uint8Array): void {
		if (!this.up) return;
		const joined = new Uint8Array(connection.unread.length + bytes.length);
		joined.set(connection.unread);
		joined.set(bytes, connection.unread.length);
		const { packets, rest } = cutPackets(joined);
		connection.unread = rest;
		for (const packet of packets) if (!connection.closedThere) this.#packet(connection, packet);
	}

	/** The host answers: only a connection that has subscribed gets it. */
	toTerminal(attempt: string, payload: Uint8Array, qos: 0 | 1): void {
		const sale = saleOf(payload);
		const words = this.#p.trail.isKept ? wordsOf(payload) : "";
		if (this.#p.faults.hit("replyLost")) {
			this.#p.trail.note(`${words} is lost on its way`, sale);
			return;
		}
		const life = this.#life;
		let delayMs = 5 + this.#random.below(40);
		if (this.#p.faults.hit("replyLate")) {
			delayMs = this.#p.faults.dice("replyLate").below(lateMaxMs);
			this.#p.trail.note(`${words} is ${Math.round(delayMs / 1000)} s late`, sale);
		}
		const times = this.#p.faults.hit("replyTwice") ? 2 : 1;
		for (let i = 0; i < times; i++)
			this.#p.scheduler.after(delayMs + i * this.#random.below(3000), () => {
				const connection = this.#current;
				if (life !== this.#life || connection?.subscribed !== true) return;
				const id = qos === 0 ? 0 : (this.#lastId = (this.#lastId % 0xffff) + 1);
				const topic = `r/${this.#p.terminalId}/${attempt}`;
				const packet = writePublish({ topic, qos, id, payload }, qos === 1 && i > 0);
				const arrives = (): void => this.#p.watch.arrives(attempt, sale);
				this.#p.network().send(connection, packet, arrives);
			});
	}

	/** A notice: QoS 1, lost only with the connection. */
	notice(number: number, payload: Uint8Array): void {
		const { faults, scheduler, network, terminalId } = this.#p;
		if (faults.hit("noticeLost")) return;
		const late = faults.hit("noticeLate") ? faults.dice("noticeLate").below(lateMaxMs) : 0;
		const times = faults.hit("noticeTwice") ? 2 : 1;
		const life = this.#life;
		for (let i = 0; i < times; i++)
			scheduler.after(10 + late + i * this.#random.below(5000), () => {
				const connection = this.#current;
				if (life !== this.#life || connection?.subscribed !== true || !this.up) return;
				this.#lastId = (this.#lastId % 0xffff) + 1;
				const topic = `n/${terminalId}/${number.toString(16)}`;
				const packet = writePublish({ topic, qos: 1, id: this.#lastId, payload }, false);
				network().send(connection, packet);
			});
	}

	#packet(connection: Connection, packet: WirePacket): void {
		const network = this.#p.network();
		switch (packet.type) {
			case 1: {
				if (this.#current !== undefined && this.#current !== connection)
					network.hangUp(this.#current);
				const refuse = this.#p.faults.hit("brokerRefuses");
				this.#current = refuse ? undefined : connection;
				network.send(connection, connack(refuse ? 3 : 0));
				return;
			}
			case 3:
				this.#publish(connection, packet);
				return;
			case 8:
				connection.subscribed = true;
				network.send(connection, acknowledge(9, packet.body[0]! * 256 + packet.body[1]!));
				return;
			case 12:
				network.send(connection, pingresp());
				return;
			case 14:
				this.gone(connection);
				return;
		}
	}

	#publish(connection: Connection, packet: WirePacket): void {
		const { topic, qos, id, payload } = readPublish(packet);
		if (qos === 1) this.#p.network().send(connection, acknowledge(4, id));
		if (topic.startsWith("a/")) {
			if (!this.#p.faults.hit("replyLost")) this.#p.toHost("", payload, 1);
			return;
		}
		const attempt = topic.slice(`q/${this.#p.terminalId}/`.length);
		this.#forward(attempt, payload, qos);
		if (qos !== 1 || !this.#p.faults.hit("requestTwice")) return;
		this.duplicates++;
		this.#forward(attempt, payload, qos);
	}

	#forward(attempt: string, payload: Uint8Array, qos: number): void {
		const { faults, trail, scheduler } = this.#p;
		const sale = saleOf(payload);
		const words = this.#p.trail.isKept ? wordsOf(payload) : "";
		if (faults.hit("requestLost")) {
			trail.note(`${words} is lost on its way to the host`, sale);
			return;
		}
		let delayMs = 5 + this.#random.below(40);
		if (faults.hit("requestLate")) {
			delayMs = faults.dice("requestLate").below(lateMaxMs);
			trail.note(`${words} will reach the host ${Math.round(delayMs / 1000)} s late`, sale);
		}
		if (faults.hit("stuckAndBroken")) {
			// The line is bad, breaks, and what was on it comes all the same.
			const dice = faults.dice("stuckAndBroken");
			delayMs = dice.below(110_000);
			trail.note(
				`${words} is stuck for ${Math.round(delayMs / 1000)} s, and the line breaks or the plug is pulled`,
				sale,
			);
			const isCut = dice.oneIn(3);
			scheduler.after(dice.below(5000), () =>
				isCut ? this.#p.cutPower() : this.#p.network().breakAll(true),
			);
		}
		const life = this.#life;
		scheduler.after(delayMs, () => {
			if (life === this.#life) this.#p.toHost(attempt, payload, qos);
		});
	}
}

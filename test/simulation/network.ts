import type { Network } from "core/devices";
import { Fault } from "core/fault";
import type { Socket, SocketConstructor, SocketOptions } from "core/io";
import { Random } from "test/simulation/fakes/random";
import type { Faults } from "test/simulation/faults";
import type { Power } from "test/simulation/power";
import type { Scheduler } from "test/simulation/scheduler";

/** What stands at the other end of a connection. */
export interface Server {
	/** @returns false: refused */
	readonly accept: (connection: Connection) => boolean;
	readonly receive: (connection: Connection, bytes: Uint8Array) => void;
	/** The terminal's end is known to be gone. */
	readonly gone: (connection: Connection) => void;
	/** What one packet of the terminal carries for the host, if it does. */
	readonly handed: (connection: Connection, bytes: Uint8Array) => Handed | undefined;
}

/** A message to the host, and the attempt that it belongs to. */
export interface Handed {
	readonly attempt: string;
	readonly payload: Uint8Array;
}

export interface NetworkParts {
	readonly scheduler: Scheduler;
	readonly faults: Faults;
	readonly power: Power;
	/** Who answers at an address. */
	readonly server: (options: SocketOptions) => Server;
	/** Runs firmware code that the network calls. */
	readonly guard: (run: () => void) => void;
	readonly watch: (bytes: Uint8Array) => void;
	/** The firmware hands over a message to the host. @returns whether it is about a sale */
	readonly leaves: (handed: Handed) => boolean;
	/** The firmware has read what arrived. */
	readonly delivered: () => void;
	readonly seed: number;
}

/** TCP with one way's bytes in order, and everything that happens to it on the way. */
export class Connection {
	/** Bytes vanish and nobody is told. */
	black = false;
	/** Nothing is delivered before this time. */
	stalledUntilMs = 0;
	closedHere = false;
	closedThere = false;
	/** The broker's reading of the stream; its own affair. */
	unread: Uint8Array = new Uint8Array(0);
	subscribed = false;
	readonly boot: number;
	readonly options: SocketOptions;
	readonly server: Server;
	readonly arrived: Uint8Array[] = [];
	#lastUpMs = 0;
	#lastDownMs = 0;

	constructor(boot: number, options: SocketOptions, server: Server) {
		this.boot = boot;
		this.options = options;
		this.server = server;
	}

	/** When bytes that leave now arrive at the server, in order. */
	upMs(atMs: number): number {
		return (this.#lastUpMs = Math.max(this.#lastUpMs, this.stalledUntilMs, atMs));
	}

	downMs(atMs: number): number {
		return (this.#lastDownMs = Math.max(this.#lastDownMs, this.stalledUntilMs, atMs));
	}
}

const socketRoom = 4096;

/** The carrier as the firmware sees it (core/devices Network), and the wires behind it. */
export class SimulatedNetwork implements Network {
	up = false;
	readonly signal = 20;
	readonly Socket: SocketConstructor;
	readonly #p: NetworkParts;
	readonly #random: Random;
	#open: Connection[] = [];

	constructor(parts: NetworkParts) {
		this.#p = parts;
		this.#random = new Random(parts.seed ^ 0x6e6574);
		const open = (options: SocketOptions): Socket => this.#connect(options);
		this.Socket = class {
			constructor(options: SocketOptions) {
				return open(options);
			}
		} as SocketConstructor;
	}

	get stateName(): string {
		return this.up ? "up" : "searching";
	}

	/** Connections to one server break, and the terminal learns of it. */
	breakTo(server: Server): void {
		for (const connection of this.#open.filter((one) => one.server === server)) {
			this.#later(30, () => server.gone(connection));
			this.#end(connection, 5);
		}
	}

	/**
	 * Every connection breaks.
	 * @param told whether the terminal learns of it
	 * @param mayVanish what is on its way may be lost; else it arrives
	 */
	breakAll(told: boolean, mayVanish = true): void {
		for (const connection of this.#open) {
			if (this.#random.oneIn(2) && mayVanish) connection.black = true;
			const { nowMs } = this.#p.scheduler;
			const goneMs = mayVanish ? 30 : connection.upMs(nowMs + 30) - nowMs;
			this.#later(goneMs, () => connection.server.gone(connection));
			if (told) this.#end(connection, 5);
		}
		this.#open = [];
	}

	/** Bytes vanish from now on, and nobody is told. */
	blackHole(): void {
		for (const connection of this.#open) connection.black = true;
	}

	/** Bytes wait and are delivered together, much later. */
	stall(ms: number): void {
		const untilMs = this.#p.scheduler.nowMs + ms;
		for (const connection of this.#open) connection.stalledUntilMs = untilMs;
	}

	/**
	 * Server to terminal.
	 * @param arrives called just before the firmware gets the last byte
	 */
	send(connection: Connection, bytes: Uint8Array, arrives?: () => void): void {
		if (connection.closedThere || connection.black) return;
		const atMs = connection.downMs(this.#p.scheduler.nowMs + this.#latencyMs());
		const cut = this.#random.oneIn(8) ? 1 + this.#random.below(bytes.length) : bytes.length;
		if (cut < bytes.length) this.#deliver(connection, bytes.slice(0, cut), atMs);
		this.#deliver(connection, bytes.slice(cut === bytes.length ? 0 : cut), atMs + 1, arrives);
	}

	/** The server closes. */
	hangUp(connection: Connection): void {
		if (connection.closedThere) return;
		connection.closedThere = true;
		this.#end(connection, this.#latencyMs());
	}

	#deliver(connection: Connection, bytes: Uint8Array, atMs: number, arrives?: () => void): void {
		this.#later(atMs - this.#p.scheduler.nowMs, () => {
			if (connection.closedHere || connection.black || !this.#isAlive(connection)) return;
			this.#p.watch(bytes);
			connection.arrived.push(bytes);
			arrives?.();
			this.#p.guard(() => connection.options.onReadable?.(bytes.length));
			this.#p.delivered();
		});
	}

	#connect(options: SocketOptions): Socket {
		const { power, faults } = this.#p;
		power.check();
		if (options.tls !== undefined) throw new Fault("io.tls");
		if (!this.up) throw new Fault("io.closed");
		const connection = new Connection(power.boot, options, this.#p.server(options));
		this.#later(2 * this.#latencyMs(), () => this.#handshake(connection));
		return {
			read: (byteLength?: number) => this.#read(connection, byteLength),
			write: (bytes) => {
				power.check();
				if (connection.closedHere) throw new Fault("io.closed");
				if (faults.hit("socketBusy")) throw new Fault("io.busy");
				this.#p.watch(bytes);
				const handed = connection.server.handed(connection, bytes);
				const money = handed !== undefined && this.#p.leaves(handed);
				const act = (count: number): void => this.#up(connection, bytes.slice(0, count));
				power.send(act, bytes.length, money);
				return socketRoom;
			},
			close: () => {
				if (connection.closedHere) return;
				connection.closedHere = true;
				this.#open = this.#open.filter((one) => one !== connection);
				const atMs = connection.upMs(this.#p.scheduler.nowMs + this.#latencyMs());
				if (!connection.black)
					this.#later(atMs - this.#p.scheduler.nowMs, () => connection.server.gone(connection));
			},
		};
	}

	#handshake(connection: Connection): void {
		if (connection.closedHere || !this.#isAlive(connection)) return;
		if (!this.up || !connection.server.accept(connection)) return this.#end(connection, 1);
		this.#open.push(connection);
		this.#p.guard(() => connection.options.onWritable?.(socketRoom));
	}

	#up(connection: Connection, bytes: Uint8Array): void {
		if (connection.black) return;
		const { scheduler } = this.#p;
		const atMs = connection.upMs(scheduler.nowMs + this.#latencyMs());
		this.#later(atMs - scheduler.nowMs, () => {
			if (!connection.black && !connection.closedThere)
				connection.server.receive(connection, bytes);
		});
	}

	#read(connection: Connection, byteLength = Infinity): Uint8Array | undefined {
		this.#p.power.check();
		const first = connection.arrived.shift();
		if (first === undefined || first.length <= byteLength) return first;
		connection.arrived.unshift(first.subarray(byteLength));
		return first.subarray(0, byteLength);
	}

	#end(connection: Connection, delayMs: number): void {
		this.#open = this.#open.filter((one) => one !== connection);
		this.#later(delayMs, () => {
			if (connection.closedHere || !this.#isAlive(connection)) return;
			this.#p.guard(() => connection.options.onError?.());
		});
	}

	/** The boot that opened it still runs. */
	#isAlive(connection: Connection): boolean {
		const { power } = this.#p;
		return power.on && power.boot === connection.boot;
	}

	#latencyMs(): number {
		return 15 + this.#random.below(60);
	}

	#later(delayMs: number, run: () => void): void {
		this.#p.scheduler.after(delayMs, run);
	}
}

import { Fault } from "core/fault";
import type { Socket } from "core/io";

/**
 * Writes whole packets to a socket. What MQTT obliges us to send waits here when there is no room; nothing
 * overtakes it.
 */
export class Outbox {
	readonly #byteLimit: number;
	readonly #onSent: () => void;
	#waiting: Uint8Array[] = [];
	#waitingBytes = 0;

	/** @param byteLimit most bytes that may wait */
	constructor(byteLimit: number, onSent: () => void) {
		this.#byteLimit = byteLimit;
		this.#onSent = onSent;
	}

	/**
	 * @returns false when the socket surely took nothing of `packet`
	 * @throws what the socket throws beside its refusals: then some of it may have left
	 */
	write(socket: Socket, packet: Uint8Array): boolean {
		if (!this.flush(socket)) return false;
		try {
			socket.write(packet);
		} catch (error) {
			if (isRefusal(error)) return false;
			throw error;
		}
		this.#onSent();
		return true;
	}

	/** Keeps a packet until there is room. @returns false when too much waits already */
	keep(packet: Uint8Array): boolean {
		this.#waiting.push(packet);
		this.#waitingBytes += packet.length;
		return this.#waitingBytes <= this.#byteLimit;
	}

	/** Writes what waits. @returns false when something still waits */
	flush(socket: Socket): boolean {
		for (let packet = this.#waiting[0]; packet !== undefined; packet = this.#waiting[0]) {
			try {
				socket.write(packet);
			} catch {
				return false;
			}
			this.#waiting.shift();
			this.#waitingBytes -= packet.length;
			this.#onSent();
		}
		return true;
	}

	clear(): void {
		this.#waiting = [];
		this.#waitingBytes = 0;
	}
}

/** The two ways in which a socket takes nothing (core/io). */
function isRefusal(error: unknown): boolean {
	return error instanceof Fault && (error.code === "io.busy" || error.code === "io.closed");
}

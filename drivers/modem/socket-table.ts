import type { Command } from "modem/command";
import type { ModemSocket } from "modem/modem-socket";

/** Numbers that we use of those that the module has (Quectel: 0 to 11). */
export const socketLimit = 6;

/** The sockets of a modem by their number in the module. */
export class SocketTable {
	readonly #sockets: (ModemSocket | undefined)[] = [];
	#turn = 0;

	constructor() {
		for (let id = 0; id < socketLimit; id++) this.#sockets.push(undefined);
	}

	/** @returns the number given, or -1 when all are taken */
	attach(socket: ModemSocket): number {
		const id = this.#sockets.indexOf(undefined);
		if (id >= 0) this.#sockets[id] = socket;
		return id;
	}

	/** @param id as the module said it: any number */
	find(id: number): ModemSocket | undefined {
		return this.#sockets[id];
	}

	get someOpen(): boolean {
		return this.#sockets.some((socket) => socket?.open === true);
	}

	/** When the first socket has something to do even if nothing happens. Ticks, or Infinity. */
	get dueMs(): number {
		let at = Infinity;
		for (const socket of this.#sockets) if (socket !== undefined) at = Math.min(at, socket.dueMs);
		return at;
	}

	/** Calls the owners' callbacks that are due. A callback may close the modem: then `stopped` is true. */
	deliver(stopped: () => boolean): void {
		for (const socket of this.#sockets) {
			if (stopped()) return;
			socket?.deliver();
		}
	}

	/** What a socket wants to say now. Asked in turn, so that none starves. */
	next(): Command | undefined {
		for (let i = 0; i < socketLimit; i++) {
			const id = (this.#turn + i) % socketLimit;
			const command = this.#sockets[id]?.next();
			if (command === undefined) continue;
			this.#turn = id + 1;
			return command;
		}
		return undefined;
	}

	/** The line was out of step: announcements may have been lost. */
	checkSoon(): void {
		for (const socket of this.#sockets) socket?.checkSoon();
	}

	/** The module has lost all its sockets. */
	drop(): void {
		for (const socket of this.#sockets) socket?.drop();
	}

	/** Gives away the numbers of sockets that have nothing left to do. */
	sweep(): void {
		for (let id = 0; id < socketLimit; id++)
			if (this.#sockets[id]?.finished === true) this.#sockets[id] = undefined;
	}
}

import { connect } from "node:net";
import type { Socket } from "node:net";
import type { Air } from "./modem-air";

export interface SocketEvents {
	/** 0, or the module's error number. */
	readonly onOpened: (error: number) => void;
	readonly onData: () => void;
	readonly onClosed: () => void;
}

export type SocketState = "opening" | "connected" | "closed";

export const socketBufferLimit = 10_240;
const connectTimeoutUs = 75_000_000;
const resetUs = 200_000;
const beatMs = 2;

/** One TCP connection of the modem: a real socket behind delay and interference. */
export class ModemSocket {
	readonly host: string;
	readonly port: number;
	readonly #air: Air;
	readonly #events: SocketEvents;
	#socket: Socket | undefined;
	#state: SocketState = "opening";
	/** Closed on this side: nothing more comes in, but what was sent still goes out. */
	#dead = false;
	#destroyed = false;
	/** Bytes were lost: as TCP cannot leave a gap, this connection can only be reset. */
	#damaged = false;
	#received: Buffer = Buffer.alloc(0);
	#inFlight = 0;
	#sent = 0;
	#acked = 0;
	#readTotal = 0;
	#outUs = 0;
	#inUs = 0;
	#beat: NodeJS.Timeout | undefined;
	#endListening: () => void;
	#endTimeout: () => void;

	constructor(host: string, port: number, air: Air, events: SocketEvents) {
		this.host = host;
		this.port = port;
		this.#air = air;
		this.#events = events;
		this.#endListening = air.onClear(() => this.#airClear());
		this.#endTimeout = air.scheduler.after(connectTimeoutUs, () => this.#openFailed(569));
		this.#outbound(() => this.#connect());
	}

	get state(): SocketState {
		return this.#state;
	}

	/** Bytes that can be read now. */
	get unread(): number {
		return this.#received.length;
	}

	get readTotal(): number {
		return this.#readTotal;
	}

	get sent(): number {
		return this.#sent;
	}

	get acked(): number {
		return this.#acked;
	}

	get localPort(): number {
		return this.#socket?.localPort ?? 0;
	}

	/** @returns false when too much is unacknowledged; then nothing is taken */
	send(bytes: Buffer): boolean {
		if (this.#sent - this.#acked + bytes.length > socketBufferLimit) return false;
		this.#sent += bytes.length;
		this.#outbound(() => {
			this.#air.scheduler.busy();
			this.#socket?.write(bytes, (error) => {
				if (error) return;
				this.#inbound(() => (this.#acked += bytes.length));
			});
		});
		return true;
	}

	read(count: number): Buffer {
		const bytes = this.#received.subarray(0, count);
		this.#received = this.#received.subarray(bytes.length);
		this.#readTotal += bytes.length;
		this.#pull();
		return bytes;
	}

	/** As QICLOSE: what was sent still goes out, then FIN. In a dead spot the far end does not hear of it. */
	close(): void {
		const socket = this.#socket;
		this.#retire();
		if (socket === undefined) return;
		const finish = () => {
			this.#air.scheduler.busy();
			socket.resume();
			socket.end();
		};
		const delayUs = Math.max(0, this.#outUs - this.#air.scheduler.nowUs());
		const abandon = () => {
			const stop = this.#air.onClear(() => {
				stop();
				this.#air.scheduler.busy();
				socket.destroy();
			});
		};
		this.#air.scheduler.after(delayUs, () => this.#air.cross(finish, abandon));
	}

	/** At once and without a word, as when the supply or the network goes. */
	destroy(): void {
		const socket = this.#socket;
		this.#destroyed = true;
		this.#retire();
		if (socket === undefined) return;
		this.#air.scheduler.busy();
		socket.destroy();
	}

	#retire(): void {
		this.#dead = true;
		this.#state = "closed";
		this.#endListening();
		this.#endTimeout();
		clearInterval(this.#beat);
		this.#socket?.removeAllListeners();
		this.#socket?.on("error", () => undefined);
	}

	#connect(): void {
		if (this.#dead) return;
		const { scheduler } = this.#air;
		scheduler.busy();
		// Name look-up and handshake run in real time: virtual time has to wait for them.
		this.#beat = setInterval(() => scheduler.busy(), beatMs);
		const socket = connect({ host: this.host, port: this.port, noDelay: true });
		this.#socket = socket;
		let error = 566;
		socket.on("connect", () => {
			clearInterval(this.#beat);
			scheduler.busy();
			this.#inbound(() => this.#opened());
		});
		socket.on("readable", () => this.#pull());
		socket.on("error", (reason: NodeJS.ErrnoException) => {
			if (reason.code === "ENOTFOUND" || reason.code === "EAI_AGAIN") error = 565;
		});
		socket.on("close", () => {
			clearInterval(this.#beat);
			scheduler.busy();
			this.#inbound(() => this.#remoteClosed(error));
		});
	}

	#opened(): void {
		if (this.#state !== "opening") return;
		this.#endTimeout();
		this.#state = "connected";
		this.#events.onOpened(0);
		this.#pull();
	}

	#openFailed(error: number): void {
		if (this.#dead || this.#state !== "opening") return;
		this.destroy();
		this.#events.onOpened(error);
	}

	#remoteClosed(error: number): void {
		if (this.#state === "opening") this.#openFailed(error);
		else if (this.#state === "connected") {
			this.#state = "closed";
			this.#events.onClosed();
		}
	}

	/** Takes from the real socket what the modem has room for; the rest stays there and slows the sender down. */
	#pull(): void {
		const socket = this.#socket;
		if (socket === undefined || this.#dead || this.#state === "opening") return;
		const room = socketBufferLimit - this.#received.length - this.#inFlight;
		const count = Math.min(room, socket.readableLength);
		// A read of nothing lets the end of the stream come through.
		const bytes: unknown = count > 0 ? socket.read(count) : room > 0 ? socket.read(0) : null;
		if (!Buffer.isBuffer(bytes)) return;
		this.#air.scheduler.busy();
		this.#inFlight += bytes.length;
		this.#inbound(() => {
			this.#inFlight -= bytes.length;
			this.#received = Buffer.concat([this.#received, bytes]);
			this.#events.onData();
		});
	}

	#outbound(action: () => void): void {
		this.#outUs = this.#travel(this.#outUs, () => this.#destroyed || action());
	}

	#inbound(action: () => void): void {
		this.#inUs = this.#travel(this.#inUs, () => this.#dead || action());
	}

	/** Runs `action` one latency later, never before what set out earlier. */
	#travel(earliestUs: number, action: () => unknown): number {
		const { scheduler, latencyUs } = this.#air;
		const arrivalUs = Math.max(earliestUs, scheduler.nowUs() + latencyUs);
		scheduler.after(arrivalUs - scheduler.nowUs(), () => {
			this.#air.cross(action, () => (this.#damaged = true));
		});
		return arrivalUs;
	}

	#airClear(): void {
		if (!this.#damaged || this.#dead) return;
		this.#damaged = false;
		this.#air.scheduler.busy();
		if (this.#state === "opening") {
			this.#socket?.removeAllListeners().on("error", () => undefined);
			this.#socket?.destroy();
			this.#connect();
			return;
		}
		this.#socket?.removeAllListeners().on("error", () => undefined);
		this.#socket?.destroy();
		this.#air.scheduler.after(resetUs, () => {
			if (!this.#dead) this.#remoteClosed(0);
		});
	}
}

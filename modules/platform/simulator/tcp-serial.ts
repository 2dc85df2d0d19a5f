import { Fault } from "core/fault";
import type { Timers } from "core/clock";
import type { Serial, SerialConstructor, SerialOptions } from "core/io";
import TCP from "embedded:io/socket/tcp";

/** The SDK polls its sockets every 20 ms here: this much each time is about 115200 baud. */
const roomBytesMax = 256;
const reconnectMs = 500;

/** Where a peripheral of the bench listens. */
export interface TcpSerialPlace {
	/** IPv4 address. */
	readonly address: string;
	readonly port: number;
}

/**
 * The class for a serial port that is a TCP connection to a peripheral. The port is always there, as a UART
 * is; while nobody listens at the other end it is silent, takes nothing and tries again to connect.
 */
export function tcpSerialClass(place: TcpSerialPlace, timers: Timers): SerialConstructor {
	return class implements Serial {
		#tcp: TCP | undefined;
		#room = 0;
		#open = true;
		readonly #onReadable: (count: number) => void;
		readonly #onWritable: (count: number) => void;

		constructor({ onReadable, onWritable }: SerialOptions) {
			this.#onReadable = (count) => onReadable?.call(this, count);
			this.#onWritable = (count) => onWritable?.call(this, count);
			this.#connect();
		}

		read(): Uint8Array | undefined {
			this.#check();
			const bytes = this.#tcp?.read();
			return bytes instanceof ArrayBuffer ? new Uint8Array(bytes) : undefined;
		}

		write(bytes: Uint8Array): void {
			this.#check();
			if (bytes.length > this.#room) throw new Fault("io.busy", bytes.length, this.#room);
			if (bytes.length === 0) return;
			this.#room -= bytes.length;
			this.#tcp?.write(bytes);
		}

		close(): void {
			this.#open = false;
			this.#disconnect();
		}

		#check(): void {
			if (!this.#open) throw new Fault("io.closed", place.port);
		}

		#connect(): void {
			if (!this.#open) return;
			const tcp = new TCP({
				...place,
				nodelay: true,
				onReadable: (count) => {
					if (this.#tcp === tcp) this.#onReadable(count);
				},
				onWritable: (count) => {
					if (this.#tcp !== tcp) return;
					this.#room = Math.min(count, roomBytesMax);
					this.#onWritable(this.#room);
				},
				onError: () => {
					if (this.#tcp !== tcp) return;
					this.#disconnect();
					timers.set(() => this.#connect(), reconnectMs);
				},
			});
			this.#tcp = tcp;
		}

		#disconnect(): void {
			this.#tcp?.close();
			this.#tcp = undefined;
			this.#room = 0;
		}
	};
}

import { Fault } from "core/fault";
import type { Serial, SerialConstructor, SerialOptions } from "core/io";
import { Op, type HostCalls } from "platform/host-calls";

/** What the board has to say about a port at the beginning of a turn. */
export interface PortCallbacks {
	readonly onReadable: (count: number) => void;
	readonly onWritable: (count: number) => void;
}

/** The open ports by their number. */
export type OpenPorts = (PortCallbacks | undefined)[];

/** The class for one of the board's ports; `ports` learns who is to be called. */
export function serialClass(calls: HostCalls, ports: OpenPorts, port: number): SerialConstructor {
	return class implements Serial {
		#open = false;

		/** @throws Fault "io.busy" when the port is open already, "io.options" for an impossible baud rate */
		constructor({ baud, onReadable, onWritable }: SerialOptions) {
			if (!Number.isInteger(baud) || baud < 300 || baud > 5_000_000)
				throw new Fault("io.options", baud);
			calls.call(Op.UartOpen, 5, (view) => {
				view.setUint8(0, port);
				view.setUint32(1, baud, true);
			});
			this.#open = true;
			ports[port] = {
				onReadable: (count) => onReadable?.call(this, count),
				onWritable: (count) => onWritable?.call(this, count),
			};
		}

		read(): Uint8Array | undefined {
			this.#check();
			const bytes = calls.call(Op.UartRead, 1, (view) => view.setUint8(0, port));
			return bytes === undefined || bytes.length === 0 ? undefined : bytes;
		}

		write(bytes: Uint8Array): void {
			this.#check();
			calls.call(Op.UartWrite, 1 + bytes.length, (view, target) => {
				view.setUint8(0, port);
				target.set(bytes, 1);
			});
		}

		close(): void {
			if (!this.#open) return;
			this.#open = false;
			ports[port] = undefined;
			calls.call(Op.UartClose, 1, (view) => view.setUint8(0, port));
		}

		#check(): void {
			if (!this.#open) throw new Fault("io.closed", port);
		}
	};
}

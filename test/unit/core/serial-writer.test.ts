import { Fault } from "core/fault";
import type { Serial } from "core/io";
import { SerialWriter } from "core/serial-writer";
import { equal, test, throwsFault } from "test/harness";

/** A port that notes what it was given. */
class Port implements Serial {
	readonly writes: number[][] = [];
	read(): undefined {
		return undefined;
	}
	busy = false;
	write(bytes: Uint8Array): void {
		if (this.busy) throw new Fault("io.busy");
		this.writes.push([...bytes]);
	}
	close(): void {
		this.writes.length = 0;
	}
}

test("nothing is written before the port has room, and never more than the room", () => {
	const port = new Port();
	const writer = new SerialWriter(10);
	writer.push(port, Uint8Array.of(1, 2, 3));
	equal(port.writes, []);
	writer.writable(port, 2);
	equal(port.writes, [[1, 2]]);
	writer.writable(port, 5);
	equal(port.writes, [[1, 2], [3]]);
	writer.push(port, Uint8Array.of(4, 5));
	equal(port.writes, [[1, 2], [3], [4, 5]]);
	equal(writer.pending, 0);
});

test("what does not fit into the queue is refused as a whole", () => {
	const port = new Port();
	const writer = new SerialWriter(4);
	writer.push(port, Uint8Array.of(1, 2, 3));
	throwsFault("io.busy", () => writer.push(port, Uint8Array.of(4, 5)));
	equal(writer.pending, 3);
	writer.writable(port, 100);
	equal(port.writes, [[1, 2, 3]]);
});

test("a port with less room than it said loses nothing", () => {
	const port = new Port();
	const writer = new SerialWriter(10);
	writer.writable(port, 5);
	port.busy = true;
	writer.push(port, Uint8Array.of(1, 2));
	equal(writer.pending, 2);
	port.busy = false;
	writer.writable(port, 5);
	equal(port.writes, [[1, 2]]);
});

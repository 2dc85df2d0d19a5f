/** The ESP32 platform's classes against stand-ins that behave as the SDK's sources do. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { build, type Plugin } from "esbuild";
import { root } from "../../simulator/bench/build/root";

const fifoBytes = 128;

/** A UART: writes beyond the free FIFO throw, and closing it in its own callback would be fatal. */
class StubSerial {
	static last: StubSerial;
	static count = 0;
	readonly options: {
		baud: number;
		port: number;
		onReadable: (count: number) => void;
		onWritable: (count: number) => void;
	};
	received: number[] = [];
	readonly sent: number[] = [];
	pending = 0;

	constructor(options: StubSerial["options"]) {
		this.options = options;
		StubSerial.last = this;
		StubSerial.count++;
	}
	read(): ArrayBuffer | undefined {
		if (this.received.length === 0) return undefined;
		const bytes = Uint8Array.from(this.received).buffer;
		this.received = [];
		return bytes;
	}
	write(bytes: Uint8Array): void {
		if (bytes.length > fifoBytes - this.pending) throw new Error("output full");
		this.pending += bytes.length;
		this.sent.push(...bytes);
	}
	close(): void {
		throw new Error("closed");
	}
	arrive(bytes: readonly number[]): void {
		this.received.push(...bytes);
		this.options.onReadable(this.received.length);
	}
	drain(): void {
		this.pending = 0;
		this.options.onWritable(fifoBytes);
	}
}

/** A partition of two blocks. */
class StubPartition {
	readonly bytes = new Uint8Array(8192).fill(0xff);
	broken = false;
	status(): { size: number; blockLength: number } {
		return { size: 8192, blockLength: 4096 };
	}
	read(target: Uint8Array, offset: number): void {
		target.set(this.bytes.subarray(offset, offset + target.length));
	}
	write(source: Uint8Array, offset: number): void {
		if (this.broken) throw new Error("write failed");
		source.forEach((byte, i) => (this.bytes[offset + i]! &= byte));
	}
	eraseBlock(block: number): void {
		this.bytes.fill(0xff, block * 4096, (block + 1) * 4096);
	}
}

const partition = new StubPartition();
const storage = {
	open({ path }: { path: string }): StubPartition {
		if (path !== "journal") throw new Error("can't find partition");
		return partition;
	},
};

interface SerialLike {
	read(): Uint8Array | undefined;
	write(bytes: Uint8Array): void;
	close(): void;
}
interface Ported {
	uartClass(
		pins: object,
		timers: { set(callback: () => void, delayMs: number): number },
	): new (options: object) => SerialLike;
	PartitionFlash: new (
		label: string,
		alignment: number,
	) => {
		readonly byteLength: number;
		read(target: Uint8Array, offset: number): void;
		write(source: Uint8Array, offset: number): void;
		eraseBlock(block: number): void;
	};
}

const stubs: Plugin = {
	name: "stubs",
	setup(builder) {
		builder.onResolve({ filter: /^embedded:/ }, ({ path }) => ({ path, namespace: "stub" }));
		builder.onLoad({ filter: /.*/, namespace: "stub" }, ({ path }) => ({
			contents: `export default globalThis.sdkStubs[${JSON.stringify(path)}];`,
		}));
		builder.onResolve({ filter: /^(core|platform)\// }, ({ path }) => {
			const folders = ["modules", "modules/platform/esp32", "modules/platform/sdk"];
			const files = folders.map((f) => join(root, f, `${path.replace(/^platform\//, "")}.ts`));
			return { path: files.find((file) => existsSync(file))! };
		});
	},
};

async function load(): Promise<Ported> {
	Object.assign(globalThis, {
		sdkStubs: { "embedded:io/serial": StubSerial, "embedded:storage/flash": storage },
	});
	const { outputFiles } = await build({
		stdin: {
			contents: `export * from "platform/uart"; export * from "platform/partition-flash";`,
			resolveDir: root,
			loader: "ts",
		},
		bundle: true,
		write: false,
		format: "esm",
		plugins: [stubs],
		logLevel: "silent",
	});
	const url = `data:text/javascript;base64,${Buffer.from(outputFiles[0]!.contents).toString("base64")}`;
	return (await import(url)) as Ported;
}

const fault = (code: string) => (error: unknown) => (error as { code?: string }).code === code;
const later: (() => void)[] = [];
const timers = { set: (callback: () => void) => later.push(callback) };
const pins = { port: 1, transmit: 25, receive: 26 };

test("a UART gives all received bytes, and takes no more than its FIFO has room for", async () => {
	const Uart = (await load()).uartClass(pins, timers);
	const seen: string[] = [];
	const uart = new Uart({
		baud: 9600,
		onReadable: (count: number) => seen.push(`r${count}`),
		onWritable: (count: number) => seen.push(`w${count}`),
	});
	const native = StubSerial.last;
	assert.throws(() => uart.write(new Uint8Array(1)), fault("io.busy"));
	native.drain();
	uart.write(new Uint8Array(100));
	assert.throws(() => uart.write(new Uint8Array(29)), fault("io.busy"));
	uart.write(new Uint8Array(28));
	assert.equal(native.sent.length, 128);
	native.arrive([1, 2, 3]);
	assert.deepEqual([...uart.read()!], [1, 2, 3]);
	assert.equal(uart.read(), undefined);
	assert.deepEqual(seen, ["w128", "r3"]);
});

test("a UART that is closed and opened again in its own callback stays open below and says its room", async () => {
	const Uart = (await load()).uartClass(pins, timers);
	const rooms: number[] = [];
	let second: SerialLike | undefined;
	const first = new Uart({
		baud: 9600,
		onReadable: () => {
			first.close();
			second = new Uart({ baud: 9600, onWritable: (count: number) => rooms.push(count) });
		},
	});
	const before = StubSerial.count;
	StubSerial.last.drain();
	StubSerial.last.arrive([7]);
	assert.deepEqual(rooms, []);
	for (const callback of later.splice(0)) callback();
	assert.deepEqual(rooms, [128]);
	assert.equal(StubSerial.count, before);
	assert.deepEqual([...second!.read()!], [7]);
	assert.throws(() => first.read(), fault("io.closed"));
	assert.throws(() => new Uart({ baud: 9600 }), fault("io.busy"));
});

test("what arrives while nobody has the UART is thrown away; an exception of a callback goes on", async () => {
	const Uart = (await load()).uartClass(pins, timers);
	const uart = new Uart({ baud: 9600 });
	uart.close();
	uart.close();
	const native = StubSerial.last;
	native.arrive([1, 2]);
	assert.deepEqual(native.received, []);
	new Uart({
		baud: 9600,
		onReadable: () => {
			throw new Error("a bug");
		},
	});
	assert.throws(() => native.arrive([3]), /a bug/);
});

test("a partition is checked for range and alignment, and its errors are faults", async () => {
	const { PartitionFlash } = await load();
	assert.throws(() => new PartitionFlash("missing", 16), fault("config"));
	const flash = new PartitionFlash("journal", 32);
	assert.equal(flash.byteLength, 8192);
	assert.throws(() => flash.write(new Uint8Array(32), 16), fault("flash.range"));
	assert.throws(() => flash.write(new Uint8Array(32), 8192), fault("flash.range"));
	assert.throws(() => flash.eraseBlock(2), fault("flash.range"));
	flash.write(new Uint8Array(32).fill(0x0f), 4096);
	flash.write(new Uint8Array(32).fill(0xf0), 4096);
	const read = new Uint8Array(32);
	flash.read(read, 4096);
	assert.ok(read.every((byte) => byte === 0));
	flash.eraseBlock(1);
	flash.read(read, 4096);
	assert.ok(read.every((byte) => byte === 0xff));
	partition.broken = true;
	assert.throws(() => flash.write(new Uint8Array(32), 0), fault("flash.write"));
	partition.broken = false;
});

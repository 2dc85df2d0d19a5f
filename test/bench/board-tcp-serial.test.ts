import assert from "node:assert/strict";
import { connect } from "node:net";
import { once } from "node:events";
import { test } from "node:test";
import { BenchScheduler } from "../../simulator/bench/board/scheduler";
import { TcpSerial } from "../../simulator/bench/board/tcp-serial";
import { NotingDevice } from "./board-support";

test("a device behind a TCP port gets and sends its bytes at line speed, and power with the connection", async (t) => {
	const scheduler = new BenchScheduler({ pace: "real" });
	const device = new NotingDevice();
	const line = new TcpSerial({ device, scheduler, port: 0, baud: 9600 });
	const port = await line.listen();
	let over = false;
	const running = scheduler.run(() => over);
	t.after(() => line.close());

	assert.equal(device.powered, false);
	const socket = connect(port, "127.0.0.1");
	await once(socket, "connect");
	while (!device.powered) await new Promise((resolve) => setTimeout(resolve, 2));
	const startMs = performance.now();
	socket.write(Buffer.alloc(96, 7));
	device.wire.send(Uint8Array.from({ length: 48 }, (_, i) => i));
	let got = Buffer.alloc(0);
	socket.on("data", (bytes) => (got = Buffer.concat([got, bytes])));
	while (device.bytes.length < 96) await new Promise((resolve) => setTimeout(resolve, 2));
	const tookMs = performance.now() - startMs;
	assert.ok(tookMs >= 99 && tookMs < 500, `${tookMs} ms`);
	assert.deepEqual([...got], [...Array(48).keys()]);
	assert.ok(device.bytes.every((byte) => byte === 7));

	socket.destroy();
	while (device.powered) await new Promise((resolve) => setTimeout(resolve, 2));
	over = true;
	scheduler.after(0, () => {});
	await running;
});

test("a port that is in use is told by an error", async (t) => {
	const scheduler = new BenchScheduler({ pace: "real" });
	const make = (port: number) => new TcpSerial({ device: new NotingDevice(), scheduler, port });
	const first = make(0);
	t.after(() => first.close());
	await assert.rejects(make(await first.listen()).listen(), { code: "EADDRINUSE" });
});

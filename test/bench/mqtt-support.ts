/** What the firmware's MQTT client and host link need of a platform, in terms of Node. */
import { createCipheriv, createDecipheriv, randomFillSync } from "node:crypto";
import { connect, type Socket as NodeSocket } from "node:net";
import type { Ciphers, KeyStore } from "core/ciphers";
import type { Clock, Timers } from "core/clock";
import type { Entropy } from "core/entropy";
import { Fault } from "core/fault";
import type { Socket, SocketOptions } from "core/io";

const room = 4096;

/** A Node TCP socket in the words of core/io. `chunkBytes` cuts what arrives into small pieces. */
export class NetSocket implements Socket {
	static chunkBytes = 65_536;
	readonly #socket: NodeSocket;
	#incoming: Uint8Array[] = [];
	#closed = false;

	constructor(options: SocketOptions) {
		if (options.tls !== undefined) throw new Fault("io.tls");
		const socket = connect({ host: options.host, port: options.port, noDelay: true });
		this.#socket = socket;
		socket.on("connect", () => options.onWritable?.(room));
		socket.on("drain", () => options.onWritable?.(room));
		socket.on("data", (data: Buffer) => {
			for (let at = 0; at < data.length && !this.#closed; at += NetSocket.chunkBytes) {
				const chunk = Uint8Array.from(data.subarray(at, at + NetSocket.chunkBytes));
				this.#incoming.push(chunk);
				options.onReadable?.(chunk.length);
			}
		});
		socket.on("error", () => {});
		socket.on("close", () => {
			if (!this.#closed) options.onError?.();
		});
	}

	read(): Uint8Array | undefined {
		return this.#incoming.shift();
	}

	write(bytes: Uint8Array): number {
		if (this.#closed) throw new Fault("io.closed");
		if (this.#socket.writableLength + bytes.length > room) throw new Fault("io.busy");
		this.#socket.write(bytes);
		return room - this.#socket.writableLength;
	}

	close(): void {
		if (this.#closed) return;
		this.#closed = true;
		this.#socket.end();
	}
}

export const nodeTimers: Timers = {
	set: (callback, delayMs) => Number(setTimeout(callback, delayMs)[Symbol.toPrimitive]()),
	clear: (id) => clearTimeout(id),
};

export const nodeClock: Clock = {
	ticksMs: () => performance.now(),
	wallMs: () => Date.now(),
	setWallMs: () => {},
};

export const nodeEntropy: Entropy = { fill: (target) => void randomFillSync(target) };

/** OpenSSL's ciphers. */
export const nodeCiphers: Ciphers = {
	tdesEncrypt: (key, data) => {
		const cipher = createCipheriv("des-ede3-ecb", threeKeys(key), null).setAutoPadding(false);
		return Uint8Array.from(Buffer.concat([cipher.update(data), cipher.final()]));
	},
	tdesDecrypt: (key, data) => {
		const cipher = createDecipheriv("des-ede3-ecb", threeKeys(key), null).setAutoPadding(false);
		return Uint8Array.from(Buffer.concat([cipher.update(data), cipher.final()]));
	},
	aesEncrypt: (key, data) => {
		const name = `aes-${key.length * 8}-ecb`;
		const cipher = createCipheriv(name, key, null).setAutoPadding(false);
		return Uint8Array.from(Buffer.concat([cipher.update(data), cipher.final()]));
	},
};

function threeKeys(key: Uint8Array): Buffer {
	if (key.length === 24) return Buffer.from(key);
	return Buffer.concat([key, key.subarray(0, 8), key.length === 8 ? key : Buffer.alloc(0)]);
}

export function keyStore(tmk: Uint8Array): KeyStore {
	return { read: (name) => (name === "tmk" ? Uint8Array.from(tmk) : undefined), write: () => {} };
}

/** Resolves when `condition` holds. @throws Error after `timeoutMs` */
export async function until(condition: () => boolean, timeoutMs = 5000): Promise<void> {
	const endMs = Date.now() + timeoutMs;
	while (!condition()) {
		if (Date.now() > endMs) throw new Error(`waited ${timeoutMs} ms in vain`);
		await new Promise((resolve) => setTimeout(resolve, 2));
	}
}

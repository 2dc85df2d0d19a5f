import { asciiBytes } from "core/bytes";
import type { Ciphers, KeyStore } from "core/ciphers";
import type { Entropy } from "core/entropy";
import { Fault } from "core/fault";
import { Op, type HostCalls } from "platform/host-calls";

const dataBytesMax = 2048;
const nameCharactersMax = 15;
const valueBytesMax = 256;
const chunkBytesMax = 1024;

/** Ciphers that the board computes. */
export class BoardCiphers implements Ciphers {
	readonly #calls: HostCalls;

	constructor(calls: HostCalls) {
		this.#calls = calls;
	}

	tdesEncrypt(key: Uint8Array, data: Uint8Array): Uint8Array {
		return this.#run(0, key, data);
	}

	tdesDecrypt(key: Uint8Array, data: Uint8Array): Uint8Array {
		return this.#run(1, key, data);
	}

	aesEncrypt(key: Uint8Array, data: Uint8Array): Uint8Array {
		return this.#run(2, key, data);
	}

	/** @throws Fault "cipher.key" for a key or data of a wrong length */
	#run(kind: number, key: Uint8Array, data: Uint8Array): Uint8Array {
		if (key.length > 32 || data.length > dataBytesMax)
			throw new Fault("cipher.key", key.length, data.length);
		const result = this.#calls.call(Op.Cipher, 2 + key.length + data.length, (_view, bytes) => {
			bytes[0] = kind;
			bytes[1] = key.length;
			bytes.set(key, 2);
			bytes.set(data, 2 + key.length);
		});
		return result!;
	}
}

/** The board's key store. */
export class BoardKeys implements KeyStore {
	readonly #calls: HostCalls;

	constructor(calls: HostCalls) {
		this.#calls = calls;
	}

	read(name: string): Uint8Array | undefined {
		const text = this.#name(name);
		return this.#calls.call(Op.KeyRead, text.length, (_view, bytes) => bytes.set(text));
	}

	write(name: string, value: Uint8Array): void {
		const text = this.#name(name);
		if (value.length > valueBytesMax) throw new Fault("io.options", value.length, valueBytesMax);
		this.#calls.call(Op.KeyWrite, 1 + text.length + value.length, (_view, bytes) => {
			bytes[0] = text.length;
			bytes.set(text, 1);
			bytes.set(value, 1 + text.length);
		});
	}

	#name(name: string): Uint8Array {
		if (name.length === 0 || name.length > nameCharactersMax)
			throw new Fault("io.options", name.length, nameCharactersMax);
		return asciiBytes(name);
	}
}

/** Random bytes of the board. */
export class BoardEntropy implements Entropy {
	readonly #calls: HostCalls;

	constructor(calls: HostCalls) {
		this.#calls = calls;
	}

	fill(target: Uint8Array): void {
		for (let at = 0; at < target.length; at += chunkBytesMax) {
			const count = Math.min(chunkBytesMax, target.length - at);
			target.set(
				this.#calls.call(Op.Entropy, 2, (view) => view.setUint16(0, count, true))!,
				at,
			);
		}
	}
}

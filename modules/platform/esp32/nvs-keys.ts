import type { KeyStore } from "core/ciphers";
import { Fault } from "core/fault";
import storage, { type Storage } from "embedded:storage/key-value";

const nameCharactersMax = 15;
const valueBytesMax = 256;

/** Keys as blobs in the chip's NVS, which has to be encrypted on a terminal that is in use. */
export class NvsKeys implements KeyStore {
	readonly #storage: Storage;

	/** @param namespace at most 15 characters */
	constructor(namespace: string) {
		this.#storage = storage.open({ path: namespace, format: "buffer" });
	}

	read(name: string): Uint8Array | undefined {
		checkName(name);
		const value: unknown = this.#storage.read(name);
		return value instanceof ArrayBuffer ? new Uint8Array(value) : undefined;
	}

	write(name: string, value: Uint8Array): void {
		checkName(name);
		if (value.length > valueBytesMax) throw new Fault("io.options", value.length, valueBytesMax);
		this.#storage.write(name, value);
	}
}

function checkName(name: string): void {
	if (name.length === 0 || name.length > nameCharactersMax)
		throw new Fault("io.options", name.length, nameCharactersMax);
}

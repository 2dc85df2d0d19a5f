import type { KeyStore } from "core/ciphers";
import { Fault } from "core/fault";
import type { Directory } from "embedded:storage/files";

const nameCharactersMax = 15;
const valueBytesMax = 256;

/** Keys as small files. For the simulator: its files are protected by nothing. */
export class FileKeys implements KeyStore {
	readonly #directory: Directory;

	constructor(directory: Directory) {
		this.#directory = directory;
	}

	read(name: string): Uint8Array | undefined {
		const path = fileName(name);
		if (this.#directory.status(path).mode === 0) return undefined;
		const file = this.#directory.openFile({ path });
		try {
			const value = new Uint8Array(Math.min(file.status().size, valueBytesMax));
			return value.length > 0 && file.read(value, 0) !== value.length ? undefined : value;
		} finally {
			file.close();
		}
	}

	/** Written beside and moved, so that a kill leaves the old value or the new one. */
	write(name: string, value: Uint8Array): void {
		if (value.length > valueBytesMax) throw new Fault("io.options", value.length, valueBytesMax);
		const path = fileName(name);
		const file = this.#directory.openFile({ path: `${path}.new`, mode: "w+" });
		try {
			file.write(value, 0);
			file.flush();
		} finally {
			file.close();
		}
		this.#directory.move(`${path}.new`, path);
	}
}

function fileName(name: string): string {
	if (name.length === 0 || name.length > nameCharactersMax || name.includes("/"))
		throw new Fault("io.options", name.length, nameCharactersMax);
	return `key-${name}`;
}

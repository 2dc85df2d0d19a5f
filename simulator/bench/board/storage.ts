/** Where the bytes of a board live while its power is off. */
import {
	closeSync,
	existsSync,
	mkdirSync,
	openSync,
	readFileSync,
	renameSync,
	writeFileSync,
	writeSync,
} from "node:fs";
import { join } from "node:path";

/** Bytes of one flash partition. */
export interface Image {
	/** The live content. Change it only together with `save`. */
	readonly bytes: Uint8Array;
	/** Makes a changed range durable. */
	save(offset: number, length: number): void;
	/** Twice is fine. */
	close(): void;
}

export interface KeyImage {
	read(name: string): Uint8Array | undefined;
	write(name: string, value: Uint8Array): void;
}

export interface BoardStorage {
	readonly journal: Image;
	readonly vault: Image;
	readonly keys: KeyImage;
}

export const journalBytes = 512 * 1024;
export const vaultBytes = 64 * 1024;

/** Storage that ends with the process. Images given are taken over, not copied. */
export function memoryStorage(
	images: { journal?: Uint8Array; vault?: Uint8Array } = {},
): BoardStorage {
	const keys = new Map<string, Uint8Array>();
	return {
		journal: memoryImage(images.journal ?? new Uint8Array(journalBytes).fill(0xff)),
		vault: memoryImage(images.vault ?? new Uint8Array(vaultBytes).fill(0xff)),
		keys: {
			read: (name) => keys.get(name),
			write: (name, value) => void keys.set(name, value.slice()),
		},
	};
}

function memoryImage(bytes: Uint8Array): Image {
	return { bytes, save() {}, close() {} };
}

/**
 * Storage in a folder: journal.bin, vault.bin and keys.json. Every operation is in the files when it returns,
 * so that the end of this process is a power cut as well.
 * @throws Error when the folder cannot be written or an image has a wrong size
 */
export function openStorage(folder: string): BoardStorage {
	mkdirSync(folder, { recursive: true });
	return {
		journal: fileImage(join(folder, "journal.bin"), journalBytes),
		vault: fileImage(join(folder, "vault.bin"), vaultBytes),
		keys: fileKeys(join(folder, "keys.json")),
	};
}

function fileImage(path: string, byteLength: number): Image {
	if (!existsSync(path)) writeFileSync(path, new Uint8Array(byteLength).fill(0xff));
	const bytes = new Uint8Array(readFileSync(path));
	if (bytes.length !== byteLength)
		throw new Error(`${path} has ${bytes.length} bytes, ${byteLength} are needed`);
	let file: number | undefined = openSync(path, "r+");
	return {
		bytes,
		save(offset, length) {
			if (file !== undefined) writeSync(file, bytes, offset, length, offset);
		},
		close() {
			if (file !== undefined) closeSync(file);
			file = undefined;
		},
	};
}

function fileKeys(path: string): KeyImage {
	const text = existsSync(path) ? readFileSync(path, "utf8") : "{}";
	const keys = new Map(Object.entries(JSON.parse(text) as Record<string, string>));
	return {
		read(name) {
			const hex = keys.get(name);
			return hex === undefined ? undefined : new Uint8Array(Buffer.from(hex, "hex"));
		},
		write(name, value) {
			keys.set(name, Buffer.from(value).toString("hex"));
			writeFileSync(`${path}.tmp`, JSON.stringify(Object.fromEntries(keys)));
			renameSync(`${path}.tmp`, path);
		},
	};
}

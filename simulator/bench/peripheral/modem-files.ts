import { cme, Cme, integer, lines, ok } from "./modem-core";
import type { AtHandlers, AtReply } from "./modem-core";
import type { AtCommand } from "./at-command";

/** Errors of the FILE commands. */
const FileError = { Parameter: 400, Full: 403, NotFound: 405, Exists: 407 } as const;
const uploadMax = 65_536;
const spaceBytes = 131_072;

/** The modem's file system "UFS:". It outlives resets and power cuts. */
export class ModemFiles {
	readonly #files = new Map<string, Buffer>();
	readonly #note: (text: string) => void;
	/** Files written since the modem was made. */
	uploads = 0;

	constructor(note: (text: string) => void) {
		this.#note = note;
	}

	get commands(): AtHandlers {
		return {
			"+QFLST": (command, done) => done(this.#list(command)),
			"+QFDEL": (command, done) => done(this.#delete(command)),
			"+QFUPL": (command, done) => done(this.#upload(command)),
		};
	}

	get names(): readonly string[] {
		return [...this.#files.keys()];
	}

	/** @param name with or without "UFS:" */
	read(name: string): Buffer | undefined {
		return this.#files.get(bare(name));
	}

	/** Every file loses its last byte's lowest bit, as worn flash would. */
	damage(): void {
		for (const bytes of this.#files.values()) bytes[bytes.length >> 1]! ^= 1;
	}

	#list(command: AtCommand): AtReply {
		const name = bare(command.args[0] ?? "*");
		const shown = [...this.#files].filter(([one]) => name === "*" || one === name);
		if (shown.length === 0 && name !== "*") return cme(FileError.NotFound);
		return lines(...shown.map(([one, bytes]) => `+QFLST: "UFS:${one}",${bytes.length}`));
	}

	#delete(command: AtCommand): AtReply {
		const name = command.args[0];
		if (name === undefined) return cme(FileError.Parameter);
		return this.#files.delete(bare(name)) ? ok : cme(FileError.NotFound);
	}

	#upload(command: AtCommand): AtReply {
		const [name, lengthText, timeout] = command.args;
		const length = integer(lengthText, 1, uploadMax);
		if (name === undefined || length === undefined) return cme(Cme.BadParameters);
		if (timeout !== undefined && integer(timeout, 1, 65_535) === undefined)
			return cme(Cme.BadParameters);
		if (this.#files.has(bare(name))) return cme(FileError.Exists);
		const used = [...this.#files.values()].reduce((sum, bytes) => sum + bytes.length, 0);
		if (used + length > spaceBytes) return cme(FileError.Full);
		return {
			kind: "data",
			length,
			promptLine: "CONNECT",
			take: (bytes) => {
				this.#files.set(bare(name), Buffer.from(bytes));
				this.uploads++;
				this.#note(`file ${bare(name)} written, ${length} bytes`);
				return [`+QFUPL: ${length},${checksum(bytes).toString(16)}`, "OK"];
			},
		};
	}
}

function bare(name: string): string {
	return name.startsWith("UFS:") ? name.slice(4) : name;
}

/** The exclusive or of all 16-bit words, high byte first. */
function checksum(bytes: Buffer): number {
	const even = bytes.length % 2 === 0 ? bytes : Buffer.concat([bytes, Buffer.of(0)]);
	let sum = 0;
	for (let at = 0; at < even.length; at += 2) sum ^= even.readUInt16BE(at);
	return sum;
}

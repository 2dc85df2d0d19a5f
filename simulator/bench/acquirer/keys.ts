/** Terminals that the host knows, and their working keys. */
import { tdesEncrypt } from "./tdes";

/** What is agreed with a merchant when a terminal is set up. */
export interface TerminalSetup {
	/** DE41, 8 letters or digits. */
	readonly id: string;
	/** DE42, up to 15 letters or digits. */
	readonly merchantId: string;
	/** Terminal master key, 16 bytes. */
	readonly tmk: Buffer;
}

interface Working {
	readonly pik: Buffer;
	readonly mak: Buffer;
}

/** First four bytes of eight zero bytes encrypted under the key. */
export function checkValue(key: Buffer): Buffer {
	return tdesEncrypt(key, Buffer.alloc(8)).subarray(0, 4);
}

/** A wrapped key and its check value, 20 bytes. */
function wrapped(tmk: Buffer, key: Buffer): Buffer {
	return Buffer.concat([tdesEncrypt(tmk, key), checkValue(key)]);
}

/** Terminals and keys. Only the newest working keys of a terminal count; they live in memory alone. */
export class KeyTable {
	readonly #terminals = new Map<string, TerminalSetup>();
	readonly #working = new Map<string, Working>();
	readonly #random: (byteCount: number) => Buffer;

	/**
	 * @param random source of key bytes
	 * @throws RangeError for a terminal set up wrongly or twice
	 */
	constructor(terminals: readonly TerminalSetup[], random: (byteCount: number) => Buffer) {
		this.#random = random;
		for (const terminal of terminals) {
			if (!/^[0-9A-Za-z]{8}$/.test(terminal.id))
				throw new RangeError(
					`terminal "${terminal.id}": a terminal number has 8 letters or digits`,
				);
			if (!/^[0-9A-Za-z]{1,15}$/.test(terminal.merchantId))
				throw new RangeError(
					`terminal ${terminal.id}: a merchant number has 1 to 15 letters or digits`,
				);
			if (terminal.tmk.length !== 16)
				throw new RangeError(`terminal ${terminal.id}: a master key has 16 bytes`);
			if (this.#terminals.has(terminal.id))
				throw new RangeError(`terminal ${terminal.id} is given twice`);
			this.#terminals.set(terminal.id, terminal);
		}
	}

	terminal(id: string): TerminalSetup | undefined {
		return this.#terminals.get(id);
	}

	/** The newest MAK; undefined before the first sign-on. */
	mak(id: string): Buffer | undefined {
		return this.#working.get(id)?.mak;
	}

	/** The newest PIK; undefined before the first sign-on. */
	pik(id: string): Buffer | undefined {
		return this.#working.get(id)?.pik;
	}

	/** Makes new working keys, which count from now on. @returns field 62 of the 0810, 40 bytes */
	renew(terminal: TerminalSetup): Buffer {
		const working = { pik: this.#random(16), mak: this.#random(16) };
		this.#working.set(terminal.id, working);
		return Buffer.concat([wrapped(terminal.tmk, working.pik), wrapped(terminal.tmk, working.mak)]);
	}

	/** What a restart of the host loses; of one terminal, what it has signed off. */
	forget(id?: string): void {
		if (id === undefined) this.#working.clear();
		else this.#working.delete(id);
	}

	/** Every terminal number, in the order of the set-up. */
	ids(): readonly string[] {
		return [...this.#terminals.keys()];
	}
}

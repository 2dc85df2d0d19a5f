import { Fault } from "core/fault";
import { Vault } from "journal/vault";
import { FakeFlash, PowerCut } from "test/simulation/fakes/flash";
import { Random } from "test/simulation/fakes/random";
import type { SimOptions, SimResult } from "./journal-sim";

/** What the vault's data begins with; the image is searched for it. */
const mark = [0xde, 0xad, 0xc0, 0xde];

/**
 * Random power cuts over a vault: what is stored and not answered can always be read, what is not stored
 * is wiped, and after the drain no byte of it is left in the image.
 */
export function runVaultSim(options: SimOptions): SimResult {
	let cuts = 0;
	let failures = 0;
	const from = options.from ?? 0;
	for (let seed = from; seed < from + options.seeds; seed++) {
		const world = new VaultWorld(seed, options);
		try {
			world.run();
		} catch (error) {
			failures++;
			const reason = error instanceof Error ? `${error.message} ${error.stack}` : String(error);
			options.onFailure?.(seed, reason);
		}
		cuts += world.cuts;
	}
	return { seeds: options.seeds, cuts, failures };
}

class VaultWorld {
	cuts = 0;
	readonly #flash: FakeFlash;
	readonly #random: Random;
	/** What the journal would say. */
	readonly #stored = new Set<number>();
	#vault: Vault;
	#next = 1;

	constructor(seed: number, { model, alignment }: SimOptions) {
		this.#random = new Random(seed);
		this.#flash = new FakeFlash({
			byteLength: 8 * 4096,
			writeAlignment: alignment,
			model,
			seed: seed + 1,
		});
		this.#vault = new Vault(this.#flash);
	}

	run(): void {
		this.#boot(0);
		for (let round = 0; round < 6; round++) {
			this.#flash.cutAt = this.#flash.operations + 1 + this.#random.below(60);
			this.#guard(() => {
				for (let i = 0; i < 200; i++) this.#step();
			});
			while (this.#random.below(100) < 40 && !this.#boot(1 + this.#random.below(8)));
			this.#boot(0);
		}
		this.#drain();
	}

	#guard(body: () => void): boolean {
		try {
			body();
			return true;
		} catch (error) {
			if (!(error instanceof PowerCut)) throw error;
			this.cuts++;
			return false;
		}
	}

	#boot(cutAfter: number): boolean {
		this.#flash.powerUp();
		if (cutAfter > 0) this.#flash.cutAt = this.#flash.operations + cutAfter;
		this.#vault = new Vault(this.#flash);
		return this.#guard(() => {
			const report = this.#vault.mount((subject) => this.#stored.has(subject));
			if (report.error !== 0) throw new Error(`mount error ${report.error}`);
			this.#check();
		});
	}

	#check(): void {
		if (this.#vault.count !== this.#stored.size)
			throw new Error(`holds ${this.#vault.count}, should be ${this.#stored.size}`);
		for (const subject of this.#stored)
			if (this.#vault.get(subject)?.join() !== payloadOf(subject).join())
				throw new Error(`entry ${subject} lost`);
	}

	#step(): void {
		const dice = this.#random.below(10);
		if (dice < 5) this.#put();
		else if (dice < 8) this.#answer();
		else this.#vault.idle();
	}

	#put(): void {
		if (!this.#vault.canPut() || this.#stored.size > 60) return this.#answer();
		const subject = this.#next++;
		try {
			this.#vault.put(subject, payloadOf(subject));
		} catch (error) {
			if (error instanceof Fault && error.code === "flash.write") return;
			throw error;
		}
		// The journal's record comes second: one put in eight is never stored.
		if (this.#random.oneIn(8)) this.#vault.release(subject);
		else this.#stored.add(subject);
	}

	#answer(): void {
		const all = [...this.#stored];
		if (all.length === 0) return;
		const subject = all[this.#random.oneIn(4) ? this.#random.below(all.length) : 0]!;
		this.#stored.delete(subject);
		this.#vault.release(subject);
	}

	#drain(): void {
		for (const subject of [...this.#stored]) {
			this.#stored.delete(subject);
			this.#vault.release(subject);
		}
		while (this.#vault.idle());
		const { image } = this.#flash;
		for (let i = 0; i + 1 < image.length; i++)
			if (image[i] === mark[0] && image[i + 1] === mark[1])
				throw new Error(`card data left at ${i}`);
	}
}

function payloadOf(subject: number): Uint8Array {
	const bytes = new Uint8Array(40 + ((subject * 37) % 89));
	for (let i = 0; i < bytes.length; i++)
		bytes[i] = i < 4 ? mark[i]! : (subject * 31 + i * 7) & 0x7f;
	return bytes;
}

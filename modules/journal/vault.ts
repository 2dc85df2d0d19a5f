import type { Flash } from "core/flash";
import { Fault } from "core/fault";

/** What `Vault.mount` found. */
export interface VaultReport {
	/** Entries held for stored sales. */
	readonly kept: number;
	/** Entries wiped because no stored sale needs them. */
	readonly wiped: number;
	/** Places that could not be read. */
	readonly damaged: number;
	/** 0, or a MountError. */
	readonly error: number;
}

/** Work in progress: types only. */
export class Vault {
	readonly #flash: Flash;
	#count = 0;
	constructor(flash: Flash) {
		this.#flash = flash;
	}
	get count(): number {
		return this.#count;
	}
	mount(_isStored: (subject: number) => boolean): VaultReport {
		throw new Fault("bug", this.#flash.byteLength);
	}
	canPut(): boolean {
		return false;
	}
	put(_subject: number, _payload: Uint8Array): void {
		throw new Fault("bug");
	}
	get(_subject: number): Uint8Array | undefined {
		return undefined;
	}
	release(_subject: number): void {}
	idle(): boolean {
		return false;
	}
}

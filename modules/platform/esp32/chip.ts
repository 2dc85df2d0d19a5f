/** What the chip gives, by chip.c beside this file. */

// XS compiles `native("name")` to the C function of that name.
declare function native(name: string): (...values: unknown[]) => unknown;

/** Switches the physical noise source of the random generator on. Once in a boot. */
export function startEntropy(): void {
	native("xs_chip_startEntropy").call(undefined);
}

/** Fills the whole of `target` from the hardware generator. */
export function fillWithEntropy(target: Uint8Array): void {
	native("xs_chip_entropy").call(undefined, target);
}

export function restartChip(): never {
	native("xs_chip_restart").call(undefined);
	throw new Error("not reached");
}

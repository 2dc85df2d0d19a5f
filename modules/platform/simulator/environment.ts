/** What a Linux process gives, by environment.c beside this file. */

// XS compiles `native("name")` to the C function of that name.
declare function native(name: string): (...values: unknown[]) => unknown;

/** @returns the environment variable, or undefined */
export function environment(name: string): string | undefined {
	return native("xs_environment_get").call(undefined, name) as string | undefined;
}

/** Milliseconds of a clock that never goes back. */
export function monotonicMs(): number {
	return native("xs_environment_monotonic").call(undefined) as number;
}

/** Fills the whole of `target` with random bytes of the system. */
export function fillWithEntropy(target: Uint8Array): void {
	native("xs_environment_entropy").call(undefined, target);
}

/** Ends the process: what a restart is here. The one who started it starts it again. */
export function exitProcess(code: number): never {
	native("xs_environment_exit").call(undefined, code);
	throw new Error("not reached");
}

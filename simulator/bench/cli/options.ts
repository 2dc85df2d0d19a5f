/** A wrong argument or an unusable machine: one clear line, exit code 2. */
export class UsageError extends Error {
	override readonly name = "UsageError";
}

export interface OptionKinds {
	/** Options that take a value. */
	readonly values: readonly string[];
	/** Options that stand alone. */
	readonly flags: readonly string[];
}

export interface Options {
	value(name: string): string | undefined;
	flag(name: string): boolean;
	/** An integer of at least `min`. @throws UsageError */
	number(name: string, min: number, otherwise: number): number;
}

/** Reads `--name value`, `--name=value` and `--flag`. @throws UsageError for anything else */
export function readOptions(args: readonly string[], kinds: OptionKinds): Options {
	const values = new Map<string, string>();
	const flags = new Set<string>();
	for (let i = 0; i < args.length; i++) {
		const [name = "", given] = splitOption(args[i]!);
		if (kinds.flags.includes(name) && given === undefined) flags.add(name);
		else if (kinds.values.includes(name)) {
			const value = given ?? args[++i];
			if (value === undefined || value === "") throw new UsageError(`${name} needs a value`);
			values.set(name, value);
		} else throw new UsageError(`unknown argument "${args[i]!}"; known: ${known(kinds)}`);
	}
	return {
		value: (name) => values.get(name),
		flag: (name) => flags.has(name),
		number: (name, min, otherwise) => toNumber(name, values.get(name), min, otherwise),
	};
}

function splitOption(text: string): [string, string | undefined] {
	const at = text.indexOf("=");
	return text.startsWith("--") && at > 0
		? [text.slice(0, at), text.slice(at + 1)]
		: [text, undefined];
}

function known({ values, flags }: OptionKinds): string {
	return [...values.map((name) => `${name} …`), ...flags].join(", ");
}

function toNumber(name: string, text: string | undefined, min: number, otherwise: number): number {
	if (text === undefined) return otherwise;
	const value = Number(text);
	if (!Number.isInteger(value) || value < min)
		throw new UsageError(`${name} takes a whole number from ${min} up, not "${text}"`);
	return value;
}

/** Runs a command; what it throws becomes one line on standard error and exit code 2. */
export async function guarded(command: () => Promise<number>): Promise<number> {
	try {
		return await command();
	} catch (error) {
		if (!(error instanceof Error)) throw error;
		const ours = ["UsageError", "BrokerError", "BenchError"].includes(error.name);
		process.stderr.write(`holdfast: ${ours ? error.message : (error.stack ?? error.message)}\n`);
		return ours ? 2 : 1;
	}
}

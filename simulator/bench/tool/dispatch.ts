import { guarded, UsageError } from "../cli/options";

type Command = (args: readonly string[]) => Promise<number>;

/** Runs the command that the first argument names; wrong arguments are one line and exit code 2. */
export function dispatch(
	name: string,
	kinds: Readonly<Record<string, Command>>,
	[kind, ...args]: readonly string[],
): Promise<number> {
	return guarded(() => {
		const command = kind !== undefined && Object.hasOwn(kinds, kind) ? kinds[kind] : undefined;
		if (command !== undefined) return command(args);
		throw new UsageError(`${name} what? known: ${Object.keys(kinds).join(", ")}`);
	});
}

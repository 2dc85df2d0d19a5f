import { guarded, UsageError } from "../cli/options";
import { asksForHelp, printUsage } from "./usage";

type Command = (args: readonly string[]) => Promise<number>;

/** Runs the command that the first argument names; wrong arguments are one line and exit code 2. */
export function dispatch(
	name: string,
	kinds: Readonly<Record<string, Command>>,
	[kind, ...args]: readonly string[],
): Promise<number> {
	return guarded(() => {
		const known = kind !== undefined && Object.hasOwn(kinds, kind);
		if (asksForHelp(kind === undefined ? [] : [kind, ...args]) && (known || kind!.startsWith("-")))
			return Promise.resolve(printUsage(known ? `${name} ${kind}` : name));
		if (known) return kinds[kind]!(args);
		throw new UsageError(`${name} what? known: ${Object.keys(kinds).join(", ")}`);
	});
}

/** As `dispatch` for a command that stands alone. @param name as `decode` knows it */
export function runAlone(name: string, command: Command, args: readonly string[]): Promise<number> {
	return guarded(() =>
		asksForHelp(args) ? Promise.resolve(printUsage(`decode ${name}`)) : command(args),
	);
}

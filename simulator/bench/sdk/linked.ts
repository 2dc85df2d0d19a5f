/** Reads what the SDK's linker (xsl) and compiler (xsc) leave behind. */
import { existsSync, readFileSync } from "node:fs";

export interface LinkedModule {
	readonly name: string;
	/** Its body ran at link time; nothing of it is loaded at run time. */
	readonly preloaded: boolean;
}

export interface LinkWarning {
	readonly module: string;
	/** What in the module. */
	readonly what: string;
	/** "not frozen", "no const" … */
	readonly kind: string;
}

/** The table of modules in mc.xs.c: a module that is loaded at run time has its code beside its name. */
export function readLinked(source: string): LinkedModule[] {
	const row =
		/^\t\{ (?:NULL|xsHostModule\d+), NULL, 0, (NULL|\(txS1\*\)gxCode\d+), \d+, NULL, 0, "([^"]+)"/gm;
	return [...source.matchAll(row)].map(([, code, name = ""]) => ({
		name,
		preloaded: code === "NULL",
	}));
}

/** "### warning: modem/at-fields: errorTexts[0]: not frozen" */
export function readWarnings(said: string): LinkWarning[] {
	const line = /^### warning: ([^:\n]+(?::[^:\s][^:\n]*)?): (.+): ([^:\n]+)$/gm;
	return [...said.matchAll(line)].map(([, module = "", what = "", kind = ""]) => ({
		module,
		what,
		kind,
	}));
}

const headBytes = 8;

/** Length of the CODE atom of a compiled module (.xsb); 0 when there is no such file. */
export function codeBytesOf(path: string): number {
	if (!existsSync(path)) return 0;
	const bytes = readFileSync(path);
	let at = headBytes;
	while (at + headBytes <= bytes.length) {
		const length = bytes.readUInt32BE(at);
		if (bytes.toString("latin1", at + 4, at + headBytes) === "CODE") return length - headBytes;
		if (length < headBytes) return 0;
		at += length;
	}
	return 0;
}

/** What the tool's commands print. */
import { failureWords } from "./failure-words";

/** One JSON object on one line. */
export function printJson(value: unknown): void {
	process.stdout.write(`${JSON.stringify(value)}\n`);
}

/** Columns as wide as they need to be; the last one is not filled up. */
export function printTable(rows: readonly (readonly string[])[]): void {
	const widths: number[] = [];
	for (const row of rows)
		row.slice(0, -1).forEach((cell, i) => (widths[i] = Math.max(widths[i] ?? 0, cell.length)));
	for (const row of rows) {
		const line = row.map((cell, i) => (i < row.length - 1 ? cell.padEnd(widths[i]!) : cell));
		process.stdout.write(`${line.join("  ").trimEnd()}\n`);
	}
}

/** Why something cannot be read or made: numbers and codes only. */
export interface Failure {
	readonly code: string;
	readonly field: number | null;
	readonly offset: number | null;
}

/** @returns 1, the exit code */
export function printFailure(error: Failure, json: boolean): number {
	if (json) printJson({ error });
	else {
		const field = error.field === null ? "" : `, field ${error.field}`;
		const offset = error.offset === null ? "" : `, offset ${error.offset}`;
		const words = failureWords(error.code, error.field);
		const meaning = words === "" ? "" : `: ${words}`;
		process.stderr.write(`holdfast: ${error.code}${field}${offset}${meaning}\n`);
	}
	return 1;
}

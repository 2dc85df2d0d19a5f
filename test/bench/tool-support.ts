/** Runs the tool as a technician does: as a program of its own. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { root } from "../../simulator/bench/build/root";

export interface Run {
	readonly code: number | null;
	readonly out: string;
	readonly err: string;
}

/** @param input goes to standard input */
export function holdfast(args: readonly string[], input = ""): Promise<Run> {
	return new Promise((resolve, reject) => {
		const runner = join(root, "simulator/bench/run.mjs");
		const child = spawn(process.execPath, [runner, ...args], { cwd: root, timeout: 60_000 });
		let out = "";
		let err = "";
		child.stdout.on("data", (bytes: Buffer) => (out += bytes.toString()));
		child.stderr.on("data", (bytes: Buffer) => (err += bytes.toString()));
		child.on("error", reject);
		child.on("close", (code) => resolve({ code, out, err }));
		child.stdin.on("error", () => undefined);
		child.stdin.end(input);
	});
}

/** The one JSON object on standard output. */
export async function json(args: readonly string[], input = ""): Promise<unknown> {
	const { out } = await holdfast(args, input);
	return JSON.parse(out);
}

/** Hex of ASCII text. */
export function ascii(text: string): string {
	return Buffer.from(text, "latin1").toString("hex");
}

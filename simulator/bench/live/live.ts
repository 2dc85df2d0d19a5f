import { createInterface } from "node:readline";
import { Bench, type BenchOptions } from "../bench";
import type { Keeper } from "../day/keeper";
import { LiveSession, liveHelp } from "./session";
import { drawScreen, screenRows } from "./screen";

/** Runs the bench in real time under a person's hands until "quit" or the end of standard input. */
export async function runLive(
	options: Omit<BenchOptions, "pace">,
	keeper: Keeper | undefined,
): Promise<number> {
	const tty = process.stdout.isTTY === true;
	const out = (text: string): boolean => process.stdout.write(text);
	const bench = await Bench.start({
		...options,
		pace: "real",
		onScreen: (lines) => {
			if (!tty) out(`[display] ${lines.map((line) => line.trimEnd()).join(" | ")}\n`);
		},
	});
	keeper?.attach(bench);
	let over = false;
	const reader = createInterface({ input: process.stdin, output: process.stdout, terminal: tty });
	const say = (text: string): void => {
		out(`${tty ? "\r\x1b[K" : ""}${text.replaceAll("\r", "")}\n`);
		if (tty) reader.prompt(true);
	};
	const session = new LiveSession(bench, say);
	reader.on("line", (line) => {
		if (session.obey(line)) reader.prompt();
		else over = true;
	});
	reader.on("close", () => (over = true));
	// The screen stands in the upper rows; commands and answers scroll below it.
	if (tty) out(`\x1b[2J\x1b[${screenRows + 1};${process.stdout.rows}r\x1b[${screenRows + 1};1H`);
	say(tty ? liveHelp.join("\n") : "type help for the commands");
	reader.prompt();
	const draw = setInterval(() => {
		if (tty) out(`\x1b7\x1b[H${drawScreen(session.view()).join("\x1b[K\r\n")}\x1b[K\x1b8`);
	}, 200);
	const poll = setInterval(() => session.poll(), 1000);
	bench.board.powerOn();
	while (!over) await bench.pass(250);
	clearInterval(draw);
	clearInterval(poll);
	reader.close();
	if (tty) out("\x1b[r\x1b[999;1H\n");
	keeper?.finish({});
	await bench.close();
	return 0;
}

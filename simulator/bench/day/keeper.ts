import { closeSync, mkdirSync, openSync, readdirSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { Bench, BenchOptions } from "../bench";
import { UsageError } from "../cli/options";

/** Writes down everything that happens on a day, for inspection: one file a source, one line an event. */
export class Keeper {
	readonly directory: string;
	readonly #files = new Map<string, number>();
	#bench: Bench | undefined;

	/** @param directory made when missing @throws UsageError when it holds something or cannot be written */
	constructor(directory: string) {
		this.directory = directory;
		try {
			mkdirSync(directory, { recursive: true });
		} catch {
			throw new UsageError(`the folder ${directory} cannot be made`);
		}
		if (readdirSync(directory).length > 0)
			throw new UsageError(`the folder ${directory} is not empty`);
	}

	/** The hooks that a bench is started with. */
	hooks(): Pick<
		BenchOptions,
		"directory" | "onCapture" | "onPacket" | "onEvent" | "onConsole" | "transcript" | "log"
	> {
		return {
			directory: this.directory,
			onCapture: ({ port, direction, bytes, timeUs }) =>
				this.#line(`uart-${port}.log`, `${stamp(timeUs)} ${direction} ${hex(bytes)}`),
			onPacket: (packet) => this.#line("mqtt.log", packetLine(packet)),
			onEvent: (event) => this.#line("board.log", `${this.#now()} ${JSON.stringify(event)}`),
			onConsole: (text) => this.#write("console.txt", text),
			transcript: ({ atUs, device, text }) =>
				this.#line("devices.log", `${stamp(atUs)} ${device.padEnd(11)} ${text}`),
			log: (line) => this.#line("host.log", `${this.#now()} ${line}`),
		};
	}

	/** The bench whose time the lines carry. */
	attach(bench: Bench): void {
		this.#bench = bench;
	}

	/** Writes the paper and the report, and closes the files. */
	finish(report: unknown): void {
		const slips = this.#bench?.printer.slips ?? [];
		const paper = slips.map((slip) => slip.lines.map((line) => line.text).join("\n"));
		writeFileSync(join(this.directory, "paper.txt"), `${paper.join("\n--- cut ---\n")}\n`);
		const json = `${JSON.stringify(report, null, "\t")}\n`;
		writeFileSync(join(this.directory, "report.json"), json);
		for (const file of this.#files.values()) closeSync(file);
		this.#files.clear();
	}

	#now(): string {
		return stamp(this.#bench?.scheduler.nowUs() ?? 0);
	}

	#line(name: string, text: string): void {
		this.#write(name, `${text}\n`);
	}

	#write(name: string, text: string): void {
		let file = this.#files.get(name);
		if (file === undefined) {
			file = openSync(join(this.directory, name), "a");
			this.#files.set(name, file);
		}
		writeSync(file, text);
	}
}

function stamp(timeUs: number): string {
	return (timeUs / 1e6).toFixed(6).padStart(13);
}

function hex(bytes: Uint8Array): string {
	return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex");
}

function packetLine(packet: object): string {
	return JSON.stringify(packet, (_key, value: unknown) =>
		value instanceof Uint8Array ? hex(value) : value,
	);
}

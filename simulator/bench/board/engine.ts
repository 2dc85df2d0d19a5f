/** One XS machine in a process of its own: `xsnap-worker`, spoken to by netstrings on its fds 3 and 4. */
import { spawn, type ChildProcess } from "node:child_process";
import type { Duplex, Readable } from "node:stream";
import { workerPath } from "../build/root";
import { encodeNetstring, NetstringReader } from "./netstring";

/** What one request to the engine came to. */
export interface TurnResult {
	/** Executed bytecode-level steps: a deterministic cost. */
	readonly compute: number;
	/** Slots in use after the turn. */
	readonly heapCount: number;
	readonly bytes: Uint8Array;
}

/** The engine ended, or its code threw. */
export class EngineError extends Error {
	/**
	 * script: an exception came out of the code, the engine lives on ·
	 * exit: the process ended by itself (out of memory, stack overflow, unhandled rejection) ·
	 * killed: `kill` was called
	 */
	readonly kind: "script" | "exit" | "killed";
	constructor(kind: EngineError["kind"], message: string) {
		super(message);
		this.kind = kind;
	}
}

/** Exit codes of xsnap-worker, as its source defines them. */
const exitReasons: Readonly<Record<number, string>> = Object.freeze({
	11: "memory full",
	12: "stack overflow",
	15: "unhandled exception",
	16: "no more keys",
	17: "too much computation",
});

interface Pending {
	readonly resolve: (result: TurnResult) => void;
	readonly reject: (error: unknown) => void;
}

export interface EngineOptions {
	/**
	 * Serves `issueCommand` while the engine waits; undefined leaves it without an answer for ever (the power
	 * is gone). What it throws ends the engine and rejects the request as it is.
	 */
	readonly onCommand: (request: Buffer) => Uint8Array | undefined;
	/** What the code prints, and what the engine says when it gives up. */
	readonly onPrint?: (text: string) => void;
	/** The engine exits when a request computes more than this. */
	readonly computeLimit?: number;
}

/** Steps between two looks at the limit. */
const meterInterval = 10_000;

export class Engine {
	readonly #child: ChildProcess;
	readonly #input: Duplex;
	readonly #reader = new NetstringReader();
	readonly #onCommand: (request: Buffer) => Uint8Array | undefined;
	#pending: Pending | undefined;
	#ended: EngineError | undefined;
	/** The last lines that the engine wrote to stdout and stderr. */
	#output = "";

	/** Starts a fresh machine. */
	constructor({ onCommand, onPrint, computeLimit }: EngineOptions) {
		this.#onCommand = onCommand;
		const ignore = "ignore" as const;
		const limit =
			computeLimit === undefined ? [] : ["-i", String(meterInterval), "-l", String(computeLimit)];
		this.#child = spawn(workerPath, ["holdfast", ...limit], {
			stdio: [ignore, "pipe", "pipe", "pipe", "pipe", ignore, ignore, ignore, ignore],
		});
		const [, out, err, input, output] = this.#child.stdio;
		// Node makes a duplex socket of each extra pipe.
		this.#input = input as Duplex;
		for (const stream of [out!, err!] as Readable[])
			stream.on("data", (bytes: Buffer) => {
				if (this.#ended?.kind === "killed") return;
				this.#output = (this.#output + bytes.toString("utf8")).slice(-2000);
				onPrint?.(bytes.toString("utf8"));
			});
		(output as Duplex).on("data", (bytes: Buffer) => this.#receive(bytes));
		// A write to a dying engine fails; its end is told by "close".
		this.#input.on("error", () => {});
		this.#child.on("error", (error) => this.#end(new EngineError("exit", error.message)));
		this.#child.on("close", (code, signal) => this.#end(this.#exitError(code, signal)));
	}

	/** Neither killed nor ended. */
	get alive(): boolean {
		return this.#ended === undefined;
	}

	/** Runs a script to its end, promise jobs included. Rejects with EngineError, or what `onCommand` threw. */
	evaluate(source: string): Promise<TurnResult> {
		return this.#request("e", Buffer.from(source, "utf8"));
	}

	/** Calls `globalThis.handleCommand(ArrayBuffer)`. Rejects as `evaluate` does. */
	call(bytes: Uint8Array): Promise<TurnResult> {
		return this.#request("?", bytes);
	}

	/** Ends the process at once, wherever it is: a power cut. */
	kill(): void {
		this.#end(new EngineError("killed", "engine killed"));
		this.#child.kill("SIGKILL");
	}

	#request(command: string, bytes: Uint8Array): Promise<TurnResult> {
		if (this.#ended !== undefined) return Promise.reject(this.#ended);
		if (this.#pending !== undefined) throw new Error("engine: one request at a time");
		return new Promise((resolve, reject) => {
			this.#pending = { resolve, reject };
			this.#input.write(encodeNetstring(Buffer.from(command), bytes));
		});
	}

	#receive(bytes: Buffer): void {
		if (this.#ended !== undefined) return;
		try {
			for (const frame of this.#reader.push(bytes)) this.#handle(frame);
		} catch (error) {
			// Not the engine's fault, but this side's.
			this.#pending?.reject(error);
			this.#pending = undefined;
			this.kill();
		}
	}

	#handle(frame: Buffer): void {
		const body = frame.subarray(1);
		const kind = String.fromCharCode(frame[0] ?? 0);
		if (kind === "?") {
			const answer = this.#onCommand(body);
			if (answer !== undefined && this.#ended === undefined)
				this.#input.write(encodeNetstring(Buffer.from("/"), answer));
			return;
		}
		const pending = this.#pending;
		this.#pending = undefined;
		if (kind === ".") pending?.resolve(parseResult(body));
		else pending?.reject(new EngineError("script", body.toString("utf8")));
	}

	#exitError(code: number | null, signal: NodeJS.Signals | null): EngineError {
		const reason = code === null ? `signal ${signal}` : (exitReasons[code] ?? `exit code ${code}`);
		const said = this.#output.trim().split("\n").slice(-3).join(" | ");
		return new EngineError("exit", `engine ended: ${reason}${said === "" ? "" : ` (${said})`}`);
	}

	#end(error: EngineError): void {
		if (this.#ended !== undefined) return;
		this.#ended = error;
		this.#input.destroy();
		const pending = this.#pending;
		this.#pending = undefined;
		pending?.reject(error);
	}
}

/** `{"currentHeapCount":…,"compute":…,…}\x01<bytes>` */
function parseResult(body: Buffer): TurnResult {
	const split = body.indexOf(1);
	const meter = JSON.parse(body.toString("latin1", 0, split)) as {
		currentHeapCount: number;
		compute: number;
	};
	return {
		compute: meter.compute,
		heapCount: meter.currentHeapCount,
		bytes: body.subarray(split + 1),
	};
}

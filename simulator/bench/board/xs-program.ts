/** A module of the project that runs in an XS machine of its own and is called from Node, by values of JSON. */
import { bundleForXs } from "../build/firmware";
import { traceMapper, type TraceMapper } from "../build/trace-map";
import { Engine, EngineError } from "./engine";

/** One call and what it cost. */
export interface XsAnswer<T> {
	readonly value: T;
	/** Executed bytecode-level steps. */
	readonly compute: number;
	/** Slots in use afterwards. */
	readonly heapCount: number;
}

export interface XsProgramOptions {
	/** TypeScript that sets what is called on globalThis; specifiers resolve by tsconfig.json. */
	readonly source: string;
	/** For messages. */
	readonly name: string;
	/** Longest that one call may take, ms. */
	readonly callTimeoutMs: number;
}

/** Serves no board: what is called here brings its own world with it. */
export class XsProgram {
	/** Steps that loading the bundle took. */
	readonly loadCompute: number;
	readonly #engine: Engine;
	readonly #mapper: TraceMapper;
	readonly #callTimeoutMs: number;

	private constructor(engine: Engine, mapper: TraceMapper, compute: number, timeoutMs: number) {
		this.#engine = engine;
		this.#mapper = mapper;
		this.loadCompute = compute;
		this.#callTimeoutMs = timeoutMs;
	}

	/**
	 * Bundles the source, starts a machine and runs the bundle in it.
	 * @throws Error when it does not compile, or throws: with the places of the sources
	 */
	static async load({ source, name, callTimeoutMs }: XsProgramOptions): Promise<XsProgram> {
		const { code, map } = await bundleForXs({ source, name });
		const mapper = traceMapper(map);
		const engine = new Engine({
			onCommand: () => new Uint8Array(0),
			onPrint: (text) => void process.stderr.write(text),
		});
		try {
			const turn = evaluate(engine, `${code}\n//# sourceURL=bundle.js`, callTimeoutMs);
			return new XsProgram(engine, mapper, (await turn).compute, callTimeoutMs);
		} catch (error) {
			engine.kill();
			throw mapped(error, mapper);
		}
	}

	/** Puts source places behind the lines of the bundle that a text names. */
	readonly map = (text: string): string => this.#mapper(text);

	/**
	 * Calls a function that the source put on globalThis; what it returns comes back as JSON has it.
	 * @throws Error with the places of the sources when it throws, or takes too long
	 */
	async call<T>(name: string, ...args: readonly unknown[]): Promise<XsAnswer<T>> {
		const list = args.map((arg) => JSON.stringify(arg)).join(", ");
		const script = `new TextEncoder().encode(JSON.stringify(globalThis.${name}(${list}))).buffer`;
		try {
			const turn = await evaluate(this.#engine, script, this.#callTimeoutMs);
			const value = JSON.parse(Buffer.from(turn.bytes).toString("utf8")) as T;
			return { value, compute: turn.compute, heapCount: turn.heapCount };
		} catch (error) {
			throw mapped(error, this.#mapper);
		}
	}

	close(): void {
		this.#engine.kill();
	}
}

async function evaluate(engine: Engine, script: string, timeoutMs: number) {
	const timer = setTimeout(() => engine.kill(), timeoutMs);
	try {
		return await engine.evaluate(script);
	} catch (error) {
		if (error instanceof EngineError && error.kind === "killed")
			throw new Error(`not over after ${timeoutMs / 1000} s`, { cause: error });
		throw error;
	} finally {
		clearTimeout(timer);
	}
}

function mapped(error: unknown, mapper: TraceMapper): Error {
	const text = error instanceof Error ? error.message : String(error);
	return new Error(mapper(text), { cause: error });
}

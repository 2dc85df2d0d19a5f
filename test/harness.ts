/**
 * The test harness that runs on every engine: npm XS, the SDK's XS, Node.
 * A test file calls `test(...)` at module level; the runner's entry then calls `run()`.
 */
import { Fault, type FaultCode } from "core/fault";

interface Case {
	readonly name: string;
	readonly body: () => void;
}

const cases: Case[] = [];

/** Registers one behaviour, named as a sentence. Bodies are synchronous: time comes from fakes. */
export function test(name: string, body: () => void): void {
	cases.push({ name, body });
}

/** Runs what was registered. @returns one line a test: "ok NAME" or "not ok NAME: REASON" */
export function run(): {
	readonly lines: string[];
	readonly passed: number;
	readonly failed: number;
} {
	const lines: string[] = [];
	let failed = 0;
	for (const { name, body } of cases) {
		try {
			body();
			lines.push(`ok ${name}`);
		} catch (error) {
			failed++;
			lines.push(`not ok ${name}: ${describe(error)}`);
		}
	}
	return { lines, passed: cases.length - failed, failed };
}

function describe(error: unknown): string {
	if (!(error instanceof Error)) return String(error);
	const stack =
		typeof error.stack === "string" ? error.stack.split("\n").slice(0, 8).join(" | ") : "";
	return `${error.name}: ${error.message} ${stack}`;
}

/** Fails the test. */
export function fail(message: string): never {
	throw new Error(message);
}

export function ok(condition: boolean, message = "not true"): asserts condition {
	if (!condition) fail(message);
}

/** Same value (Object.is), or the same content for arrays, typed arrays and plain objects. */
export function equal(actual: unknown, expected: unknown, message = ""): void {
	if (!same(actual, expected))
		fail(`${message} expected ${show(expected)}, got ${show(actual)}`.trim());
}

/** `body` throws Fault with this code. */
export function throwsFault(code: FaultCode, body: () => void): void {
	try {
		body();
	} catch (error) {
		if (error instanceof Fault && error.code === code) return;
		fail(`expected Fault ${code}, got ${describe(error)}`);
	}
	fail(`expected Fault ${code}, nothing was thrown`);
}

function same(a: unknown, b: unknown): boolean {
	if (Object.is(a, b)) return true;
	if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
	if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
	const keysA = Object.keys(a);
	if (keysA.length !== Object.keys(b).length) return false;
	const left = a as Record<string, unknown>;
	const right = b as Record<string, unknown>;
	return keysA.every((key) => key in right && same(left[key], right[key]));
}

function show(value: unknown): string {
	if (value instanceof Uint8Array)
		return `bytes ${Array.from(value, (b) => b.toString(16).padStart(2, "0")).join("")}`;
	if (value === undefined) return "undefined";
	return JSON.stringify(value);
}

import type { Log, LogCode } from "core/log";

/** Keeps every event. */
export class FakeLog implements Log {
	readonly events: { readonly code: LogCode; readonly a: number; readonly b: number }[] = [];

	event(code: LogCode, a = 0, b = 0): void {
		this.events.push({ code, a, b });
	}

	/** `[a, b]` of every event with this code. */
	of(code: LogCode): number[][] {
		return this.events.filter((event) => event.code === code).map(({ a, b }) => [a, b]);
	}
}

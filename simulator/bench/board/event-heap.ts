/** Something that happens at a moment of virtual time. */
export interface TimedEvent {
	readonly atUs: number;
	/** Breaks ties: first scheduled, first run. */
	readonly order: number;
	/** undefined once cancelled. */
	action: (() => void) | undefined;
}

/** Events in the order of their time, then of their scheduling. */
export class EventHeap {
	readonly #items: TimedEvent[] = [];

	/** The next event that is not cancelled. */
	get first(): TimedEvent | undefined {
		while (this.#items.length > 0 && this.#items[0]!.action === undefined) this.#removeFirst();
		return this.#items[0];
	}

	push(event: TimedEvent): void {
		const items = this.#items;
		let at = items.push(event) - 1;
		while (at > 0) {
			const parent = (at - 1) >> 1;
			if (!before(event, items[parent]!)) break;
			items[at] = items[parent]!;
			at = parent;
		}
		items[at] = event;
	}

	pop(): TimedEvent | undefined {
		const first = this.first;
		if (first !== undefined) this.#removeFirst();
		return first;
	}

	#removeFirst(): void {
		const items = this.#items;
		const last = items.pop()!;
		if (items.length === 0) return;
		let at = 0;
		for (;;) {
			let child = 2 * at + 1;
			if (child >= items.length) break;
			if (child + 1 < items.length && before(items[child + 1]!, items[child]!)) child++;
			if (!before(items[child]!, last)) break;
			items[at] = items[child]!;
			at = child;
		}
		items[at] = last;
	}
}

function before(a: TimedEvent, b: TimedEvent): boolean {
	return a.atUs < b.atUs || (a.atUs === b.atUs && a.order < b.order);
}

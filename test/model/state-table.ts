import type { World } from "./world";

/** Every state found, in the order found, each once: two words, where it came from and by which step. */
export class StateTable {
	readonly #max: number;
	#size = 0;
	#bodies = new Int32Array(1 << 16);
	#nets = new Int32Array(1 << 16);
	#parents = new Int32Array(1 << 16);
	#codes = new Uint16Array(1 << 16);
	/** Open addressing; index + 1, 0 for free. */
	#slots = new Int32Array(1 << 18);

	constructor(max: number) {
		this.#max = max;
	}

	get size(): number {
		return this.#size;
	}

	/** @returns the index of the state; equal to the former size when it is new */
	add(body: number, net: number, parent: number, code: number): number {
		const mask = this.#slots.length - 1;
		let slot = hash(body, net) & mask;
		for (;;) {
			const found = this.#slots[slot]! - 1;
			if (found < 0) break;
			if (this.#bodies[found] === body && this.#nets[found] === net) return found;
			slot = (slot + 1) & mask;
		}
		if (this.#size === this.#max) throw new RangeError(`more than ${this.#max} states`);
		if (this.#size === this.#bodies.length) this.#grow();
		const index = this.#size++;
		this.#bodies[index] = body;
		this.#nets[index] = net;
		this.#parents[index] = parent;
		this.#codes[index] = code;
		this.#slots[slot] = index + 1;
		if (this.#size * 2 > this.#slots.length) this.#rehash();
		return index;
	}

	load(index: number, world: World): World {
		return world.unpack(this.#bodies[index]!, this.#nets[index]!);
	}

	parent(index: number): number {
		return this.#parents[index]!;
	}

	code(index: number): number {
		return this.#codes[index]!;
	}

	#grow(): void {
		const length = this.#size * 2;
		const longer = (old: Int32Array): Int32Array<ArrayBuffer> => {
			const grown = new Int32Array(length);
			grown.set(old);
			return grown;
		};
		this.#bodies = longer(this.#bodies);
		this.#nets = longer(this.#nets);
		this.#parents = longer(this.#parents);
		const codes = new Uint16Array(length);
		codes.set(this.#codes);
		this.#codes = codes;
	}

	#rehash(): void {
		const slots = new Int32Array(this.#slots.length * 2);
		const mask = slots.length - 1;
		for (let index = 0; index < this.#size; index++) {
			let slot = hash(this.#bodies[index]!, this.#nets[index]!) & mask;
			while (slots[slot] !== 0) slot = (slot + 1) & mask;
			slots[slot] = index + 1;
		}
		this.#slots = slots;
	}
}

function hash(body: number, net: number): number {
	let h = Math.imul(body ^ (body >>> 15), 0x85ebca6b) ^ Math.imul(net, 0xc2b2ae35);
	h ^= h >>> 13;
	h = Math.imul(h, 0x9e3779b1);
	return (h ^ (h >>> 16)) >>> 0;
}

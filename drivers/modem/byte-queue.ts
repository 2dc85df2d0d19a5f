/** Bytes in order, in pieces; the owner keeps the limit. */
export class ByteQueue {
	#parts: Uint8Array[] = [];
	#offset = 0;
	#length = 0;

	/** Bytes that wait. */
	get length(): number {
		return this.#length;
	}

	/** Appends without copying: the array must not change afterwards. */
	push(bytes: Uint8Array): void {
		if (bytes.length === 0) return;
		this.#parts.push(bytes);
		this.#length += bytes.length;
	}

	/** Copies the first bytes without taking them. @param count at most `length` counts */
	peek(count: number): Uint8Array {
		const target = new Uint8Array(Math.min(count, this.#length));
		let filled = 0;
		let offset = this.#offset;
		for (const part of this.#parts) {
			if (filled === target.length) break;
			const end = Math.min(part.length, offset + target.length - filled);
			target.set(part.subarray(offset, end), filled);
			filled += end - offset;
			offset = 0;
		}
		return target;
	}

	/** Forgets the first `count` bytes. */
	drop(count: number): void {
		let left = Math.min(count, this.#length);
		this.#length -= left;
		while (left > 0) {
			const part = this.#parts[0]!;
			const here = Math.min(left, part.length - this.#offset);
			left -= here;
			this.#offset += here;
			if (this.#offset === part.length) {
				this.#parts.shift();
				this.#offset = 0;
			}
		}
	}

	clear(): void {
		this.drop(this.#length);
	}
}

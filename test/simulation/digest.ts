/** A running fingerprint of 64 bits (two FNV-1a of 32), the same on every engine. It keeps no secret. */
export class Digest {
	#a = 0x811c9dc5 | 0;
	#b = 0x3d1f9b27 | 0;

	add(bytes: Uint8Array): void {
		let a = this.#a;
		let b = this.#b;
		for (let i = 0; i < bytes.length; i++) {
			a = Math.imul(a ^ bytes[i]!, 0x01000193);
			b = Math.imul(b ^ (bytes[i]! + (a >>> 24)), 0x01000193);
		}
		this.#a = a;
		this.#b = b;
		this.addNumber(bytes.length);
	}

	addText(text: string): void {
		for (let i = 0; i < text.length; i++) this.addNumber(text.charCodeAt(i));
		this.addNumber(text.length);
	}

	/** @param value 32 bits of it count */
	addNumber(value: number): void {
		this.#a = Math.imul(this.#a ^ value, 0x01000193);
		this.#b = Math.imul(this.#b ^ (value + (this.#a >>> 24)), 0x01000193);
	}

	/** 16 hex digits. */
	get hex(): string {
		const part = (value: number): string => (value >>> 0).toString(16).padStart(8, "0");
		return part(this.#a) + part(this.#b);
	}
}

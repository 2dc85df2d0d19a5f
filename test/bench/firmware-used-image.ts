/** Flash images as years of use leave them, made with the firmware's own journal and book in Node. */
import { EntryMode } from "core/card";
import type { Flash } from "core/flash";
import { Journal } from "journal/journal";
import { Book } from "transaction/book";
import { Kind } from "transaction/kinds";
import { Input } from "transaction/states";
import { ReceiptState } from "transaction/transaction";

/** NOR flash over bytes: programming clears bits. */
class ImageFlash implements Flash {
	readonly blockLength = 4096;
	readonly writeAlignment = 16;
	readonly #bytes: Uint8Array;
	lastWriteAt = 0;

	constructor(bytes: Uint8Array) {
		this.#bytes = bytes;
	}

	get byteLength(): number {
		return this.#bytes.length;
	}

	read(target: Uint8Array, byteOffset: number): void {
		target.set(this.#bytes.subarray(byteOffset, byteOffset + target.length));
	}

	write(source: Uint8Array, byteOffset: number): void {
		this.lastWriteAt = byteOffset;
		for (let i = 0; i < source.length; i++) this.#bytes[byteOffset + i]! &= source[i]!;
	}

	eraseBlock(block: number): void {
		this.#bytes.fill(0xff, block * this.blockLength, (block + 1) * this.blockLength);
	}
}

/**
 * Writes `sales` approved and printed sales into a journal image, as a terminal would have.
 * @returns offset of the newest counters record, and the newest STAN
 */
export function fillJournal(
	image: Uint8Array,
	sales: number,
): { readonly lastCountersAt: number; readonly stan: number } {
	const flash = new ImageFlash(image);
	const journal = new Journal(flash);
	let lastCountersAt = 0;
	let stan = 0;
	const clock = { ticksMs: () => 0, wallMs: () => Date.UTC(2026, 0, 4), setWallMs: () => {} };
	const port = {
		canOpen: () => journal.canOpen(),
		visitSubject: () => undefined,
		visitAll: () => undefined,
		readRest: () => undefined,
		append: (...args: Parameters<Journal["append"]>) => {
			journal.append(...args);
			if (args[0] === 0) lastCountersAt = flash.lastWriteAt;
		},
	};
	const book = new Book(port, clock, { event: () => {} });
	journal.mount((record) => book.restore(record));
	book.counters.setBatch(1);
	for (let i = 0; i < sales; i++) {
		const card = {
			entryMode: EntryMode.Chip,
			maskedPan: "621483******0017",
			panSequence: 1,
			chipData: new Uint8Array(140).fill(0x9f),
			ksn: new Uint8Array(10),
			ciphertext: new Uint8Array(40),
			onlinePin: false,
		};
		const { number, ...sale } = book.begin({
			kind: Kind.Sale,
			amountMinor: 1000 + i,
			currency: 156,
			card,
		});
		stan = sale.stan;
		book.advance(number, Input.Send);
		book.advance(number, Input.Approve, {
			responseCode: "00",
			rrn: "600408000001",
			authCode: "123456",
		});
		book.receipt(number, ReceiptState.Printing);
		book.receipt(number, ReceiptState.Printed);
		while (journal.idle());
	}
	return { lastCountersAt, stan };
}

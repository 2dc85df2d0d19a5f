import { EntryMode, type CardRead } from "core/card";
import type { Ciphers } from "core/ciphers";
import type { Random } from "test/simulation/fakes/random";

/** Test number of the schemes' range for tests; in clear in the simulated cards alone. */
const clearPan = "6214830000000019";
const dukptKey = Uint8Array.from({ length: 16 }, (_, i) => 17 * i + 3);

/** A card and how its holder puts it to the reader. */
export interface SimulatedCard {
	readonly read: CardRead;
	readonly serial: number;
}

/** Makes the cards of one seed; what the reader would send to the controller is encrypted already. */
export class CardMaker {
	readonly #ciphers: Ciphers;
	readonly #random: Random;
	#serial = 0;

	constructor(ciphers: Ciphers, random: Random) {
		this.#ciphers = ciphers;
		this.#random = random;
	}

	/** @param plain a chip without online PIN, which may be stored; else any card */
	next(plain = false): SimulatedCard {
		const serial = ++this.#serial;
		const random = this.#random;
		const drawn = [EntryMode.Swipe, EntryMode.Chip, EntryMode.Chip, EntryMode.Tap][
			random.below(4)
		]!;
		const entryMode = plain ? EntryMode.Chip : drawn;
		const isSwipe = entryMode === EntryMode.Swipe;
		const track = `;${clearPan}=3012201${String(serial).padStart(8, "0")}?`.padEnd(40, "F");
		const ciphertext = this.#ciphers.tdesEncrypt(dukptKey, ascii(track));
		const ksn = new Uint8Array(10).fill(0xee);
		ksn[8] = serial >> 8;
		ksn[9] = serial & 0xff;
		const read: CardRead = {
			entryMode,
			maskedPan: "621483******0019",
			ksn,
			ciphertext,
			chipData: isSwipe ? new Uint8Array(0) : chipObjects(random),
			panSequence: isSwipe ? -1 : 1,
			onlinePin: random.oneIn(20) && !plain,
		};
		return { read, serial };
	}
}

/** First block of every card's ciphertext: what shows where encrypted card data stands. */
export function cipherMark(ciphers: Ciphers): Uint8Array {
	return ciphers.tdesEncrypt(dukptKey, ascii(`;${clearPan.slice(0, 7)}`));
}

/** Ways in which the clear number could stand somewhere: as text, packed, and packed one nibble on. */
export function clearMarks(): readonly Uint8Array[] {
	const packed = (digits: string): Uint8Array =>
		Uint8Array.from(digits.match(/../g)!, (pair) => parseInt(pair, 16));
	return [ascii(clearPan.slice(0, 12)), packed(clearPan), packed(clearPan.slice(1, 15))];
}

/** @returns whether `bytes` hold `mark` */
export function holds(bytes: Uint8Array, mark: Uint8Array): boolean {
	const last = bytes.length - mark.length;
	for (let at = bytes.indexOf(mark[0]!); at >= 0 && at <= last;) {
		let i = 1;
		while (i < mark.length && bytes[at + i] === mark[i]) i++;
		if (i === mark.length) return true;
		at = bytes.indexOf(mark[0]!, at + 1);
	}
	return false;
}

function chipObjects(random: Random): Uint8Array {
	const out: number[] = [];
	const add = (tag: readonly number[], length: number): void => {
		out.push(...tag, length, ...random.fill(new Uint8Array(length)));
	};
	add([0x84], 7);
	add([0x95], 5);
	add([0x9f, 0x1e], 8);
	add([0x9f, 0x10], 8);
	add([0x9f, 0x26], 8);
	add([0x9f, 0x27], 1);
	add([0x9f, 0x36], 2);
	return Uint8Array.from(out);
}

function ascii(text: string): Uint8Array {
	return Uint8Array.from(text, (char) => char.charCodeAt(0));
}

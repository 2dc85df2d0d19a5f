/** Kinds of transaction that the host knows, as data (docs/host-protocol.md, Messages). */
import { text, type Message } from "./codec";

/** Stands in the ledger: append only. `stored` is a sale that the terminal approved by itself. */
export type KindName =
	| "sale"
	| "stored"
	| "void"
	| "refund"
	| "preauth"
	| "preauth-void"
	| "completion"
	| "completion-void"
	| "completion-advice"
	| "tip"
	| "voice"
	| "balance"
	| "script";

/**
 * once: posted at most once, refused when stale, reversed by a 0400 · advice: repeated until it is answered, never
 * reversed · inquiry: moves nothing.
 */
export type Delivery = "once" | "advice" | "inquiry";

export interface RequestKind {
	readonly name: KindName;
	readonly mti: string;
	/** 60.1 */
	readonly types: readonly string[];
	/** 60.3 */
	readonly network: string;
	/** Field 3. */
	readonly processing: readonly string[];
	/** Field 25. */
	readonly conditions: readonly string[];
	readonly delivery: Delivery;
	/** What a posting adds to the merchant's money: 1, -1 or 0 times its amount. */
	readonly sign: 1 | -1 | 0;
	/** Field 57 is there and a card is judged; otherwise field 22 is 012. */
	readonly card: boolean;
	/** Kinds that the original may have; empty where there is none. */
	readonly originals: readonly KindName[];
	/** Fields beyond those of every money message: 3, 7, 11, 12, 13, 22, 25, 41, 42, 49, 60, 64. */
	readonly required: readonly number[];
	readonly optional: readonly number[];
}

type Differences = Partial<Omit<RequestKind, "name" | "mti" | "types">>;

function kind(
	name: KindName,
	mti: string,
	types: readonly string[],
	differences: Differences,
): RequestKind {
	return Object.freeze({
		name,
		mti,
		types,
		network: "000",
		processing: ["000000"],
		conditions: ["00"],
		delivery: "once" as const,
		sign: 0 as const,
		card: false,
		originals: [],
		required: [4, 37, 61],
		optional: [38],
		...differences,
	});
}

const card = { card: true, required: [4, 57], optional: [23, 55] } as const;
const preauth = { conditions: ["06"] } as const;
const back = { processing: ["200000"], sign: -1 } as const;
const advice = { delivery: "advice", sign: 1 } as const;

export const kinds: readonly RequestKind[] = Object.freeze([
	kind("sale", "0200", ["22"], { ...card, sign: 1 }),
	kind("stored", "0220", ["30", "36"], { ...card, ...advice }),
	kind("void", "0200", ["23"], { ...back, originals: ["sale", "stored", "voice"] }),
	kind("refund", "0220", ["25"], {
		...card,
		...back,
		delivery: "advice",
		originals: ["sale", "stored", "completion", "completion-advice", "voice"],
		required: [4, 37, 57, 61],
	}),
	kind("preauth", "0100", ["10"], { ...card, ...preauth, processing: ["030000"] }),
	kind("preauth-void", "0100", ["11"], {
		...preauth,
		processing: ["200000"],
		originals: ["preauth"],
	}),
	kind("completion", "0200", ["20"], { ...preauth, sign: 1, originals: ["preauth"] }),
	kind("completion-void", "0200", ["21"], { ...preauth, ...back, originals: ["completion"] }),
	kind("completion-advice", "0220", ["24"], { ...preauth, ...advice, originals: ["preauth"] }),
	kind("tip", "0220", ["34"], {
		...advice,
		originals: ["sale", "stored"],
		required: [4, 37, 48, 61],
	}),
	kind("voice", "0220", ["32"], {
		...advice,
		originals: ["sale"],
		required: [4, 38, 61],
		optional: [],
	}),
	kind("balance", "0200", ["01"], {
		...card,
		delivery: "inquiry",
		processing: ["310000"],
		required: [57],
	}),
	kind("script", "0620", ["00"], {
		delivery: "advice",
		network: "951",
		processing: ["000000", "030000"],
		conditions: ["00", "06"],
		originals: ["sale", "stored", "preauth"],
		required: [4, 37, 55, 61],
	}),
]);

const byName = new Map(kinds.map((one) => [one.name, one]));

export function kindNamed(name: KindName): RequestKind {
	const found = byName.get(name);
	if (found === undefined) throw new RangeError(`kind ${name} is not known`);
	return found;
}

/** @param value a word from the ledger */
export function isKindName(value: string): value is KindName {
	return (byName as ReadonlyMap<string, RequestKind>).has(value);
}

/** 60.1 */
export function typeOf(message: Message): string {
	return text(message, 60).slice(0, 2);
}

/** 60.2 */
export function batchOf(message: Message): string {
	return text(message, 60).slice(2, 8);
}

/** 60.3 */
export function networkOf(message: Message): string {
	return text(message, 60).slice(8, 11);
}

/** 60.6: an approval of a part of the amount is taken. */
export function takesPart(message: Message): boolean {
	return text(message, 60).slice(13, 14) === "1";
}

/** The kind of a request, or of what a 0400 reverses; undefined for none that this host knows. */
export function kindOf(message: Message): RequestKind | undefined {
	const type = typeOf(message);
	const network = networkOf(message);
	return kinds.find(
		(one) =>
			(message.mti === "0400" ? one.delivery === "once" : one.mti === message.mti) &&
			one.types.includes(type) &&
			one.network === network,
	);
}

/** A sale and a stored sale are the same purchase, told in two ways. */
export function sameFamily(a: KindName, b: KindName): boolean {
	const family = (name: KindName): KindName => (name === "stored" ? "sale" : name);
	return family(a) === family(b);
}

import { luhnValid } from "./redact";

/** How a card meets the reader. */
export type Presentation = "swipe" | "chip" | "tap";

/** A test card. Only numbers that the schemes set aside for tests or that no issuer has given out. */
export interface TestCard {
	readonly name: string;
	readonly scheme: "UnionPay" | "Visa" | "Mastercard" | "JCB";
	readonly pan: string;
	/** YYMM. */
	readonly expiry: string;
	readonly serviceCode: string;
	/** 5F34, or -1 when the card has none. */
	readonly sequence: number;
	/** The card's CVM list leads to an online PIN. */
	readonly onlinePin: boolean;
	/** Ways in which it can be read. */
	readonly ways: readonly Presentation[];
	/** Application identifier, hex. */
	readonly aid: string;
}

const unionPay = Object.freeze({
	scheme: "UnionPay",
	expiry: "3012",
	serviceCode: "201",
	sequence: 1,
	onlinePin: false,
	ways: ["swipe", "chip", "tap"],
	aid: "a000000333010101",
} as const);

/** The check digit is put behind `stem`. */
const rows: readonly (Omit<TestCard, "pan"> & { readonly stem: string })[] = [
	{ ...unionPay, name: "unionpay", stem: "621483000000001" },
	{ ...unionPay, name: "unionpay-2", stem: "621483000000002", expiry: "2911" },
	{ ...unionPay, name: "unionpay-3", stem: "621483000000003", expiry: "2812", sequence: 2 },
	{
		...unionPay,
		name: "unionpay-pin",
		stem: "621483000000104",
		serviceCode: "220",
		onlinePin: true,
	},
	{ ...unionPay, name: "unionpay-credit", stem: "625094000000205", aid: "a000000333010102" },
	{ ...unionPay, name: "unionpay-long", stem: "621483000000000306", expiry: "2909" },
	{ ...unionPay, name: "expired", stem: "621483000000508", expiry: "2412" },
	{
		...unionPay,
		name: "magstripe",
		stem: "622200000000407",
		serviceCode: "101",
		sequence: -1,
		ways: ["swipe"],
	},
	{ ...unionPay, name: "visa", scheme: "Visa", stem: "411111111111111", aid: "a0000000031010" },
	{
		...unionPay,
		name: "mastercard",
		scheme: "Mastercard",
		stem: "555555555555444",
		aid: "a0000000041010",
	},
	{ ...unionPay, name: "jcb", scheme: "JCB", stem: "353011133330000", aid: "a0000000651010" },
];

export const testCards: readonly TestCard[] = rows.map(({ stem, ...rest }) =>
	Object.freeze({ ...rest, pan: stem + checkDigit(stem) }),
);

/** @param name as in `testCards` @throws Error with the names that exist */
export function cardNamed(name: string): TestCard {
	const found = testCards.find((one) => one.name === name);
	if (found === undefined)
		throw new Error(`no card "${name}"; there are ${testCards.map((one) => one.name).join(", ")}`);
	return found;
}

/** Track 2 (equivalent) as ASCII, with a made-up discretionary part. */
export function track2(from: TestCard): string {
	return `;${from.pan}=${from.expiry}${from.serviceCode}${from.pan.slice(-4)}00001?`;
}

function checkDigit(stem: string): string {
	for (const digit of "0123456789") if (luhnValid(stem + digit)) return digit;
	throw new Error("not digits");
}

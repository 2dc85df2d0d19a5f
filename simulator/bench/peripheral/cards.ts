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

const anyWay: readonly Presentation[] = ["swipe", "chip", "tap"];
const unionPayDebit = "a000000333010101";
const unionPayCredit = "a000000333010102";

export const testCards: readonly TestCard[] = [
	card("unionpay", "UnionPay", "621483000000001", "3012", "201", 1, false, anyWay, unionPayDebit),
	card("unionpay-2", "UnionPay", "621483000000002", "2911", "201", 1, false, anyWay, unionPayDebit),
	card("unionpay-3", "UnionPay", "621483000000003", "2812", "201", 2, false, anyWay, unionPayDebit),
	card(
		"unionpay-pin",
		"UnionPay",
		"621483000000104",
		"3106",
		"220",
		1,
		true,
		anyWay,
		unionPayDebit,
	),
	card(
		"unionpay-credit",
		"UnionPay",
		"625094000000205",
		"3003",
		"201",
		1,
		false,
		anyWay,
		unionPayCredit,
	),
	card(
		"unionpay-long",
		"UnionPay",
		"621483000000000306",
		"2909",
		"201",
		1,
		false,
		anyWay,
		unionPayDebit,
	),
	card(
		"magstripe",
		"UnionPay",
		"622200000000407",
		"2810",
		"101",
		-1,
		false,
		["swipe"],
		unionPayDebit,
	),
	card("visa", "Visa", "411111111111111", "3012", "201", 1, false, anyWay, "a0000000031010"),
	card(
		"mastercard",
		"Mastercard",
		"555555555555444",
		"3011",
		"201",
		1,
		false,
		anyWay,
		"a0000000041010",
	),
	card("jcb", "JCB", "353011133330000", "3010", "201", 1, false, anyWay, "a0000000651010"),
];

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

function card(
	name: string,
	scheme: TestCard["scheme"],
	panStem: string,
	expiry: string,
	serviceCode: string,
	sequence: number,
	onlinePin: boolean,
	ways: readonly Presentation[],
	aid: string,
): TestCard {
	const pan = panStem + checkDigit(panStem);
	return Object.freeze({
		name,
		scheme,
		pan,
		expiry,
		serviceCode,
		sequence,
		onlinePin,
		ways,
		aid,
	});
}

function checkDigit(stem: string): string {
	for (const digit of "0123456789") if (luhnValid(stem + digit)) return digit;
	throw new Error("not digits");
}

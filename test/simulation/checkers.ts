import { holds } from "test/simulation/card-data";
import { asAmount, type Sale } from "test/simulation/cashier-script";
import { amountOn } from "test/simulation/devices";
import { hexOf } from "test/simulation/host-codec";
import type { HostEntry } from "test/simulation/host-ledger";
import { readFates, type Fate } from "test/simulation/fates";
import type { World } from "test/simulation/world";

const income: readonly string[] = ["approved", "forwarded", "settled"];
const none: readonly string[] = ["declined", "reversed", "abandoned"];
/** A person has to look: the host refused for good. */
const parked: readonly string[] = ["reversal parked", "forward refused"];
/** Answers to a reversal or stored sale that mean "later". */
const later: readonly string[] = [
	"09",
	"22",
	"68",
	"77",
	"90",
	"91",
	"92",
	"96",
	"97",
	"98",
	"99",
	"A0",
];

/** Everything that must be true when the world is in order again. */
export function checkEnd(world: World): void {
	world.journal.powerUp();
	const { fates, error } = readFates(world.journal);
	if (error !== 0) world.violations.add("journal", `mount error ${error}`);
	const byAmount = new Map([...fates.values()].map((fate) => [fate.amountMinor, fate]));
	checkMoney(world, fates, byAmount);
	checkOpen(world, fates);
	for (const sale of world.cashier.sales) checkShown(world, sale, byAmount.get(sale.amountMinor));
	checkCards(world);
	checkSlips(world, byAmount);
	checkVault(world);
}

/** Host-posted net = income of the terminal + what it lists as open; sale by sale. */
function checkMoney(
	world: World,
	fates: ReadonlyMap<number, Fate>,
	byAmount: ReadonlyMap<number, Fate>,
): void {
	const entries = new Map<number, HostEntry>();
	for (const entry of world.host.ledger.entries.values()) entries.set(entry.stan, entry);
	const stans = new Map<number, number>();
	for (const fate of fates.values()) {
		const { amountMinor, stan, state } = fate;
		const entry = entries.get(stan);
		const net = (entry?.posted ?? 0) - (entry?.reversed ?? 0);
		const add = (checker: string, text: string): void =>
			world.violations.add(checker, `${asAmount(amountMinor)}: ${text}`, amountMinor);
		if (stans.has(stan))
			add("one STAN, one sale", `STAN ${stan} was used for another sale as well`);
		stans.set(stan, amountMinor);
		if (income.includes(state) && net !== 1)
			add("money", `the terminal says ${state}, the host posted it ${net} times`);
		if (none.includes(state) && net !== 0)
			add("money", `the terminal says ${state}, the host posted it ${net} times`);
		if ((entry?.posted ?? 0) > 1)
			add("posted once", `STAN ${stan} was posted ${entry!.posted} times`);
	}
	for (const entry of entries.values()) checkEntry(world, entry, byAmount);
}

/** What the host has must be known to the terminal. */
function checkEntry(world: World, entry: HostEntry, byAmount: ReadonlyMap<number, Fate>): void {
	const { amountMinor, stan } = entry;
	const closed = closedEarlier(world, amountMinor);
	const known = byAmount.get(amountMinor)?.stan === stan || closed !== undefined;
	const net = entry.posted - entry.reversed;
	if (!known && net !== 0)
		world.violations.add(
			"money",
			`${asAmount(amountMinor)}: the host posted STAN ${stan}, the terminal knows nothing of it`,
			amountMinor,
		);
	if (closed !== undefined && net !== (income.includes(closed) ? 1 : 0))
		world.violations.add(
			"money",
			`${asAmount(amountMinor)}: the terminal said ${closed}, the host posted it ${net} times`,
			amountMinor,
		);
}

/** The last that was heard of a sale which the journal no longer has room for. Only closed ones may go. */
function closedEarlier(world: World, amountMinor: number): string | undefined {
	const { sales, states } = world.observer;
	for (const [number, sale] of sales) {
		const state = states.get(number);
		if (sale === amountMinor && state !== undefined && [...income, ...none].includes(state))
			return state;
	}
	return undefined;
}

/** Nothing stays open but what the host refused for good, and nothing open is ever forgotten. */
function checkOpen(world: World, fates: ReadonlyMap<number, Fate>): void {
	const { violations, host, observer } = world;
	for (const { number, state, stan, amountMinor } of fates.values()) {
		if (income.includes(state) || none.includes(state)) continue;
		// An intent whose append failed may come back at a later mount: then it is abandoned.
		const failed =
			state === "opened" && !observer.states.has(number) && "flashFails" in world.faults.counts;
		if (failed) continue;
		const text = `${asAmount(amountMinor)}: ${state}`;
		if (!parked.includes(state)) violations.add("drains", `${text} in the end`, amountMinor);
		const codes = [...host.ledger.entries.values()].find((one) => one.stan === stan)?.repeatCodes;
		const refused = codes?.some((code) => code !== "00" && !later.includes(code)) === true;
		if (parked.includes(state) && !refused)
			violations.add("parked with reason", `${text}, but the host never refused it`, amountMinor);
	}
	for (const [number, state] of observer.states) {
		if (fates.has(number) || income.includes(state) || none.includes(state)) continue;
		const amountMinor = observer.sales.get(number)!;
		const text = `${asAmount(amountMinor)} was ${state} and is gone from the journal`;
		violations.add("nothing is forgotten", text, amountMinor);
	}
}

/** What the cashier was told stays true. */
function checkShown(world: World, sale: Sale, fate: Fate | undefined): void {
	const { amountMinor, shown } = sale;
	const state = fate?.state ?? closedEarlier(world, amountMinor) ?? "not on the journal";
	const bad = (checker: string, text: string): void =>
		world.violations.add(
			checker,
			`${asAmount(amountMinor)}: ${text}, in the end ${state}`,
			amountMinor,
		);
	if (sale.chipRefused && income.includes(state)) bad("chip agrees", "its chip refused");
	if (shown === "approved" && state !== "approved") bad("shown", "shown as approved");
	if (shown === "stored" && !["stored offline", "forwarded", "forward refused"].includes(state))
		bad("shown", "shown as stored");
	if (shown === "declined" && state !== "declined") bad("shown", "shown as declined");
	if (shown === "abandoned" && state !== "abandoned") bad("shown", "shown as not sent");
	if (shown === "doubt" && !["reversed", "reversal parked", "reversal due"].includes(state))
		bad("shown", "shown as unknown");
	if (sale.underWay && state === "not on the journal") bad("durable first", "shown as under way");
	if (world.neverLeft.has(amountMinor) && state !== "abandoned" && state !== "not on the journal")
		bad("never left", "nothing had left when the power went");
}

/** The host got each sale with its own card. */
function checkCards(world: World): void {
	for (const sale of world.cashier.sales) {
		if (sale.card === undefined) continue;
		const wanted = hexOf(sale.card);
		for (const entry of world.host.ledger.entries.values())
			if (
				entry.amountMinor === sale.amountMinor &&
				entry.card !== "" &&
				!entry.card.includes(wanted)
			)
				world.violations.add(
					"right card",
					`${asAmount(sale.amountMinor)} was charged to another card`,
					sale.amountMinor,
				);
	}
}

/** Paper: what says approved is on the journal; one original at most; every slip that is due comes. */
function checkSlips(world: World, byAmount: ReadonlyMap<number, Fate>): void {
	const originals = new Map<number, number>();
	for (const slip of world.paper.slips) {
		const amountMinor = amountOn(slip);
		if (slip.outcome === "not-started") continue;
		const has = (word: string): boolean => slip.lines.some((line) => line.includes(word));
		const state =
			byAmount.get(amountMinor)?.state ?? closedEarlier(world, amountMinor) ?? "nothing";
		const isKept = [...income, "stored offline", "forward refused"].includes(state);
		if (!has("NOT A VOUCHER") && !isKept)
			world.violations.add(
				"printed",
				`${asAmount(amountMinor)} was printed as paid, in the end ${state}`,
				amountMinor,
			);
		if (has("DUPLICATE")) continue;
		const count = (originals.get(amountMinor) ?? 0) + 1;
		originals.set(amountMinor, count);
		if (count > 1)
			world.violations.add(
				"one original",
				`${asAmount(amountMinor)} was printed ${count} times without a mark`,
				amountMinor,
			);
	}
	for (const { slip, amountMinor } of byAmount.values())
		if (slip === 1 || slip === 2)
			world.violations.add("slips come", `${asAmount(amountMinor)}: slip still due`, amountMinor);
}

/** With nothing stored any more, the vault holds no card data. */
function checkVault(world: World): void {
	if (holds(world.vault.image, world.cipherMark))
		world.violations.add("vault wiped", "encrypted card data is left in the vault");
	if (holds(world.journal.image, world.cipherMark))
		world.violations.add("no card data", "encrypted card data in the journal");
}

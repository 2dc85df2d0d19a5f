import { holds } from "test/simulation/card-data";
import { asAmount, type Sale } from "test/simulation/cashier-script";
import { amountOn, traceOn } from "test/simulation/devices";
import { hexOf } from "test/simulation/host-codec";
import { signOfKind } from "test/simulation/host-kinds";
import { keyOf, netOf, type HostEntry } from "test/simulation/host-ledger";
import { readFates, type Fate, type NoticeFates } from "test/simulation/fates";
import { textOf, totalsOf } from "test/simulation/host-settlement";
import { K, wholeKinds } from "test/simulation/orders";
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
	const { fates, notices, settling, error } = readFates(world.journal);
	if (error !== 0) world.violations.add("journal", `mount error ${error}`);
	checkMoney(world, fates);
	checkOpen(world, fates);
	for (const sale of world.cashier.sales) checkShown(world, sale, fateOf(sale, fates));
	checkCards(world, fates);
	checkSlips(world, fates);
	checkVault(world);
	checkNotices(world, notices);
	checkBatches(world, fates, settling);
}

/** A closed batch has the totals that the terminal told, in its own journal and in the host's books, and stays as it is. */
function checkBatches(world: World, fates: ReadonlyMap<number, Fate>, settling: boolean): void {
	const { closed } = world.host.settlement;
	const add = (text: string): void => world.violations.add("settlement", text);
	if (settling) add("the terminal still says that a batch is with the host");
	const batches = closed.map(({ batch }) => batch);
	if (new Set(batches).size !== batches.length) add(`closed twice: ${batches.join(" ")}`);
	const keys = new Set([...fates.values()].map(keyOfFate));
	// A journal has room for so many that are settled; the oldest are gone.
	const gone = new Set(
		[...world.host.ledger.entries]
			.filter(([key, entry]) => netOf(entry) > 0 && !keys.has(key))
			.map(([, { batch }]) => batch),
	);
	for (const { batch, told, details, end } of closed) {
		if (gone.has(batch)) continue;
		const ours = { debitMinor: 0, debitCount: 0, creditMinor: 0, creditCount: 0 };
		let missing = 0;
		for (const fate of fates.values()) {
			const sign = signOfKind[fate.kind] ?? 0;
			if (fate.batch !== Number(batch) || !income.includes(fate.state) || sign === 0) continue;
			if (!details.has(fate.stan)) missing++;
			if (sign > 0) {
				ours.debitMinor += counted(fate);
				ours.debitCount++;
			} else {
				ours.creditMinor += counted(fate);
				ours.creditCount++;
			}
		}
		if (textOf(ours) !== textOf(told))
			add(`batch ${batch}: ${textOf(told)} was told, ${textOf(ours)} is on the journal`);
		const books = textOf(totalsOf(world.host.ledger, batch));
		const parkedOnes = [...fates.values()].some(
			(fate) => fate.batch === Number(batch) && parked.includes(fate.state),
		);
		if (books !== textOf(ours) && !parkedOnes)
			add(`batch ${batch}: the books have ${books}, the journal ${textOf(ours)}`);
		if (end === "202" && missing > 0) add(`batch ${batch}: ${missing} were never uploaded`);
	}
}

/** Every notice is answered, and what they set is what the terminal has on flash. */
function checkNotices(world: World, { parameters, highest }: NoticeFates): void {
	const { notices } = world.host;
	const add = (text: string): void => world.violations.add("notices", text);
	if (notices.unanswered > 0) add(`${notices.unanswered} are not answered`);
	if (highest !== notices.taken) add(`highest ${highest} on flash, ${notices.taken} by its word`);
	const numbers = new Set([...Object.keys(parameters), ...Object.keys(notices.parameters)]);
	for (const number of [...numbers].map(Number))
		if (parameters[number] !== notices.parameters[number])
			add(
				`parameter ${number} is ${parameters[number]}, the acquirer has set ${notices.parameters[number]}`,
			);
}

/** Journal and books name a transaction by batch and STAN. */
function keyOfFate({ batch, stan }: Fate): string {
	return keyOf(String(batch).padStart(6, "0"), stan);
}

/** What the journal has of a transaction at the till: by its number, or, where nobody heard of it, by what was typed. */
function fateOf(sale: Sale, fates: ReadonlyMap<number, Fate>): Fate | undefined {
	if (sale.number !== 0) return fates.get(sale.number);
	if (wholeKinds.includes(sale.kind)) return undefined;
	return [...fates.values()].find(
		({ kind, amountMinor }) => kind === sale.kind && amountMinor === sale.amountMinor,
	);
}

/** What of a transaction counts. */
function counted({ amountMinor, approvedMinor }: Fate): number {
	return approvedMinor > 0 ? approvedMinor : amountMinor;
}

/** Host-posted net = income of the terminal + what it lists as open: one by one, and as a sum with its signs. */
function checkMoney(world: World, fates: ReadonlyMap<number, Fate>): void {
	const { entries } = world.host.ledger;
	const keys = new Map<string, number>();
	let incomeMinor = 0;
	let openMinor = 0;
	for (const fate of fates.values()) {
		const { kind, amountMinor, stan, state } = fate;
		const entry = entries.get(keyOfFate(fate));
		const net = entry === undefined ? 0 : netOf(entry);
		const add = (checker: string, text: string): void =>
			world.violations.add(checker, `${asAmount(amountMinor)}: ${text}`, amountMinor);
		if (keys.has(keyOfFate(fate)))
			add("one STAN, one sale", `STAN ${stan} was used for another one as well`);
		keys.set(keyOfFate(fate), amountMinor);
		const sign = signOfKind[kind] ?? 0;
		if (income.includes(state)) incomeMinor += sign * counted(fate);
		else if (!none.includes(state)) openMinor += sign * net * (entry?.countedMinor ?? 0);
		if (kind === K.Balance) continue;
		for (const text of moneyFaults(fate, entry)) add("money", text);
		if ((entry?.posted ?? 0) > 1)
			add("posted once", `STAN ${stan} was posted ${entry!.posted} times`);
	}
	for (const [key, entry] of entries) checkEntry(world, entry, keys.has(key));
	const hostMinor = world.host.ledger.netMinor();
	const known = [...entries.keys()].every((key) => keys.has(key));
	if (known && hostMinor !== incomeMinor + openMinor)
		world.violations.add(
			"net",
			`the host has ${hostMinor}, the terminal ${incomeMinor} and ${openMinor} open`,
		);
}

/** What the terminal says of one transaction against what the host has of it. */
function moneyFaults(fate: Fate, entry: HostEntry | undefined): string[] {
	const { state } = fate;
	const net = entry === undefined ? 0 : netOf(entry);
	const wanted = income.includes(state) ? 1 : none.includes(state) ? 0 : undefined;
	if (wanted !== undefined && net !== wanted)
		return [`the terminal says ${state}, the host posted it ${net} times`];
	return wanted === 1 && entry!.countedMinor !== counted(fate)
		? [`the terminal has ${counted(fate)}, the host ${entry!.countedMinor}`]
		: [];
}

/** What the host has must be known to the terminal. */
function checkEntry(world: World, entry: HostEntry, onJournal: boolean): void {
	if (onJournal) return;
	const { amountMinor, stan } = entry;
	const closed = closedEarlier(world, amountMinor);
	const net = netOf(entry);
	if (closed === undefined && net !== 0)
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
	for (const fate of fates.values()) {
		const { number, state, amountMinor } = fate;
		if (income.includes(state) || none.includes(state)) continue;
		// An intent whose append failed may come back at a later mount: then it is abandoned.
		const failed =
			state === "opened" && !observer.states.has(number) && "flashFails" in world.faults.counts;
		if (failed) continue;
		const text = `${asAmount(amountMinor)}: ${state}`;
		if (!parked.includes(state)) violations.add("drains", `${text} in the end`, amountMinor);
		const codes = host.ledger.entries.get(keyOfFate(fate))?.repeatCodes;
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

/** States in the end that agree with what was shown. An advice is shown as stored until the host has answered. */
const agreeing: Readonly<Record<NonNullable<Sale["shown"]>, readonly string[]>> = Object.freeze({
	approved: ["approved", "settled"],
	stored: ["stored offline", "forwarded", "forward refused", "advice due", "approved", "declined"],
	declined: ["declined"],
	abandoned: ["abandoned"],
	doubt: ["reversed", "reversal parked", "reversal due"],
	refused: [],
});

/** What the cashier was told stays true. */
function checkShown(world: World, sale: Sale, fate: Fate | undefined): void {
	const { kind, amountMinor, shown, again, number } = sale;
	if (kind === K.Balance) return;
	const heard = number === 0 ? undefined : world.observer.states.get(number);
	const state = fate?.state ?? heard ?? closedEarlier(world, amountMinor) ?? "not on the journal";
	const bad = (checker: string, text: string): void =>
		world.violations.add(
			checker,
			`${asAmount(amountMinor)}: ${text}, in the end ${state}`,
			amountMinor,
		);
	if (sale.chipRefused && income.includes(state)) bad("chip agrees", "its chip refused");
	if (again && number !== 0) bad("asked before twice", "the same sale again, nobody was asked");
	if (again) return;
	if (shown !== undefined && shown !== "refused" && !agreeing[shown].includes(state))
		bad("shown", `shown as ${shown}`);
	if (sale.underWay && state === "not on the journal" && !wholeKinds.includes(kind))
		bad("durable first", "shown as under way");
	if (world.neverLeft.has(sale) && !["abandoned", "not on the journal"].includes(state))
		if (kind === K.Sale) bad("never left", "nothing had left when the power went");
}

/** The host got each transaction with its own card. */
function checkCards(world: World, fates: ReadonlyMap<number, Fate>): void {
	for (const sale of world.cashier.sales) {
		const fate = fateOf(sale, fates);
		if (sale.card === undefined || fate === undefined || sale.again) continue;
		const card = world.host.ledger.entries.get(keyOfFate(fate))?.card ?? "";
		if (card !== "" && !card.includes(hexOf(sale.card)))
			world.violations.add(
				"right card",
				`${asAmount(sale.amountMinor)} was charged to another card`,
				sale.amountMinor,
			);
	}
}

/** Paper: what says approved is on the journal; one original at most; every slip that is due comes. */
function checkSlips(world: World, fates: ReadonlyMap<number, Fate>): void {
	const byKey = new Map([...fates.values()].map((fate) => [keyOfFate(fate), fate]));
	const originals = new Map<string, number>();
	for (const slip of world.paper.slips) {
		const amountMinor = amountOn(slip);
		const [batch = "", stan = ""] = traceOn(slip).split("/");
		if (slip.outcome === "not-started" || stan === "") continue;
		const key = keyOf(batch, Number(stan));
		const has = (word: string): boolean => slip.lines.some((line) => line.includes(word));
		const state = byKey.get(key)?.state ?? closedEarlier(world, amountMinor) ?? "nothing";
		// An advice is accepted before the host has answered; its slip says so.
		const isKept =
			[...income, "stored offline", "forward refused", "advice due"].includes(state) ||
			(state === "declined" && has("ACCEPTED"));
		if (!has("NOT A VOUCHER") && !isKept)
			world.violations.add(
				"printed",
				`${asAmount(amountMinor)} was printed as paid, in the end ${state}`,
				amountMinor,
			);
		if (has("DUPLICATE")) continue;
		const count = (originals.get(key) ?? 0) + 1;
		originals.set(key, count);
		if (count > 1)
			world.violations.add(
				"one original",
				`${asAmount(amountMinor)} was printed ${count} times without a mark`,
				amountMinor,
			);
	}
	for (const { slip, amountMinor } of fates.values())
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

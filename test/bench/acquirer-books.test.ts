/** Properties of the books: whatever comes in whatever order, how often and however late, money is what a simple model says. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decode, type Message } from "../../simulator/bench/acquirer/codec";
import type { Habits, HostView } from "../../simulator/bench/acquirer/decision";
import { kindOfEntry, netAmountMinor, openCount } from "../../simulator/bench/acquirer/entry";
import { KeyTable } from "../../simulator/bench/acquirer/keys";
import { isKindName, kindNamed } from "../../simulator/bench/acquirer/kinds";
import { Ledger } from "../../simulator/bench/acquirer/ledger";
import { listingOf } from "../../simulator/bench/acquirer/listing";
import { sign } from "../../simulator/bench/acquirer/mac";
import { NoticeBook } from "../../simulator/bench/acquirer/notice-book";
import { testBdk } from "../../simulator/bench/acquirer/options";
import { readRecord } from "../../simulator/bench/acquirer/records";
import { decide } from "../../simulator/bench/acquirer/rules";
import { totalsOf } from "../../simulator/bench/acquirer/totals";
import {
	follow,
	merchantId,
	preauth,
	refund,
	reversalOf,
	sale,
	startMs,
	storedSale,
	terminalId,
	tmk,
	voiceSale,
	type Named,
} from "./acquirer-terminal";

const good: Habits = { tombstones: true, idempotent: true, staleCheck: true };

/** A host without a network: asks the rules and enters what they decide. */
class Books {
	readonly ledger = new Ledger();
	readonly #keys = new KeyTable([{ id: terminalId, merchantId, tmk }], (count) =>
		Buffer.alloc(count, 7),
	);
	readonly #habits: Habits;
	#answers = 0;

	constructor(habits: Habits = good) {
		this.#habits = habits;
		const setup = this.#keys.terminal(terminalId);
		if (setup !== undefined) this.#keys.renew(setup);
	}

	/** @returns 39, 37 and 38 of the answer */
	ask(message: Message, nowMs = startMs): { code: string; rrn: string; authCode: string } {
		const number = ++this.#answers;
		const bytes = sign(Buffer.alloc(16, 7), message);
		const host: HostView = {
			ledger: this.ledger,
			keys: this.#keys,
			bdk: testBdk,
			habits: this.#habits,
			nowMs,
			rrn: String(number).padStart(12, "0"),
			authCode: String(number).padStart(6, "0"),
		};
		const { code, rrn, authCode, records } = decide(host, decode(bytes), bytes);
		for (const record of records) this.ledger.take(record);
		return { code, rrn, authCode };
	}

	netMinor(): number {
		return this.ledger.totals(terminalId).amountMinor;
	}
}

/** What a run does next; `of` picks one of the transactions so far. */
type Step = readonly [what: (typeof steps)[number], of: number, amount: number];

const steps = [
	"sale",
	"stored",
	"preauth",
	"void",
	"refund",
	"completion",
	"advice",
	"completionVoid",
	"preauthVoid",
	"tip",
	"voice",
	"repeat",
	"reverse",
	"overtake",
	"late",
] as const;

const runs = fc.array(
	fc.tuple(fc.constantFrom(...steps), fc.nat(30), fc.integer({ min: 1, max: 60 })),
	{ maxLength: 40 },
);

interface Sent {
	readonly message: Message;
	readonly named: Named;
	readonly amountMinor: number;
}

/** Plays a run. @returns everything that was sent, with the code of each answer */
function play(books: Books, run: readonly Step[]): { codes: string[]; sent: Sent[] } {
	const sent: Sent[] = [];
	const codes: string[] = [];
	let stan = 0;
	const send = (message: Message, amountMinor: number, nowMs = startMs): void => {
		const { code, rrn, authCode } = books.ask(message, nowMs);
		codes.push(code);
		const number = Number(message.fields[11]);
		const auth = authCode === "" ? {} : { authCode };
		sent.push({ message, amountMinor, named: { stan: number, rrn, ...auth } });
	};
	for (const [what, of, units] of run) {
		const chosen = sent[of % Math.max(sent.length, 1)];
		const amountMinor = units * 100 + (of % 7 === 0 ? 1 : 0);
		const partMinor = Math.min(amountMinor, chosen?.amountMinor ?? amountMinor);
		if (what === "sale") send(sale(++stan, amountMinor), amountMinor);
		else if (what === "stored") send(storedSale(++stan, amountMinor), amountMinor);
		else if (what === "preauth") send(preauth(++stan, amountMinor), amountMinor);
		else if (what === "late") send(sale(++stan, amountMinor), amountMinor, startMs + 61_000);
		else if (chosen === undefined) continue;
		else if (what === "repeat") codes.push(books.ask(chosen.message).code);
		else if (what === "reverse") {
			if (isOnce(chosen.message)) codes.push(books.ask(reversalOf(chosen.message)).code);
		} else if (what === "overtake") {
			const request = sale(++stan, amountMinor);
			codes.push(books.ask(reversalOf(request)).code);
			send(request, amountMinor);
		} else if (what === "refund") send(refund(++stan, partMinor, chosen.named), partMinor);
		else if (what === "tip") {
			const together = chosen.amountMinor + units;
			const field48 = String(units).padStart(12, "0");
			send(follow("tip", ++stan, together, chosen.named, { 48: field48 }), units);
		} else if (what === "voice")
			send(voiceSale(++stan, chosen.amountMinor, chosen.named.stan, "A1B2C3"), chosen.amountMinor);
		else {
			const name = what === "advice" ? "completionAdvice" : what;
			const part = what === "completion" || what === "advice";
			// Now and then a void that is not for the whole.
			const minor = part ? partMinor : chosen.amountMinor + (of % 5 === 0 ? 100 : 0);
			send(follow(name, ++stan, minor, chosen.named), minor);
		}
	}
	return { codes, sent };
}

function isOnce({ mti }: Message): boolean {
	return mti === "0100" || mti === "0200";
}

/** The books told again by a model that knows nothing but the records' kinds. */
function modelNetMinor(ledger: Ledger): number {
	let net = 0;
	for (const record of ledger.records()) {
		const posted = isKindName(record.kind) ? record.kind : undefined;
		const back = record.kind === "reversal" ? record.of : undefined;
		const kind = posted ?? back;
		if (kind !== undefined) net += kindNamed(kind).sign * record.amountMinor * (back ? -1 : 1);
	}
	return net;
}

test("net posted is the sum over all entries, over all records, and over the batch", () => {
	fc.assert(
		fc.property(runs, (run) => {
			const books = new Books();
			play(books, run);
			const { ledger } = books;
			const sumMinor = ledger.list().reduce((total, entry) => total + netAmountMinor(entry), 0);
			const { debitMinor, creditMinor, debitCount, creditCount } = totalsOf(
				ledger,
				terminalId,
				"000001",
			);
			assert.equal(books.netMinor(), sumMinor);
			assert.equal(modelNetMinor(ledger), sumMinor);
			assert.equal(debitMinor - creditMinor, sumMinor);
			assert.equal(debitCount + creditCount, ledger.totals().count);
			const rows = listingOf(ledger, new NoticeBook()).entries;
			assert.equal(
				rows.reduce((total, row) => total + row.netMinor, 0),
				sumMinor,
			);
		}),
		{ numRuns: 600 },
	);
});

test("a good host posts nothing twice, takes back no more than it gave, and never owes more than it took", () => {
	fc.assert(
		fc.property(runs, (run) => {
			const books = new Books();
			play(books, run);
			assert.equal(books.ledger.totals().doubled, 0);
			assert.ok(books.netMinor() >= 0);
			for (const entry of books.ledger.list()) {
				assert.ok(openCount(entry) === 0 || openCount(entry) === 1);
				if (openCount(entry) === 0) assert.equal(netAmountMinor(entry), 0);
				const followers = books.ledger.followers(entry).filter((one) => openCount(one) > 0);
				const taken = followers
					.filter((one) => kindOfEntry(one)?.sign === -1)
					.reduce((total, one) => total - netAmountMinor(one), 0);
				const tips = followers
					.filter((one) => kindOfEntry(one)?.name === "tip")
					.reduce((total, one) => total + netAmountMinor(one), 0);
				assert.ok(taken <= Math.abs(netAmountMinor(entry)) + tips, "voided or refunded too much");
				if (taken > 0) assert.equal(openCount(entry), 1, "an original that stands");
			}
		}),
		{ numRuns: 600 },
	);
});

test("sending everything a second time changes no money", () => {
	fc.assert(
		fc.property(runs, fc.nat(), (run, seed) => {
			const books = new Books();
			const { sent } = play(books, run);
			const before = books.netMinor();
			const order = [...sent].sort(
				(a, b) => ((a.named.stan * (seed + 7)) % 31) - ((b.named.stan * (seed + 7)) % 31),
			);
			for (const { message } of order) {
				const entry = books.ledger.entry(terminalId, "000001", String(message.fields[11]));
				const passing = ["91", "96"].includes(entry?.declined?.code ?? "");
				const { code } = books.ask(message, startMs + 500_000);
				assert.ok(passing || code !== "00", `${message.mti} was posted again`);
			}
			assert.equal(books.netMinor(), before);
		}),
		{ numRuns: 300 },
	);
});

test("reversing all that goes once, newest first and each twice, leaves what cannot be reversed", () => {
	fc.assert(
		fc.property(runs, (run) => {
			const books = new Books();
			const { sent } = play(books, run);
			for (const { message } of [...sent].reverse().filter((one) => isOnce(one.message))) {
				const first = books.ask(reversalOf(message));
				const second = books.ask(reversalOf(message));
				assert.ok(["00", "12"].includes(first.code), first.code);
				assert.equal(second.code, first.code);
			}
			for (const entry of books.ledger.list()) {
				const used = books.ledger.followers(entry).some((one) => openCount(one) > 0);
				if (kindOfEntry(entry)?.delivery === "once") assert.equal(openCount(entry) > 0, used);
			}
		}),
		{ numRuns: 300 },
	);
});

test("with a habit switched off the books still add up", () => {
	const habits = fc.record({
		tombstones: fc.boolean(),
		idempotent: fc.boolean(),
		staleCheck: fc.boolean(),
	});
	fc.assert(
		fc.property(runs, habits, (run, some) => {
			const books = new Books(some);
			play(books, run);
			assert.equal(modelNetMinor(books.ledger), books.netMinor());
			if (some.idempotent) assert.equal(books.ledger.totals().doubled, 0);
			if (!some.tombstones) assert.equal(books.ledger.totals().tombstones, 0);
		}),
		{ numRuns: 300 },
	);
});

test("the books read from their records again are the same books", () => {
	fc.assert(
		fc.property(runs, (run) => {
			const books = new Books();
			play(books, run);
			const again = new Ledger();
			for (const record of books.ledger.records()) {
				const read = readRecord(JSON.parse(JSON.stringify(record)));
				assert.ok(read !== undefined);
				again.take(read);
			}
			const of = (ledger: Ledger) => listingOf(ledger, new NoticeBook());
			assert.deepEqual(of(again), of(books.ledger));
		}),
		{ numRuns: 200 },
	);
});

test("the runs reach every kind and every answer that a kind has", () => {
	const codes = new Set<string>();
	const kinds = new Set<string>();
	for (const run of fc.sample(runs, { numRuns: 600, seed: 1 })) {
		const books = new Books();
		for (const code of play(books, run).codes) codes.add(code);
		for (const { kind } of books.ledger.records()) kinds.add(kind);
	}
	for (const code of ["00", "01", "12", "13", "22", "25", "61", "94"])
		assert.ok(codes.has(code), `no answer ${code}`);
	const wanted = ["sale", "stored", "void", "refund", "preauth", "preauth-void", "completion"];
	const more = ["completion-void", "completion-advice", "tip", "voice", "reversal", "tombstone"];
	for (const kind of [...wanted, ...more]) assert.ok(kinds.has(kind), `no ${kind}`);
});

import type { Edit } from "./build";
import type { Mutant } from "./mutant";

const worker = "queue/worker.ts";
const courier = "queue/courier.ts";
const resume = "queue/resume.ts";
const till = "terminal/till.ts";
const decide = "queue/decide.ts";
const states = "transaction/states.ts";
const book = "transaction/book.ts";
const counters = "transaction/counters.ts";
const attempts = "host/attempts.ts";
const matching = "host/matching.ts";
const requests = "host/requests.ts";
const issuer = "receipt/issuer.ts";

const anyOpenAttempt: Edit = {
	file: attempts,
	from: "return this.#open.find(isIt)?.attempt;",
	to: "return (this.#open.find(isIt) ?? this.#open[0])?.attempt;",
};

/** Faults in what a sale, its reversal, its storing and its slip need. */
export const saleMutants: readonly Mutant[] = Object.freeze([
	{
		name: "journal after send",
		harm: "a power cut between the two leaves a debit that the terminal knows nothing of",
		edits: [
			{
				file: worker,
				from: "const transaction = book.advance(customer.number, Input.Send);",
				to: "const transaction = book.get(customer.number)!;",
			},
			{
				file: worker,
				from: "if (attempt === undefined || attempt === 0)\n\t\t\tthis.#requestAnswered",
				to: "book.advance(customer.number, Input.Send);\n\t\tif (attempt === undefined || attempt === 0)\n\t\t\tthis.#requestAnswered",
			},
		],
	},
	{
		name: "reversal deleted after three tries",
		harm: "the cardholder is charged for a sale that was refused to them",
		edits: [
			{
				file: courier,
				from: "this.#pauses.again(number);",
				to: "this.#pauses.again(number);\n\t\tconst { attemptCount, state } = this.#o.book.get(number)!;\n\t\tif (attemptCount >= 3 && state === 5) this.#o.book.advance(number, 5 as never);",
			},
		],
	},
	{
		name: "reversal with a new STAN",
		harm: "the host does not find the original, or finds another sale",
		edits: [
			{
				file: requests,
				from: "const { stan, batch } = transaction;",
				to: 'const { batch } = transaction;\n\t\tconst stan = transaction.stan + (kind === "reversal" ? 1 : 0);',
			},
		],
	},
	{
		name: "late reply approves",
		harm: "a sale that is being reversed is approved after all",
		edits: [
			{
				file: attempts,
				from: "this.#timers.set(() => this.settle(attempt, noReply, true), timeoutMs)",
				to: "this.#timers.set(() => attempt.done(noReply), timeoutMs)",
			},
			{
				file: "host/session.ts",
				from: "return Math.max(0, this.#channel.inFlight - this.#attempts.size);",
				to: "return this.#channel.inFlight;",
			},
			{
				file: states,
				from: "[Input.ReversalAccepted]: State.Reversed,\n\t\t[Input.ReversalRefused]: State.ReversalParked,",
				to: "[Input.ReversalAccepted]: State.Reversed,\n\t\t[Input.ReversalRefused]: State.ReversalParked,\n\t\t[Input.Approve]: State.Approved,",
			},
		],
	},
	{
		name: "shown before it is durable",
		harm: "approved on the display, reversed after a power cut",
		edits: [
			{
				file: worker,
				from: "const after = this.#o.book.advance(customer.number, input, details);",
				to: 'if (input === Input.Approve)\n\t\t\tthis.#o.onCustomer({ ...this.#o.book.get(customer.number)!, state: State.Approved }, "");\n\t\tconst after = this.#o.book.advance(customer.number, input, details);',
			},
		],
	},
	{
		name: "memory before flash",
		harm: "what flash refused is believed to be decided",
		edits: [
			{
				file: book,
				from: "this.#journal.append(number, RecordKind.State, payload, mark);\n\t\tthis.#live.set(number, after);",
				to: "this.#live.set(number, after);\n\t\tthis.#journal.append(number, RecordKind.State, payload, mark);",
			},
		],
	},
	{
		name: "25 closes too early",
		harm: "a sale that the network delivers after its reversal stays posted",
		edits: [
			{ file: decide, from: 'return lifeWasOver ? "close" : "again";', to: 'return "close";' },
		],
	},
	{
		name: "25 counted as late after a boot",
		harm: "as before, for a terminal that was switched off and on",
		edits: [
			{
				file: worker,
				from: "const sentMs = this.#sentMs.get(number) ?? 0;",
				to: "const sentMs = this.#sentMs.get(number) ?? -1e9;",
			},
		],
	},
	{
		name: "25 matched by STAN alone",
		harm: "the answer to an early reversal closes the case under a later one",
		edits: [anyOpenAttempt],
	},
	{
		name: "request life of 30 s",
		harm: "the host still takes the original after the case was closed",
		edits: [
			{
				file: worker,
				from: "ticksMs() - sentMs >= limits.requestLifeMs;",
				to: "ticksMs() - sentMs >= 30_000;",
			},
		],
	},
	{
		name: "stored after it may have left",
		harm: "posted online and once more as a stored sale",
		edits: [
			{
				file: states,
				from: "[Input.Approve]: State.Approved,\n\t\t[Input.Decline]: State.Declined,",
				to: "[Input.Store]: State.StoredOffline,\n\t\t[Input.Approve]: State.Approved,\n\t\t[Input.Decline]: State.Declined,",
			},
			{
				file: worker,
				from: "const decision = decideRequest(outcome, delivery);",
				to: 'const sale = this.#o.book.get(customer.number)!;\n\t\tconst stored = outcome.kind === "no-reply" && this.#o.store(sale, customer.card!);\n\t\tconst decision = stored ? { input: Input.Store } : decideRequest(outcome, delivery);',
			},
		],
	},
	{
		name: "stored sale resent with a new STAN",
		harm: "posted twice when an answer was lost",
		edits: [
			{
				file: requests,
				from: "const { stan, batch } = transaction;",
				to: 'const { batch } = transaction;\n\t\tconst stan = transaction.stan + (kind === "stored-sale" ? 1000 * transaction.attemptCount : 0);',
			},
		],
	},
	{
		name: "print before commit",
		harm: "an approval on paper that the journal does not have",
		edits: [
			{
				file: book,
				from: "const payload = encodeState({ ...after, atMs: this.#clock.wallMs() ?? 0 });",
				to: "const payload = encodeState({ ...after, atMs: this.#clock.wallMs() ?? 0 });\n\t\tthis.#live.set(number, after);\n\t\tif (state === 3) this.early?.();",
			},
			{
				file: book,
				from: "#unreadable = 0;",
				to: "#unreadable = 0;\n\tearly: (() => void) | undefined;",
			},
			{
				file: "terminal/terminal.ts",
				from: "this.#worker.resume();",
				to: "this.#book.early = () => this.#issuer.kick();\n\t\tthis.#worker.resume();",
			},
		],
	},
	{
		name: "slip before its state",
		harm: "after a power cut the same slip comes again without a mark",
		edits: [
			{
				file: issuer,
				from: "book.receipt(number, ReceiptState.Printing, reprint);\n",
				to: "",
			},
		],
	},
	{
		name: "slips printed again at boot",
		harm: "two originals of one sale",
		edits: [
			{
				file: resume,
				from: "book.receipt(number, ReceiptState.Uncertain)",
				to: "book.receipt(number, ReceiptState.Due)",
			},
		],
	},
	{
		name: "stored state before the vault",
		harm: "a stored sale without its card can never be forwarded",
		edits: [
			{
				file: till,
				from: "this.#o.vault.put(transaction.number, encodeSealedCard(card));",
				to: "this.#o.book.advance(transaction.number, 8 as never);\n\t\t\tthis.#o.vault.put(transaction.number, encodeSealedCard(card));",
			},
		],
	},
	{
		name: "card wiped before the answer is durable",
		harm: "after a power cut the sale is stored and its card is gone",
		edits: [
			{
				file: worker,
				from: "const decision = decideForward(outcome);",
				to: 'const decision = decideForward(outcome);\n\t\t\tif (decision !== "again") {\n\t\t\t\tthis.#o.vault.release(number);\n\t\t\t\t(this.#o.vault as Vault).idle();\n\t\t\t}',
			},
		],
	},
	{
		name: "vault not wiped",
		harm: "encrypted card data stays in the terminal",
		edits: [
			{
				file: worker,
				from: 'if (decision !== "again" && kindTraits[kind].card) this.#o.vault.release(number);',
				to: "",
			},
		],
	},
	{
		name: "Sending ignored at boot",
		harm: "a debit in doubt is never reversed",
		edits: [
			{
				file: resume,
				from: "else if (state === State.Sending)\n\t\tbook.advance(number, Input.Doubt, { reason: ReversalReason.NoReply });\n",
				to: "",
			},
		],
	},
	{
		name: "Sending abandoned at boot",
		harm: "the host posted it and nobody reverses it",
		edits: [
			{
				file: resume,
				from: "else if (state === State.Sending)\n\t\tbook.advance(number, Input.Doubt, { reason: ReversalReason.NoReply });",
				to: "else if (state === State.Sending) {\n\t\t\t\tbook.advance(number, Input.Doubt, { reason: ReversalReason.NoReply });\n\t\t\t\tbook.advance(number, Input.ReversalAccepted);\n\t\t\t}",
			},
		],
	},
	{
		name: "Opened resumed as sending",
		harm: "a sale that never left is reported as unknown and reversed for nothing",
		edits: [
			{
				file: resume,
				from: "if (state === State.Opened) book.advance(number, Input.Abandon);",
				to: "if (state === State.Opened) {\n\t\t\t\tbook.advance(number, Input.Send);\n\t\t\t\tbook.advance(number, Input.Doubt, { reason: ReversalReason.NoReply });\n\t\t\t}",
			},
		],
	},
	{
		name: "approval of another attempt",
		harm: "the late approval of one sale approves the next one",
		edits: [
			anyOpenAttempt,
			{
				file: matching,
				from: "if (expected.amountMinor >= 0 && !isAmount(reader, expected)) return 4;\n\tif (!hasNumber(reader, 11, expected.stan)) return 11;\n",
				to: "",
			},
		],
	},
	{
		name: "amount not compared",
		harm: "an approval of another amount is taken for this one",
		edits: [
			{
				file: matching,
				from: "if (expected.amountMinor >= 0 && !isAmount(reader, expected)) return 4;\n",
				to: "",
			},
		],
	},
	{
		name: "MAC not checked",
		harm: "anybody on the way can approve and refuse",
		edits: [
			{
				file: matching,
				from: 'if (!macCheck(reader.macBody, reader.bytes(64))) return { kind: "wrong-mac", responseCode };',
				to: "",
			},
		],
	},
	{
		name: "approval without a MAC",
		harm: "as before, for those who leave the field out",
		edits: [
			{
				file: matching,
				from: '} else if (responseCode === "00") return { kind: "wrong-mac", responseCode };\n\telse if (!unprovedCodes.includes(responseCode)) return { kind: "unproved", responseCode };',
				to: "}",
			},
			{
				file: matching,
				from: "const authenticated = reader.has(64);",
				to: 'const authenticated = reader.has(64) || reader.text(39) === "00";',
			},
			{
				file: matching,
				from: "if (authenticated) {",
				to: "if (reader.has(64)) {",
			},
		],
	},
	{
		name: "unproved refusal believed",
		harm: "a forged A0 makes a posted sale a declined one",
		edits: [
			{
				file: decide,
				from: 'if (outcome.kind !== "reply" || !outcome.authenticated)\n\t\treturn once',
				to: 'if (outcome.kind !== "reply")\n\t\treturn once',
			},
		],
	},
	{
		name: "wrong MAC taken for a refusal",
		harm: "the host posted it, the terminal says declined",
		edits: [
			{
				file: decide,
				from: "return { input: Input.Doubt, reason: ReversalReason.WrongMac };",
				to: 'return { input: Input.Decline, responseCode: "A0" };',
			},
		],
	},
	{
		name: "doubtful codes taken for refusals",
		harm: "the issuer posted what the terminal calls declined",
		edits: [
			{
				file: decide,
				from: "if (once && responseOf(responseCode).class === ResponseClass.InDoubt)",
				to: 'if (responseCode === "")',
			},
		],
	},
	{
		name: "no reply taken for a refusal",
		harm: "the host posted it, the terminal says declined",
		edits: [
			{
				file: decide,
				from: "return once ? { input: Input.Doubt, reason: ReversalReason.NoReply } : lapsed;",
				to: 'return { input: Input.Decline, responseCode: "98" };',
			},
		],
	},
	{
		name: "counters not durable",
		harm: "a STAN is used again after a boot: the host reverses the sale that had it first",
		edits: [
			{
				file: counters,
				from: "this.#stanUsed(record.stanReserved);",
				to: "this.#stanUsed(Math.max(1, record.stanReserved - limits.reserveAhead));",
			},
			{ file: counters, from: "this.#stanUsed(stan);", to: "void stan;" },
		],
	},
	{
		name: "stored sale dropped on 91",
		harm: "a busy issuer costs the merchant a sale",
		edits: [{ file: decide, from: '\t"91",\n', to: "" }],
	},
	{
		name: "reversal parked on 96",
		harm: "a system error of an hour needs a person for each reversal",
		edits: [{ file: decide, from: '\t"96",\n', to: "" }],
	},
	{
		name: "sale at QoS 1",
		harm: "a broker delivers it twice, and a host that posts what it gets posts it twice",
		edits: [{ file: requests, from: "qos: once ? 0 : 1", to: "qos: 1" }],
	},
	{
		name: "encrypted card data in the journal",
		harm: "the journal is never wiped",
		edits: [
			{
				file: "transaction/draft.ts",
				from: "chipData: card.chipData,",
				to: "chipData: card.ciphertext,",
			},
		],
	},
	{
		name: "decision lost in the carrier",
		harm: "one failed flash write and the till waits for ever",
		edits: [
			{
				file: courier,
				from: "return this.#o.link.exchange(request, (outcome) => this.decide(() => done(outcome)));",
				to: "return this.#o.link.exchange(request, done);",
			},
			{
				file: worker,
				from: "this.#courier.decide(() => this.#conclude(customer, outcome, counts, scriptResults)),",
				to: "this.#conclude(customer, outcome, counts, scriptResults),",
			},
		],
	},
	{
		name: "vault wiped while the journal is out of use",
		harm: "stored sales lose their cards because flash failed for a moment",
		edits: [
			{
				file: "terminal/terminal.ts",
				from: "(number) => unknown || needsCard",
				to: "(number) => needsCard",
			},
		],
	},
	{
		name: "approved against the chip",
		harm: "the merchant hands over goods for a card that has not paid",
		edits: [
			{
				file: "queue/chip.ts",
				from: "else {\n\t\t\tlog.event",
				to: "else if (Number(1) === 1) done(decision, last.scriptResults);\n\t\telse {\n\t\t\tlog.event",
			},
		],
	},
]);

import type { Mutant } from "./mutant";

const worker = "queue/worker.ts";
const decide = "queue/decide.ts";
const requests = "host/requests.ts";
const rules = "terminal/rules.ts";
const desk = "host/notice-desk.ts";

/** Faults in the other kinds, the channels, notices and settlement. */
export const kindMutants: readonly Mutant[] = Object.freeze([
	{
		name: "retry on the other channel",
		harm: "a request that may have left is posted again",
		edits: [
			{
				file: worker,
				from: "const decision = decideRequest(outcome, delivery);",
				to: 'const once = customer as { again?: boolean };\n\t\tif (outcome.kind === "no-reply" && delivery === "once" && !once.again) {\n\t\t\tonce.again = true;\n\t\t\tthis.#o.timers.set(() => {\n\t\t\t\tconst transaction = book.get(customer.number)!;\n\t\t\t\tconst card = customer.card === undefined ? {} : { card: customer.card };\n\t\t\t\tconst request = { message: "request", transaction, ...card, timeoutMs: 30_000 } as const;\n\t\t\t\tconst attempt = this.#courier.hand(request, (o) => this.#requestAnswered(customer, o));\n\t\t\t\tif (!attempt) this.#requestAnswered(customer, outcome);\n\t\t\t}, 8000);\n\t\t\treturn;\n\t\t}\n\t\tconst decision = decideRequest(outcome, delivery);',
			},
		],
	},
	{
		name: "void without a look at the original",
		harm: "a sale is given back twice",
		edits: [{ file: rules, from: 'if (tally.voided) return "voided";', to: "" }],
	},
	{
		name: "void while another one is in doubt",
		harm: "the same, when the first one was posted after all",
		edits: [
			{
				file: rules,
				from: 'if (tally.pending !== 0) return "pending";\n\tif (tally.voided)',
				to: "if (tally.voided)",
			},
		],
	},
	{
		name: "void without the tip",
		harm: "the customer gets the sale back and not the tip",
		edits: [
			{
				file: rules,
				from: "amountMinor: countedMinor(original) + tally.tipMinor,",
				to: "amountMinor: countedMinor(original),",
			},
		],
	},
	{
		name: "refund without a look at earlier ones",
		harm: "more is given back than was paid",
		edits: [
			{
				file: rules,
				from: "whole + tally.tipMinor - tally.refundedMinor",
				to: "whole + tally.tipMinor",
			},
		],
	},
	{
		name: "refund repeated with a new STAN",
		harm: "an answer was lost and the refund is paid twice",
		edits: [
			{
				file: requests,
				from: "const { stan, batch } = transaction;",
				to: 'const { batch } = transaction;\n\t\tconst stan = transaction.stan + (kind === "request" && transaction.kind === 3 ? 1000 * transaction.attemptCount : 0);',
			},
		],
	},
	{
		name: "advice reversed",
		harm: "what is repeated until it is answered is taken back as well",
		edits: [
			{
				file: worker,
				from: "const advice = state === State.AdviceDue;",
				to: 'const advice = state === State.AdviceDue;\n\t\tif (advice && outcome.kind === "no-reply")\n\t\t\tthis.#courier.hand({ message: "reversal", transaction: this.#o.book.get(number)!, timeoutMs: 20_000 }, () => {});',
			},
		],
	},
	{
		name: "tip twice",
		harm: "the customer tips twice",
		edits: [
			{
				file: rules,
				from: 'if (kind === Kind.Tip && tally.tipMinor > 0) return "tipped";',
				to: "",
			},
		],
	},
	{
		name: "completed twice",
		harm: "one pre-authorisation is charged twice",
		edits: [{ file: rules, from: 'if (tally.completed) return "completed";', to: "" }],
	},
	{
		name: "duplicate guard off",
		harm: "a sale typed twice by mistake is charged twice",
		edits: [{ file: rules, from: "windowMs === 0 ||", to: "windowMs >= 0 ||" }],
	},
	{
		name: "approval in part booked in full",
		harm: "the merchant believes that all is paid",
		edits: [
			{ file: decide, from: "...(approvedMinor === undefined ? {} : { approvedMinor }),", to: "" },
		],
	},
	{
		name: "notice taken without a MAC",
		harm: "anybody on the way sets the limits",
		edits: [
			{
				file: desk,
				from: "return equalBytes(mac, reader.bytes(64)) ? 0 : Silent.Mac;",
				to: "void mac;\n\t\treturn 0;",
			},
		],
	},
	{
		name: "old notice taken again",
		harm: "who kept a message sets the limits back",
		edits: [{ file: desk, from: 'number <= highest ? "94"', to: 'number < 0 ? "94"' }],
	},
	{
		name: "notice answered before it is on flash",
		harm: "the acquirer believes that a limit is set, and after a power cut it is not",
		edits: [
			{
				file: "notices/notices.ts",
				from: "if (!this.#note(NoticeRecord.Parameters, number, payload)) return false;",
				to: "this.#numbers.set(NoticeRecord.Parameters, number);",
			},
		],
	},
	{
		name: "settlement totals before the drain",
		harm: "the totals that the host compares are not those of the batch",
		edits: [
			{
				file: "settlement/settlement.ts",
				from: 'if (this.#draining().length > 0) return "open";',
				to: "",
			},
			{
				file: "settlement/settlement.ts",
				from: 'if (busy()) return "sale";',
				to: "",
			},
		],
	},
	{
		name: "batch closed before the end is answered",
		harm: "the host never closes the batch, and the acquirer does not pay",
		edits: [
			{
				file: "settlement/steps.ts",
				from: "[StepInput.Balanced]: Step.UploadEnd,",
				to: "[StepInput.Balanced]: Step.Closing,",
			},
		],
	},
	{
		name: "upload position kept in memory",
		harm: "details are left out when the power goes in an upload",
		edits: [
			{
				file: "settlement/upload.ts",
				from: "view.visit(position + 1, (row) => {",
				to: "view.visit(position + 9, (row) => {",
			},
		],
	},
	{
		name: "cards taken while the batch is with the host",
		harm: "a sale that is in neither batch",
		edits: [
			{
				file: "settlement/settlement.ts",
				from: 'if (holdsCards(this.state)) return "settling";',
				to: "",
			},
		],
	},
	{
		name: "settlement not told of what was read",
		harm: "sales of before a boot are missing from the totals of their batch",
		edits: [
			{
				file: "transaction/book.ts",
				from: "this.#journal.readRest();\n\t\tthis.#journal.visitAll((",
				to: "this.#journal.visitAll((",
			},
		],
	},
]);

import { formatAmount } from "core/money";
import type { Command } from "diagnostics/console";
import { guardedActions, orphansOf, type GuardConditions } from "terminal/guard";

/** What the command looks at. */
export interface GuardInspected {
	readonly currencyDigits: number;
	readonly conditions: () => GuardConditions;
}

/** `may ACTION`: whether it would orphan money now, how much, and what to do first. Changes nothing. */
export function guardCommand({ currencyDigits, conditions }: GuardInspected): Command {
	return {
		name: "may",
		usage: "may ACTION",
		help: `would it orphan money now? ${guardedActions.join(", ")}`,
		run: (argument) => {
			const action = guardedActions.find((one) => one === argument);
			if (action === undefined) return { error: `may what? ${guardedActions.join(", ")}` };
			const orphans = orphansOf(action, conditions());
			if (orphans === undefined)
				return { lines: [`${action}: yes, nothing is orphaned`], data: { action, may: true } };
			const { count, amountMinor, todo } = orphans;
			return {
				lines: [
					`${action}: NO, ${count} open, ${formatAmount(amountMinor, currencyDigits)}`,
					...todo.flatMap(({ en, zh }) => [`  ${en}`, `  ${zh}`]),
				],
				data: { action, may: false, ...orphans },
			};
		},
	};
}

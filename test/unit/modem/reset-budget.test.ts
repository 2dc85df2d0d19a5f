import { ResetBudget, resetsPerDay } from "modem/reset-budget";
import { equal, ok, test } from "test/harness";

test("tries again after 1, 2, 4 … and at last every 30 s, from the start after a success", () => {
	const budget = new ResetBudget();
	const delays = [];
	for (let i = 0; i < 7; i++) delays.push(budget.retryDelayMs());
	equal(delays, [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
	budget.succeeded();
	equal(budget.retryDelayMs(), 1_000);
});

test("first restart is free, the next ones are ever farther apart", () => {
	const budget = new ResetBudget();
	const atMinutes = [];
	for (let minute = 0; minute < 200; minute++)
		if (budget.take(minute * 60_000)) atMinutes.push(minute);
	equal(atMinutes, [0, 1, 3, 7, 15, 31, 61, 91, 121, 151, 181]);
});

test("no 24 hours see more than the budget, however often the modem works in between", () => {
	const budget = new ResetBudget();
	const taken: number[] = [];
	for (let minute = 0; minute < 3 * 24 * 60; minute++) {
		budget.succeeded();
		if (budget.take(minute * 60_000)) taken.push(minute);
	}
	equal(taken.length, 3 * resetsPerDay);
	for (const start of taken)
		ok(taken.filter((at) => at >= start && at < start + 24 * 60).length <= resetsPerDay);
});

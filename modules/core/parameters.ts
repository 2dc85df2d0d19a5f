import { limits } from "core/limits";

/**
 * What the acquirer may change by notice, each with its unit, range and default. `parameterTable` gives each its
 * number in a notice and on flash: append only, never renumber.
 */
export interface Parameters {
	/** Reply deadline of an online request, ms (UnionPay 20 to 90 s). */
	readonly replyTimeoutMs: number;
	/** 1: no new online transaction while a reversal is due that was tried and not answered. */
	readonly reversalBlock: number;
	/** Stored sales: per sale and all together (minor units), count, age of the oldest. 0 as count switches them off. */
	readonly offlineSaleMinorMax: number;
	readonly offlineTotalMinorMax: number;
	readonly offlineCountMax: number;
	readonly offlineAgeMaxMs: number;
	/** Same card and amount within this time asks for confirmation; 0: never. */
	readonly duplicateWindowMs: number;
	/** 1: an approval of a part of the amount (code 10) is taken. */
	readonly partialApproval: number;
	/** 1: after 01 or 02 a sale may be authorised by telephone. */
	readonly voiceSale: number;
	/** Largest tip, percent of the sale. */
	readonly tipPercentMax: number;
	/** Largest completion, percent of the pre-authorisation (UnionPay: 115). */
	readonly completionPercentMax: number;
	/** Transactions of one batch; beyond that it has to be settled before the next sale. */
	readonly batchCountMax: number;
	/** Minute of the local day at which the batch is settled by itself; 1440: never. */
	readonly settlementMinute: number;
	/** Longest time between two sign-ons: older keys are renewed. */
	readonly keyAgeMaxMs: number;
	/** Pause between echo tests over an idle link; 0: none. */
	readonly echoIntervalMs: number;
	/** Largest single sale, minor units. */
	readonly saleAmountMinorMax: number;
	/** Minute of the local day at which the acquirer's day ends. */
	readonly cutoffMinute: number;
	/** Working days from the settlement until the money arrives. */
	readonly fundingDays: number;
}

export const defaultParameters: Parameters = Object.freeze({
	replyTimeoutMs: limits.replyTimeoutMs,
	reversalBlock: 0,
	offlineSaleMinorMax: limits.offlineSaleMinorMax,
	offlineTotalMinorMax: limits.offlineTotalMinorMax,
	offlineCountMax: limits.offlineCountMax,
	offlineAgeMaxMs: limits.offlineAgeMaxMs,
	duplicateWindowMs: 120_000,
	partialApproval: 0,
	voiceSale: 0,
	tipPercentMax: 30,
	completionPercentMax: 115,
	batchCountMax: 500,
	settlementMinute: 1440,
	keyAgeMaxMs: 24 * 3_600_000,
	echoIntervalMs: 300_000,
	saleAmountMinorMax: limits.saleAmountMinorMax,
	cutoffMinute: 23 * 60,
	fundingDays: 1,
});

export interface ParameterRow {
	readonly number: number;
	readonly name: keyof Parameters;
	readonly least: number;
	readonly most: number;
}

function row(number: number, name: keyof Parameters, least: number, most: number): ParameterRow {
	return Object.freeze({ number, name, least, most });
}

export const parameterTable: readonly ParameterRow[] = Object.freeze([
	row(1, "replyTimeoutMs", 20_000, 90_000),
	row(2, "reversalBlock", 0, 1),
	row(3, "offlineSaleMinorMax", 0, limits.saleAmountMinorMax),
	row(4, "offlineTotalMinorMax", 0, 100_000_000),
	row(5, "offlineCountMax", 0, limits.offlineCountMax),
	row(6, "offlineAgeMaxMs", 60_000, 30 * 24 * 3_600_000),
	row(7, "duplicateWindowMs", 0, 3_600_000),
	row(8, "partialApproval", 0, 1),
	row(9, "voiceSale", 0, 1),
	row(10, "tipPercentMax", 0, 100),
	row(11, "completionPercentMax", 100, 200),
	row(12, "batchCountMax", 10, 900),
	row(13, "settlementMinute", 0, 1440),
	row(14, "keyAgeMaxMs", 600_000, 7 * 24 * 3_600_000),
	row(15, "echoIntervalMs", 0, 3_600_000),
	row(16, "saleAmountMinorMax", 1, limits.saleAmountMinorMax),
	row(17, "cutoffMinute", 0, 1439),
	row(18, "fundingDays", 0, 10),
]);

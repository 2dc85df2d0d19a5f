/** The tool's reader of settlement records against the firmware's own encoders. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { DifferenceKind } from "message/settlement-fields";
import * as firmware from "settlement/records";
import { Step, Verdict } from "settlement/steps";
import { Kind } from "transaction/kinds";
import { ReceiptState } from "transaction/transaction";
import { readPayload, slipNames } from "../../simulator/bench/tool/journal/payload";
import {
	settlementText,
	type SettlementContent,
} from "../../simulator/bench/tool/journal/settlement";

const ours = { debitMinor: 999_999_999_999, debitCount: 500, creditMinor: 1, creditCount: 2 };
const host = { debitMinor: 3, debitCount: 4, creditMinor: 5, creditCount: 6 };

function read(kind: number, payload: Uint8Array): SettlementContent {
	const content = readPayload(0, kind, Buffer.from(payload));
	assert.ok(content !== undefined && content.record !== "unknown", `kind ${kind}`);
	return content as SettlementContent;
}

function text(kind: number, payload: Uint8Array): string {
	return settlementText(read(kind, payload), slipNames);
}

const step: firmware.StepRecord = {
	step: Step.Uploading,
	batch: 12,
	lastNumber: 340,
	position: 300,
	stan: 77,
	verdict: Verdict.Unbalanced,
	ours,
	host,
	startedMs: 1_795_314_600_123,
	automatic: true,
	automaticDay: 20_779,
	refusal: "",
};

test("a step is what the firmware wrote", () => {
	const { startedMs: timeMs, ...rest } = step;
	assert.deepEqual(read(17, firmware.encodeStep(step)), {
		record: "settlement step",
		...rest,
		timeMs,
	});
	assert.equal(
		text(17, firmware.encodeStep(step)),
		"uploading  batch 000012 to 340  STAN 000077  details to 300  500 debits 999999999999, 2 credits 1",
	);
	const refused = { ...firmware.idleStep, refusal: "A0" };
	assert.equal(text(17, firmware.encodeStep(refused)), "none  refused A0");
});

test("closed batches, result, differences, what was left open, and the report likewise", () => {
	const closed = {
		floor: 9,
		unsettled: [3, 5],
		batches: [
			{
				batch: 12,
				lastNumber: 340,
				closedMs: 1_795_314_600_000,
				verdict: Verdict.Unknown,
				count: 7,
				netMinor: -250,
			},
		],
	};
	const [{ closedMs: timeMs, ...batch }] = closed.batches as [(typeof closed.batches)[0]];
	assert.deepEqual(read(18, firmware.encodeClosed(closed)), {
		record: "closed batches",
		...closed,
		batches: [{ ...batch, timeMs }],
	});
	assert.equal(
		text(18, firmware.encodeClosed(closed)),
		"000012 to 340 unknown to the host, 7, net -250",
	);
	const kinds = [{ kind: Kind.Refund, count: 1, amountMinor: 250 }];
	const result = { batch: 12, verdict: Verdict.Balanced, closedMs: 5, ours, host, kinds };
	const { closedMs, ...told } = result;
	assert.deepEqual(read(19, firmware.encodeResult(result)), {
		record: "settlement result",
		...told,
		timeMs: closedMs,
	});
	const difference = {
		batch: 12,
		kind: DifferenceKind.Short,
		stan: 9,
		amountMinor: 250,
		credit: true,
	};
	assert.deepEqual(read(20, firmware.encodeDifferences([difference])), {
		record: "differences",
		differences: [{ batch: 12, kind: "short", stan: 9, hostMinor: -250 }],
	});
	assert.equal(text(21, firmware.encodeLeftOpen([7, 300])), "7 300");
	const report = { batch: 12, state: ReceiptState.Printed, reprintCount: 2 };
	assert.deepEqual(read(22, firmware.encodeReport(report)), {
		record: "settlement report",
		batch: 12,
		slip: 3,
		reprints: 2,
	});
});

test("a record that is cut short or too long is not read", () => {
	const whole = firmware.encodeStep(step);
	for (const length of [0, 1, whole.length - 1])
		assert.equal(readPayload(0, 17, Buffer.from(whole.subarray(0, length))), undefined);
	assert.equal(readPayload(0, 17, Buffer.concat([whole, Buffer.of(0)])), undefined);
});

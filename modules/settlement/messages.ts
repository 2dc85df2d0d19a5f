import { limits } from "core/limits";
import type { SettlementRequest } from "host/link";
import { batchDetailsOf, batchEndOf, field48Of } from "message/settlement-fields";
import type { BatchView } from "settlement/batch-view";
import type { StepRecord } from "settlement/records";
import { Step, Verdict } from "settlement/steps";
import { noTotals, type Member } from "settlement/totals";
import { countUpTo, uploadPart } from "settlement/upload";

const detailsOrTotals = 201;
const endBalanced = 207;
const endOther = 202;

/**
 * The message of a step, the same each time that it is made.
 * @param record in Totals, Uploading or UploadEnd
 * @throws Fault "message.value" for totals that no field can carry
 */
export function requestOf(
	record: StepRecord,
	view: BatchView,
	member: Member,
	currency: number,
): SettlementRequest {
	const { step, batch, stan, position, lastNumber, ours, verdict } = record;
	const common = { stan, batch, currency, timeoutMs: limits.repeatTimeoutMs };
	if (step === Step.Totals) {
		const digits48 = field48Of({ ...ours, result: 0 }, { ...noTotals, result: 0 });
		return { ...common, message: "settlement", network: detailsOrTotals, digits48 };
	}
	if (step === Step.Uploading) {
		const digits48 = batchDetailsOf(uploadPart(view, position, member).details);
		return { ...common, message: "upload", network: detailsOrTotals, digits48 };
	}
	const network = verdict === Verdict.Balanced ? endBalanced : endOther;
	const digits48 = batchEndOf(countUpTo(view, lastNumber, member));
	return { ...common, message: "upload", network, digits48 };
}

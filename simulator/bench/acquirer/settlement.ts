/** The end of a batch: 0500 compares, 0320 brings the details and closes it. */
import { text, type Message } from "./codec";
import { told, type Decision, type HostView } from "./decision";
import { batchOf, networkOf } from "./kinds";
import { nextBatch, type BatchState } from "./ledger";
import type { LedgerRecord } from "./records";
import {
	differencesMax,
	differencesOf,
	field48Of,
	field62Of,
	isBalanced,
	totalsOf,
	verdicts,
} from "./totals";

/** 60.3 of a 0320. */
const upload = "201";
const endUnbalanced = "202";

/** Most details in one 0320. */
const detailsMax = 8;

/** @param request a 0500 or 0320 whose layout is right */
export function decideSettlement(host: HostView, request: Message): Decision {
	const terminal = text(request, 41);
	const batch = batchOf(request);
	const state = host.ledger.batchState(terminal, batch);
	if (state?.close !== undefined) return asBefore(host, request, state, state.close);
	const open = host.ledger.batch(terminal);
	if (batch !== open) {
		const field60 = `00${open}${networkOf(request)}`;
		return { ...told(host, "77", "batch"), fields: { 60: field60 } };
	}
	if (request.mti === "0500") return compare(host, request);
	if (networkOf(request) === upload) return takeDetails(host, request, state);
	return close(host, request, state);
}

/** A batch that is closed: what was answered then, whatever has been posted to it since. */
function asBefore(
	host: HostView,
	request: Message,
	{ settlement }: BatchState,
	close: LedgerRecord,
): Decision {
	const again = (record: LedgerRecord, fields: Decision["fields"] = {}): Decision => {
		return { ...told(host, record.code, "as before"), rrn: record.rrn, fields };
	};
	if (request.mti === "0320" && networkOf(request) === upload)
		return told(host, "00", "batch is closed");
	if (request.mti === "0320") return again(close, differencesField(close.data ?? ""));
	if (settlement !== undefined) return again(settlement, { 48: settlement.data ?? "" });
	const totals = totalsOf(host.ledger, text(request, 41), batchOf(request));
	const balanced = isBalanced(totals, text(request, 48));
	const verdict = balanced ? verdicts.balanced : verdicts.differs;
	const fields = { 48: field48Of(totals, verdict) };
	return { ...told(host, balanced ? "00" : "95", "batch is closed"), fields };
}

function compare(host: HostView, request: Message): Decision {
	if (!/^\d{62}$/.test(text(request, 48))) return told(host, "30", "field 48 has not 62 digits");
	const totals = totalsOf(host.ledger, text(request, 41), batchOf(request));
	const balanced = isBalanced(totals, text(request, 48));
	const data = field48Of(totals, balanced ? verdicts.balanced : verdicts.differs);
	const code = balanced ? "00" : "95";
	const amountMinor = totals.debitMinor - totals.creditMinor;
	const record = batchRecord(host, request, { kind: "settlement", code, data, amountMinor });
	const note = balanced ? "balanced" : "totals differ";
	return { ...told(host, code, note), records: [record], fields: { 48: data } };
}

function takeDetails(host: HostView, request: Message, state: BatchState | undefined): Decision {
	const field48 = text(request, 48);
	const count = Number(field48.slice(0, 2));
	if (count < 1 || count > detailsMax || field48.length !== 2 + count * 21)
		return told(host, "30", "field 48 holds no details");
	const details = (field48.slice(2).match(/\d{21}/g) ?? []).map((one) => ({
		type: one.slice(0, 2),
		stan: one.slice(2, 8),
		amountMinor: Number(one.slice(8, 20)),
		data: one.slice(20),
	}));
	if (details.some(({ data }) => data !== "0" && data !== "1"))
		return told(host, "30", "a sign in field 48 is neither 0 nor 1");
	const fresh = details.filter(
		({ stan }, index) =>
			state?.details.has(stan) !== true && details.findIndex((one) => one.stan === stan) === index,
	);
	const records = fresh.map((detail) => batchRecord(host, request, { kind: "detail", ...detail }));
	return { ...told(host, "00", `${fresh.length} of ${count} details are new`), records };
}

function close(host: HostView, request: Message, state: BatchState | undefined): Decision {
	const field48 = text(request, 48);
	if (!/^\d{4}$/.test(field48)) return told(host, "30", "field 48 is no count");
	const terminal = text(request, 41);
	const batch = batchOf(request);
	const unbalanced = networkOf(request) === endUnbalanced;
	const differences = unbalanced ? differencesOf(host.ledger, terminal, batch) : [];
	const data = field62Of(differences).toString("latin1");
	const told48 = Number(field48);
	const kept = state?.details.size ?? 0;
	const note =
		`batch closed, ${differences.length} differences` +
		(differences.length > differencesMax ? `, ${differencesMax} are told` : "") +
		(unbalanced && told48 !== kept ? `; ${told48} details announced, ${kept} came` : "");
	const records = [
		batchRecord(host, request, { kind: "close", data }),
		batchRecord(host, request, { kind: "batch", batch: nextBatch(batch) }),
	];
	return { ...told(host, "00", note), records, fields: differencesField(data) };
}

/** Field 62, where there is a difference. */
function differencesField(data: string): Readonly<Record<number, Buffer>> {
	return data === "" ? {} : { 62: Buffer.from(data, "latin1") };
}

function batchRecord(
	host: HostView,
	request: Message,
	more: Partial<LedgerRecord> & Pick<LedgerRecord, "kind">,
): LedgerRecord {
	return {
		ms: host.nowMs,
		terminal: text(request, 41),
		batch: batchOf(request),
		stan: "",
		amountMinor: 0,
		maskedPan: "",
		code: "00",
		rrn: host.rrn,
		authCode: "",
		...more,
	};
}

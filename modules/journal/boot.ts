import { Fault } from "core/fault";
import { geometryError } from "journal/geometry";
import { blocksMin } from "journal/plan";
import type { Reclaimer } from "journal/reclaimer";
import { Internal } from "journal/record";
import { Recovery } from "journal/recovery";
import { BlockState } from "journal/ring";
import type { Tables } from "journal/tables";
import type { Tail } from "journal/tail";
import { MountError, type JournalRecord, type MountReport, type VisitLimit } from "journal/types";

const noPayload = new Uint8Array(0);

/** What `Journal.mount` does, on tables that are empty. With an error nothing on flash was touched, but for a flash that failed. */
export function boot(
	tables: Tables,
	tail: Tail,
	reclaimer: Reclaimer,
	visit: ((record: JournalRecord) => void) | undefined,
	limit: VisitLimit | undefined,
): MountReport {
	const { flash, reader, ring, live } = tables;
	const recovery = new Recovery(tables);
	const { scan } = recovery;
	recovery.error = geometryError(flash, blocksMin);
	if (recovery.error === MountError.None) recovery.run();
	let error = recovery.error;
	const blocks = ring.count;
	const retired = ring.free;
	let settled: ReadonlySet<number> | undefined;
	if (error === MountError.None) {
		tail.newest = recovery.newest;
		settled = reclaimer.settle();
		if (!openTail(tables, tail, recovery)) error = MountError.Flash;
	}
	const recoveryReadBytes = reader.bytes;
	const survey = reclaimer.newSurvey();
	if (error === MountError.None) {
		if (visit !== undefined || blocks === 0) {
			survey.run(visit, recovery.missing === 0 ? limit : undefined, settled);
			reclaimer.begin(survey);
		}
		reclaimer.tryMakeRoom();
	}
	return {
		error,
		cleanStart: error === MountError.None && blocks === 0 ? 1 : 0,
		records: survey.records,
		open: live.openCount,
		blocks,
		torn: recovery.torn,
		skipped: survey.skipped,
		remnants: survey.remnants,
		missing: recovery.missing,
		retired,
		foreign: scan.foreign,
		unreadable: scan.unreadable + survey.unreadable,
		repaired: scan.repaired + live.repaired,
		recoveryReadBytes,
		erases: tail.erases,
	};
}

/**
 * Opens a fresh tail behind what was found, with the last record once more: it may have been interrupted.
 * @returns false when the flash would not
 */
function openTail({ ring }: Tables, tail: Tail, recovery: Recovery): boolean {
	const block = ring.tail;
	tail.nextSequence = recovery.scan.sequenceMax + 1;
	tail.eraseCountMax = recovery.scan.eraseCountMax;
	// Not right on top of a bare tail: it is needed until the new one has its seal.
	tail.block = recovery.bare >= 0 ? recovery.bare : block;
	if (block >= 0) tail.offset = ring.ends[block]!;
	try {
		tail.openBlock();
		if (recovery.last !== undefined) tail.put(recovery.last);
		tail.putInternal(Internal.Seal, noPayload);
		tail.atBoot = false;
		if (recovery.bare >= 0) ring.setState(recovery.bare, BlockState.Free);
		return true;
	} catch (error) {
		if (error instanceof Fault) return false;
		throw error;
	}
}

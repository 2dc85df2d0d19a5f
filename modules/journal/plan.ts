import type { Flash } from "core/flash";
import { geometryError } from "journal/geometry";
import { headBytes, headLength } from "journal/head";
import type { Retention } from "journal/reclaimer";
import { recordLimit } from "journal/record";
import { MountError, type JournalOptions } from "journal/types";

/** Fewest blocks of a journal. */
export const blocksMin = 8;
/** Room reckoned for the records of one open subject when they are carried, bytes. */
const subjectBytes = 1024;
/** Most subjects of the live list that a head is planned for. */
const listedMax = 80;

/** What a partition has room for: SPEC.md section 6, "Reserve". */
export interface Plan {
	/** 0 for a partition that cannot be used. */
	readonly blocks: number;
	/** Most subjects that may be open at a time. */
	readonly openLimit: number;
	readonly retention: Retention;
}

export function planFor(flash: Flash, options: JournalOptions): Plan {
	const sound = geometryError(flash, blocksMin) === MountError.None;
	const blocks = sound ? flash.byteLength / flash.blockLength : 0;
	const usable = flash.blockLength - headBytes(listedMax) - recordLimit;
	const room = Math.floor((((blocks - 4) / 4) * usable) / subjectBytes);
	const openLimit = Math.max(1, Math.min(options.openLimit ?? 64, room, 200));
	const lingerLimit = Math.min(16, openLimit);
	const waste = 1 / usable - 1 / (flash.blockLength - headLength);
	const reserve = 4 + Math.ceil((openLimit + lingerLimit) * subjectBytes * waste);
	return {
		blocks,
		openLimit,
		retention: { retainCount: options.retainCount ?? 1000, lingerLimit, reserve },
	};
}

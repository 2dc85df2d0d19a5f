import { localTime } from "core/local-time";

/** `settlementMinute` that switches the automatic settlement off. */
export const never = 1440;
const dayMs = 86_400_000;

/** The latest moment at which the batch was to be settled by itself. */
export interface DueMoment {
	/** Local day of it, since 1970. */
	readonly day: number;
	/** Unix ms. */
	readonly atMs: number;
}

/**
 * @param nowMs unix ms @param utcOffsetMinutes minutes east of UTC
 * @param settlementMinute minute of the local day, 1440: never
 * @returns undefined when it is switched off
 */
export function latestDue(
	nowMs: number,
	utcOffsetMinutes: number,
	settlementMinute: number,
): DueMoment | undefined {
	if (settlementMinute < 0 || settlementMinute >= never) return undefined;
	const offsetMs = utcOffsetMinutes * 60_000;
	const { hour, minute } = localTime(nowMs, utcOffsetMinutes);
	const today = Math.floor((nowMs + offsetMs) / dayMs);
	const day = hour * 60 + minute >= settlementMinute ? today : today - 1;
	return { day, atMs: day * dayMs + settlementMinute * 60_000 - offsetMs };
}

import { Journal } from "journal/journal";
import type { FakeFlash } from "test/simulation/fakes/flash";

/** Names of the numbers on flash, written down once more so that the checkers do not follow the firmware. */
export const stateNames: readonly string[] = Object.freeze([
	"?",
	"opened",
	"sending",
	"approved",
	"declined",
	"reversal due",
	"reversed",
	"reversal parked",
	"abandoned",
	"stored offline",
	"forwarded",
	"forward refused",
	"settled",
	"advice due",
]);

/** A transaction as the journal has it, read by the checkers' own eyes (docs/records.md). */
export interface Fate {
	readonly number: number;
	/** 1 sale, 2 void … (docs/transactions.md) */
	readonly kind: number;
	readonly stan: number;
	readonly batch: number;
	readonly amountMinor: number;
	state: string;
	/** What counts where it is less than the amount, else 0. */
	approvedMinor: number;
	/** 0 none, 1 due, 2 printing, 3 printed, 4 uncertain. */
	slip: number;
}

/** What the journal has of the acquirer's notices. */
export interface NoticeFates {
	readonly parameters: Record<number, number>;
	/** Highest number that was taken. */
	highest: number;
}

/** Reads an image through a fresh boot of the journal: it writes, so give it a copy or a terminal that is off. */
export function readFates(flash: FakeFlash): {
	fates: Map<number, Fate>;
	notices: NoticeFates;
	/** A batch is with the host. */
	settling: boolean;
	error: number;
} {
	const fates = new Map<number, Fate>();
	let settling = false;
	const notices: NoticeFates = { parameters: {}, highest: 0 };
	const { error } = new Journal(flash).mount(({ subject, kind, payload }) => {
		const uint = (at: number, width: number): number => {
			let value = 0;
			for (let i = 0; i < width; i++) value = value * 256 + payload[at + i]!;
			return value;
		};
		const fate = fates.get(subject);
		// 32 parameters, 33 to 47 other notices: each begins with the number of a notice (docs/records.md).
		if (subject === 0 && kind >= 32 && kind < 48) {
			notices.highest = Math.max(notices.highest, uint(0, 3));
			if (kind !== 32) return;
			for (const key of Object.keys(notices.parameters)) delete notices.parameters[Number(key)];
			for (let at = 4; at < payload.length; at += 5)
				notices.parameters[payload[at]!] = uint(at + 1, 4);
		}
		// Counters: STAN 3, attempt 3, number 4, batch 3, settling 1.
		if (subject === 0 && kind === 16) settling = payload.length > 13 && payload[13] === 1;
		if (subject === 0) return;
		if (kind === 1 && fate === undefined)
			fates.set(subject, {
				number: subject,
				kind: uint(0, 1),
				stan: uint(1, 3),
				batch: uint(4, 3),
				amountMinor: uint(7, 6),
				state: "opened",
				approvedMinor: 0,
				slip: 0,
			});
		if (kind === 2 && fate !== undefined) {
			fate.state = stateNames[payload[0]!] ?? "?";
			// Behind reason, time and three texts, where there is one.
			let at = 8;
			for (let i = 0; i < 3; i++) at += 1 + payload[at]!;
			fate.approvedMinor = at < payload.length ? uint(at, 6) : 0;
		}
		if (kind === 3 && fate !== undefined) fate.slip = payload[0]!;
	});
	return { fates, notices, settling, error };
}

import { EntryMode, type CardRead } from "core/card";
import { limits } from "core/limits";
import { State } from "transaction/states";
import type { Transaction } from "transaction/transaction";

/** Why a sale cannot be stored offline; shown to the cashier, with the limit it names. */
export type OfflineRefusal =
	"keys" | "clock" | "journal" | "vault" | "amount" | "total" | "count" | "age" | "swipe" | "pin";

/** What the policy looks at, taken together by the caller. */
export interface OfflineConditions {
	readonly amountMinor: number;
	/** The host has given a batch, so keys were there and parameters are known. */
	readonly batch: number;
	/** Unix ms, undefined while the clock is unknown. */
	readonly wallMs: number | undefined;
	readonly journalRoom: boolean;
	readonly vaultRoom: boolean;
	readonly open: readonly Transaction[];
}

/**
 * May a sale of this amount be stored now? Asked before the card is read, so that a refusal costs nobody a
 * swipe. Pure.
 * @returns undefined: armed
 */
export function offlineRefusal(conditions: OfflineConditions): OfflineRefusal | undefined {
	const { amountMinor, batch, wallMs, journalRoom, vaultRoom } = conditions;
	if (batch === 0) return "keys";
	if (wallMs === undefined) return "clock";
	if (!journalRoom) return "journal";
	if (!vaultRoom) return "vault";
	if (amountMinor > limits.offlineSaleMinorMax) return "amount";
	const stored = conditions.open.filter((t) => t.state === State.StoredOffline);
	if (stored.length >= limits.offlineCountMax) return "count";
	let totalMinor = amountMinor;
	for (const t of stored) totalMinor += t.amountMinor;
	if (totalMinor > limits.offlineTotalMinorMax) return "total";
	const tooOld = stored.some((t) => wallMs - t.openedMs > limits.offlineAgeMaxMs);
	return tooOld ? "age" : undefined;
}

/** May this card's sale be stored? A PIN cannot be stored, and a magnetic stripe proves nothing offline. */
export function cardRefusal(card: CardRead): OfflineRefusal | undefined {
	if (card.onlinePin) return "pin";
	return card.entryMode === EntryMode.Swipe ? "swipe" : undefined;
}

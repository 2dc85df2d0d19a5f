import { EntryMode, type CardRead } from "core/card";
import type { Parameters } from "core/parameters";
import { State } from "transaction/states";
import type { Transaction } from "transaction/transaction";

/** Why a sale cannot be stored offline; shown to the cashier, with the limit it names. */
export type OfflineRefusal =
	| "keys"
	| "clock"
	| "journal"
	| "vault"
	| "off"
	| "amount"
	| "total"
	| "count"
	| "age"
	| "swipe"
	| "pin";

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
	readonly parameters: Parameters;
}

/**
 * May a sale of this amount be stored now? Asked before the card is read, so that a refusal costs nobody a
 * swipe. Pure. A clock that jumped ahead makes stored sales look old and refuses ("age"); one that jumped back makes them
 * look younger than now, which refuses nothing: no sale is ever dropped for its age.
 * @returns undefined: armed
 */
export function offlineRefusal(conditions: OfflineConditions): OfflineRefusal | undefined {
	const { amountMinor, batch, wallMs, journalRoom, vaultRoom, parameters } = conditions;
	if (parameters.offlineCountMax === 0) return "off";
	if (batch === 0) return "keys";
	if (wallMs === undefined) return "clock";
	if (!journalRoom) return "journal";
	if (!vaultRoom) return "vault";
	if (amountMinor > parameters.offlineSaleMinorMax) return "amount";
	const stored = conditions.open.filter((t) => t.state === State.StoredOffline);
	if (stored.length >= parameters.offlineCountMax) return "count";
	let totalMinor = amountMinor;
	for (const t of stored) totalMinor += t.amountMinor;
	if (totalMinor > parameters.offlineTotalMinorMax) return "total";
	const tooOld = stored.some((t) => wallMs - t.openedMs > parameters.offlineAgeMaxMs);
	return tooOld ? "age" : undefined;
}

/** May this card's sale be stored? A PIN cannot be stored, and a magnetic stripe proves nothing offline. */
export function cardRefusal(card: CardRead): OfflineRefusal | undefined {
	if (card.onlinePin) return "pin";
	return card.entryMode === EntryMode.Swipe ? "swipe" : undefined;
}

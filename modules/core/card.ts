/** How the card was read; the numbers stand on flash, append only. */
export const EntryMode = Object.freeze({
	Swipe: 1,
	Chip: 2,
	Tap: 3,
	/** No card was read: the transaction names an earlier one. */
	None: 4,
} as const);
export type EntryMode = (typeof EntryMode)[keyof typeof EntryMode];

/**
 * A card as the secure reader hands it over. No member ever holds a clear PAN, track or PIN:
 * the reader encrypts before the bytes reach the controller.
 */
export interface CardRead {
	readonly entryMode: EntryMode;
	/** First six, stars, last four: "621483******1234". */
	readonly maskedPan: string;
	/** DUKPT key serial number, 10 bytes. */
	readonly ksn: Uint8Array;
	/** TDES-encrypted track 2 (equivalent) data; a multiple of 8, at most 64 bytes. */
	readonly ciphertext: Uint8Array;
	/** EMV objects for DE55 (BER-TLV, without 57, 5A, 5F20, 5F24), empty for a swipe; at most 255 bytes. */
	readonly chipData: Uint8Array;
	/** DE23, or -1 when the card has none. */
	readonly panSequence: number;
	/** The card asks for an online PIN: it can never be stored offline. */
	readonly onlinePin: boolean;
}

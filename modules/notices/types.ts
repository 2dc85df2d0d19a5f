/** What the acquirer has told (docs/host-protocol.md, Notices). The numbers stand on flash, append only. */

/** What became of the money of a settled batch. */
export const FundingStatus = Object.freeze({ Paid: 1, Held: 2, Returned: 3 } as const);
export type FundingStatus = (typeof FundingStatus)[keyof typeof FundingStatus];

/** One word of the acquirer about the money of a batch, or of one transaction in it. */
export interface Funding {
	/** Number of the notice that said so. */
	readonly notice: number;
	readonly batch: number;
	/** 0: the whole batch. */
	readonly stan: number;
	readonly status: FundingStatus;
	/** YYYYMMDD as a number. */
	readonly date: number;
	/** Four digits as a number (docs/host-protocol.md), 0 none given. */
	readonly reason: number;
	/** Minor units, -1 where it was not told. */
	readonly netMinor: number;
	readonly feesMinor: number;
	/** Of the bank transfer, "" where it was not told; at most 20 characters. */
	readonly reference: string;
}

/** Who is not to be reached in a window. */
export const MaintenanceOf = Object.freeze({ Host: 1, Bank: 2 } as const);
export type MaintenanceOf = (typeof MaintenanceOf)[keyof typeof MaintenanceOf];

export interface MaintenanceWindow {
	readonly of: MaintenanceOf;
	/** Unix ms. */
	readonly fromMs: number;
	readonly toMs: number;
}

/** Working days of the banks in one year. */
export interface CalendarYear {
	readonly year: number;
	/** 46 bytes: one bit a day from 1 January on, most significant first; 1 a working day. */
	readonly days: Uint8Array;
}

export const FeeCard = Object.freeze({ Debit: 1, Credit: 2, Foreign: 3, Qr: 4 } as const);
export type FeeCard = (typeof FeeCard)[keyof typeof FeeCard];

export interface Fee {
	readonly card: FeeCard;
	/** In 1/10000 of the amount, 0 to 1000. */
	readonly rate: number;
	/** Most that one transaction costs, minor units; 0: no limit. */
	readonly capMinor: number;
}

/** 60.3 of a notice. */
export const NoticeKind = Object.freeze({
	Settlement: 901,
	Maintenance: 902,
	Calendar: 903,
	Parameters: 904,
	Fees: 905,
	SignOn: 906,
} as const);

/** Status bytes of ESC/POS: DLE EOT, GS r and automatic status back. */

export interface PrinterCondition {
	readonly paperEnd: boolean;
	readonly paperLow: boolean;
	readonly coverOpen: boolean;
	/** Cutter or paper jam: recoverable by a person. */
	readonly jammed: boolean;
}

export function isOffline(is: PrinterCondition): boolean {
	return is.paperEnd || is.coverOpen || is.jammed;
}

/** Answer to DLE EOT n, n 1 to 4; bits 1 and 4 are always set. */
export function realTimeStatus(n: number, is: PrinterCondition): number {
	switch (n) {
		case 1:
			return 0x12 | bit(isOffline(is), 0x08);
		case 2:
			return 0x12 | bit(is.coverOpen, 0x04) | bit(is.paperEnd, 0x20) | bit(is.jammed, 0x40);
		case 3:
			return 0x12 | bit(is.jammed, 0x08);
		default:
			return 0x12 | bit(is.paperLow || is.paperEnd, 0x0c) | bit(is.paperEnd, 0x60);
	}
}

/** Answer to GS r 1. */
export function paperStatus(is: PrinterCondition): number {
	return bit(is.paperLow || is.paperEnd, 0x03) | bit(is.paperEnd, 0x0c);
}

/** The four bytes of automatic status back. */
export function automaticStatus(is: PrinterCondition): Buffer {
	return Buffer.of(
		0x10 | bit(isOffline(is), 0x08) | bit(is.coverOpen, 0x20),
		bit(is.jammed, 0x08),
		paperStatus(is),
		0x00,
	);
}

function bit(set: boolean, mask: number): number {
	return set ? mask : 0;
}

/**
 * Fields of an information line: `+QIURC: "recv",0` gives ["recv", "0"]. Quotes are taken off; commas inside
 * them do not separate.
 * @param prefixLength characters before the first field
 */
export function fieldsOf(line: string, prefixLength: number): string[] {
	const rest = line.slice(prefixLength);
	if (rest.indexOf('"') < 0) return rest.split(",").map(trimmed);
	const fields: string[] = [];
	// Even pieces stand outside of quotes, odd ones inside.
	const pieces = rest.split('"');
	let field = "";
	for (let i = 0; i < pieces.length; i++) {
		const piece = pieces[i]!;
		if (i % 2 === 1) {
			field += piece;
			continue;
		}
		const parts = piece.split(",");
		for (let k = 0; k < parts.length; k++) {
			if (k > 0) {
				fields.push(field);
				field = "";
			}
			field += parts[k]!.trim();
		}
	}
	fields.push(field);
	return fields;
}

function trimmed(text: string): string {
	return text.trim();
}

/** @returns the value of 1 to 9 decimal digits and nothing else, or -1 */
export function wholeNumber(text: string | undefined): number {
	if (text === undefined || text.length === 0 || text.length > 9) return -1;
	let value = 0;
	for (let i = 0; i < text.length; i++) {
		const digit = text.charCodeAt(i) - 0x30;
		if (digit < 0 || digit > 9) return -1;
		value = value * 10 + digit;
	}
	return value;
}

/** The error numbers of TS 27.007 9.2 that decide something. */
export const EquipmentError = Object.freeze({
	Unknown: -1,
	SimNotInserted: 10,
	SimPinRequired: 11,
	SimPukRequired: 12,
	SimFailure: 13,
	SimBusy: 14,
	SimWrong: 15,
} as const);

const errorTexts: Readonly<Record<string, number>> = Object.freeze({
	"sim not inserted": EquipmentError.SimNotInserted,
	"sim pin required": EquipmentError.SimPinRequired,
	"sim puk required": EquipmentError.SimPukRequired,
	"sim failure": EquipmentError.SimFailure,
	"sim busy": EquipmentError.SimBusy,
	"sim wrong": EquipmentError.SimWrong,
});

/** @param text what follows "+CME ERROR:", a number (CMEE=1) or words (CMEE=2) @returns its number or -1 */
export function equipmentError(text: string): number {
	const value = wholeNumber(text.trim());
	if (value >= 0) return value;
	const words = text.trim().toLowerCase();
	return Object.hasOwn(errorTexts, words) ? errorTexts[words]! : EquipmentError.Unknown;
}

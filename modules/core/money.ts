import { Fault } from "core/fault";

/** Largest amount that DE4 (n12) can carry, in minor units. */
export const amountMinorMax = 999_999_999_999;

/**
 * Reads an amount as a person types it: "12", "12.3", "12.34".
 * @param text major units, at most `digits` decimals, no sign, no separators
 * @returns minor units, 1 to `limitMinor`
 * @throws Fault "amount.syntax" (not a number) or "amount.range" (zero, or above `limitMinor`)
 */
export function parseAmount(text: string, digits: number, limitMinor: number): number {
	const dot = text.indexOf(".");
	const whole = dot < 0 ? text : text.slice(0, dot);
	const part = dot < 0 ? "" : text.slice(dot + 1);
	if (!isDigits(whole) || (dot >= 0 && !isDigits(part)) || part.length > digits)
		throw new Fault("amount.syntax");
	if (whole.length > 12) throw new Fault("amount.range");
	const amountMinor = Number(whole + part.padEnd(digits, "0"));
	if (amountMinor < 1 || amountMinor > limitMinor || amountMinor > amountMinorMax)
		throw new Fault("amount.range");
	return amountMinor;
}

function isDigits(text: string): boolean {
	if (text.length === 0) return false;
	for (const c of text) if (c < "0" || c > "9") return false;
	return true;
}

/** "12.34" for 1234 with two digits. @param amountMinor integer, may be negative */
export function formatAmount(amountMinor: number, digits: number): string {
	const sign = amountMinor < 0 ? "-" : "";
	const text = String(Math.abs(amountMinor)).padStart(digits + 1, "0");
	if (digits === 0) return sign + text;
	return `${sign}${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

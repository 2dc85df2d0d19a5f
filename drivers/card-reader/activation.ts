import { concatBytes } from "core/bytes";
import type { CardRequest } from "core/devices";

/**
 * Data of 02-40 "activate transaction": time-out, then 9F02 amount, 9C type, 5F2A currency and, when the
 * clock is known, 9A date and 9F21 time. DFEF1F lets the reader go on with a chip by itself up to the first cryptogram,
 * and always ask for one that the host is to judge.
 * @param seconds 1 to 255
 */
export function activationData(request: CardRequest, seconds: number): Uint8Array {
	const { amountMinor, emvType, currency, localTime } = request;
	const parts = [
		Uint8Array.of(seconds),
		Uint8Array.of(0x9f, 0x02, 6),
		bcd(String(amountMinor).padStart(12, "0")),
		Uint8Array.of(0x9c, 1, emvType, 0x5f, 0x2a, 2),
		bcd(String(currency).padStart(4, "0")),
	];
	if (localTime.length === 12)
		parts.push(
			Uint8Array.of(0x9a, 3),
			bcd(localTime.slice(0, 6)),
			Uint8Array.of(0x9f, 0x21, 3),
			bcd(localTime.slice(6)),
		);
	parts.push(Uint8Array.of(0xdf, 0xef, 0x1f, 2, 1, 1));
	return concatBytes(...parts);
}

/** @param digits an even number of them */
function bcd(digits: string): Uint8Array {
	const bytes = new Uint8Array(digits.length / 2);
	for (let i = 0; i < bytes.length; i++) bytes[i] = parseInt(digits.slice(2 * i, 2 * i + 2), 16);
	return bytes;
}

import { concatBytes, fromHex } from "core/bytes";
import { fail } from "test/harness";

/** BER-TLV of one-byte tags and short lengths, spelled out. */
export function tlv(...objects: readonly (readonly [tag: number, hex: string])[]): Uint8Array {
	return concatBytes(
		...objects.map(([tag, hex]) => {
			const value = fromHex(hex) ?? fail(`not hex: ${hex}`);
			return Uint8Array.of(tag, value.length, ...value);
		}),
	);
}

export const version = [0xc0, "01"] as const;

/** Batch 000012 paid on 2026-11-24, 12345.67 less 45.67. */
export const paid = tlv(
	version,
	[0xc1, "000012"],
	[0xc3, "01"],
	[0xc4, "20261124"],
	[0xc6, "000001230000"],
	[0xc7, "000000004567"],
	[0xc8, "524546203132"],
);

/** A batch held for a reason. */
export function held(batch: string, reason: string, status = "02"): Uint8Array {
	return tlv(version, [0xc1, batch], [0xc3, status], [0xc4, "20261125"], [0xc5, reason]);
}

/** One transaction of a batch. */
export function about(batch: string, stan: string, status: string): Uint8Array {
	return tlv(version, [0xc1, batch], [0xc2, stan], [0xc3, status], [0xc4, "20261125"]);
}

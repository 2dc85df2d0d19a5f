import { createHash } from "node:crypto";
import type { TestCard } from "./cards";
import { tlv } from "./tlv";

/** What the terminal says about the transaction when it activates the reader. */
export interface ReaderRequest {
	/** Packed BCD, 6 bytes. */
	readonly amount: Uint8Array;
	/** 9C, 1 byte. */
	readonly type: Uint8Array;
	/** 5F2A, 2 bytes. */
	readonly currency: Uint8Array;
	/** 9A, yyMMdd packed, or zeros. */
	readonly date: Uint8Array;
}

/**
 * EMV objects of a chip or tap transaction, in the order of DE55. Cryptograms are made up but always the same for
 * the same reader counter.
 * @param counter the reader's transaction counter
 */
export function emvObjects(card: TestCard, request: ReaderRequest, counter: number): Buffer {
	const noise = createHash("sha256").update(`holdfast bench ${counter}`).digest();
	const cvm = card.onlinePin ? "420300" : "5e0300";
	return Buffer.concat([
		tlv("9f26", noise.subarray(0, 8)),
		tlv("9f27", "80"),
		tlv("9f10", Buffer.concat([Buffer.from("07010103a0a802010a01", "hex"), noise.subarray(8, 17)])),
		tlv("9f37", noise.subarray(20, 24)),
		tlv("9f36", hex(counter & 0xffff, 2)),
		tlv("95", "0000008000"),
		tlv("9a", request.date),
		tlv("9c", request.type),
		tlv("9f02", request.amount),
		tlv("9f03", "000000000000"),
		tlv("5f2a", request.currency),
		tlv("82", "7c00"),
		tlv("9f1a", "0156"),
		tlv("9f33", "e0f8c8"),
		tlv("9f34", cvm),
		tlv("9f35", "22"),
		tlv("9f1e", Buffer.from("HFBENCH1", "latin1")),
		tlv("84", card.aid),
		tlv("9f09", "0030"),
		tlv("9f41", hex(counter, 4)),
		...(card.sequence < 0 ? [] : [tlv("5f34", hex(card.sequence, 1))]),
	]);
}

function hex(value: number, byteCount: number): string {
	return value.toString(16).padStart(2 * byteCount, "0");
}

import { asciiBytes, concatBytes, fromHex } from "core/bytes";
import { crc16 } from "core/crc";
import type { FakePort } from "./fake-port";

/** An answer frame as a reader sends it (CRC most significant byte first). */
export function answer(
	command: number,
	status: number,
	data: Uint8Array = new Uint8Array(0),
): Uint8Array {
	const head = Uint8Array.of(command, status, data.length >> 8, data.length & 0xff);
	const body = concatBytes(asciiBytes("ViVOtech2\0"), head, data);
	const crc = crc16(body);
	return concatBytes(body, Uint8Array.of(crc >> 8, crc & 0xff));
}

export function tlv(tag: string, value: Uint8Array): Uint8Array {
	const length = value.length < 128 ? [value.length] : [0x81, value.length];
	return concatBytes(fromHex(tag)!, Uint8Array.from(length), value);
}

export const ksn = fromHex("ffff9876543210e00001")!;
export const ciphertext = fromHex("c25c1d1197d31caa87285d59a892047426d9182ec11353c0")!;
export const maskedPan = "621483******0001";

/** A swipe as an encrypting reader tells it. */
export function swipeData(): Uint8Array {
	return concatBytes(
		tlv("dfee25", fromHex("0011")!),
		tlv("dfee26", fromHex("8000")!),
		tlv("9f39", Uint8Array.of(0x90)),
		tlv("dfee12", ksn),
		tlv("dfee30", ciphertext),
		tlv("dfef5b", asciiBytes(maskedPan)),
	);
}

/** EMV objects of a chip answer for 12.34, in the order of the table that DE55 follows. */
export const emvObjects = concatBytes(
	tlv("9f26", fromHex("1122334455667788")!),
	tlv("9f27", fromHex("80")!),
	tlv("9f10", fromHex("07010103a0a002")!),
	tlv("9f37", fromHex("01020304")!),
	tlv("9f36", fromHex("0021")!),
	tlv("95", fromHex("0080046000")!),
	tlv("9a", fromHex("261122")!),
	tlv("9c", fromHex("00")!),
	tlv("9f02", fromHex("000000001234")!),
	tlv("5f2a", fromHex("0156")!),
	tlv("82", fromHex("7c00")!),
	tlv("9f1a", fromHex("0156")!),
	tlv("9f34", fromHex("1e0300")!),
	tlv("84", fromHex("a000000333010101")!),
	tlv("5f34", fromHex("01")!),
);

export function chipData(objects = emvObjects, entryMode = 0x05): Uint8Array {
	return concatBytes(
		tlv("9f39", Uint8Array.of(entryMode)),
		tlv("dfee12", ksn),
		tlv("dfee30", ciphertext),
		tlv("dfef5b", asciiBytes(maskedPan)),
		tlv("5f20", asciiBytes("TEST/CARD")),
		tlv("5f24", fromHex("301231")!),
		objects,
	);
}

/** Takes commands apart, checks them and answers pings and cancels at once. */
export class ScriptedReader {
	/** Command and sub-command of all that came, as hex: "1801". */
	readonly heard: string[] = [];
	/** Data of the last activation. */
	activation: Uint8Array = new Uint8Array(0);
	/** With false it hears and says nothing. */
	alive = true;
	/** With true pings and cancels get no answer. */
	mute = false;
	/** What 03-40 gets. */
	result: Uint8Array | undefined;
	/** Called when a card is wanted. */
	onActivate: () => void = () => {};
	onCancel: () => void = () => {};
	/** Called when a chip is told the host's answer, with its data in `completion`. */
	onComplete: () => void = () => {};
	completion: Uint8Array = new Uint8Array(0);
	/** Frames with a wrong CRC or header. */
	badFrames = 0;
	readonly #port: FakePort;
	#bytes: number[] = [];

	constructor(port: FakePort) {
		this.#port = port;
		port.peer = (bytes) => this.#receive(bytes);
	}

	#receive(bytes: Uint8Array): void {
		if (!this.alive) return;
		this.#bytes.push(...bytes);
		while (this.#bytes.length >= 16) {
			const size = 16 + this.#bytes[12]! * 256 + this.#bytes[13]!;
			if (this.#bytes.length < size) return;
			this.#take(Uint8Array.from(this.#bytes.splice(0, size)));
		}
	}

	#take(frame: Uint8Array): void {
		const end = frame.length - 2;
		if (crc16(frame, 0, end) !== frame[end]! + 256 * frame[end + 1]!) {
			this.badFrames++;
			return;
		}
		const name = [frame[10]!, frame[11]!].map((b) => b.toString(16).padStart(2, "0")).join("");
		this.heard.push(name);
		if (name === "0240") {
			this.activation = frame.slice(14, end);
			this.onActivate();
			return;
		}
		if (name === "6012") {
			this.completion = frame.slice(14, end);
			this.onComplete();
			return;
		}
		if (name === "0501") this.onCancel();
		if (name === "0340") this.#port.feed(this.#lastResult());
		else if (!this.mute) this.#port.feed(answer(frame[10]!, 0));
	}

	/** 0B: there is none. */
	#lastResult(): Uint8Array {
		return this.result === undefined ? answer(0x03, 0x0b) : answer(0x03, 0x00, this.result);
	}
}

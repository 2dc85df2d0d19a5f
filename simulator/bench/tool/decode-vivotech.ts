/** Frames of the card reader ("ViVOtech2"), both directions. */
import { crcCcitt } from "../peripheral/vivotech";
import { hexBytes, readArguments } from "./input";
import { scrubBytes } from "./mask";
import { printFailure, printJson, printTable } from "./output";
import { objectRows, readObjects, TlvError, type TlvObject } from "./tlv-objects";

interface FrameView {
	readonly offset: number;
	/** By the byte order of the CRC; where it is wrong both ways it is not known. */
	readonly direction: "command" | "response" | null;
	/** Two hex digits each: a command's own number and sub-command, a response's command and status. */
	readonly command: string;
	readonly detail: string;
	readonly name: string;
	readonly length: number;
	readonly crcOk: boolean;
	/** Data that are no data objects: lower-case hex, masked. */
	readonly data?: string;
	readonly objects?: readonly TlvObject[];
}

const start = Buffer.from("ViVOtech2\0", "latin1");
const headLength = 14;
const crcLength = 2;

const commandNames: Readonly<Record<string, string>> = Object.freeze({
	"1801": "ping",
	"0240": "activate transaction",
	"0340": "result of the last transaction",
	"6012": "host's answer to a chip",
	"0501": "cancel transaction",
});

const statusNames: Readonly<Record<string, string>> = Object.freeze({
	"00": "OK",
	"01": "wrong header",
	"02": "unknown command",
	"03": "unknown sub-command",
	"04": "wrong CRC",
	"05": "wrong parameter",
	"06": "parameter not supported",
	"07": "malformed data",
	"08": "time-out",
	"0a": "failed",
	"0b": "not allowed",
	"0c": "sub-command not allowed",
	"0d": "buffer overflow",
	"0e": "user interface event",
	"23": "go online",
});

/** `decode vivotech [--json] HEX|-`. @returns exit code: 1 where no frame is found or one is cut short */
export async function decodeVivotech(args: readonly string[]): Promise<number> {
	const { positionals, json } = readArguments(args);
	const bytes = Buffer.from(await hexBytes(positionals, "the capture"));
	const { frames, failedAt, noiseBytes } = framesOf(bytes);
	if (frames.length === 0 || failedAt !== undefined)
		return printFailure({ code: "reader.frame", field: null, offset: failedAt ?? 0 }, json);
	if (json) printJson({ frames, noiseBytes });
	else {
		for (const frame of frames) printFrame(frame);
		if (noiseBytes > 0) process.stdout.write(`${noiseBytes} bytes between frames\n`);
	}
	return frames.every((frame) => frame.crcOk) ? 0 : 1;
}

function framesOf(bytes: Buffer): { frames: FrameView[]; failedAt?: number; noiseBytes: number } {
	const frames: FrameView[] = [];
	let noiseBytes = 0;
	let at = 0;
	while (at < bytes.length) {
		const found = bytes.indexOf(start, at);
		if (found < 0) return { frames, noiseBytes: noiseBytes + bytes.length - at };
		noiseBytes += found - at;
		const length = found + headLength <= bytes.length ? bytes.readUInt16BE(found + 12) : 0;
		const end = found + headLength + length + crcLength;
		if (end > bytes.length) return { frames, failedAt: found, noiseBytes };
		frames.push(viewOf(bytes.subarray(found, end), found));
		at = end;
	}
	return { frames, noiseBytes };
}

function viewOf(frame: Buffer, offset: number): FrameView {
	const end = frame.length - crcLength;
	const crc = crcCcitt(frame.subarray(0, end));
	const direction =
		crc === frame.readUInt16LE(end)
			? "command"
			: crc === frame.readUInt16BE(end)
				? "response"
				: null;
	const [command, detail] = [10, 11].map((at) => frame.toString("hex", at, at + 1));
	const commandName = commandNames[command! + detail!];
	return {
		offset,
		direction,
		command: command!,
		detail: detail!,
		name: (direction === "response" ? statusNames[detail!] : commandName) ?? "",
		length: end - headLength,
		crcOk: direction !== null,
		...dataOf(frame.subarray(headLength, end)),
	};
}

function dataOf(data: Buffer): { data?: string; objects?: readonly TlvObject[] } {
	if (data.length === 0) return {};
	// An activation starts with its time-out in front of the objects.
	for (const skipped of [0, 1])
		try {
			const objects = readObjects(data.subarray(skipped), skipped);
			const head = skipped === 0 ? {} : { data: data.toString("hex", 0, skipped) };
			if (objects.length > 0) return { ...head, objects };
		} catch (error) {
			if (!(error instanceof TlvError)) throw error;
		}
	return { data: scrubBytes(data) };
}

function printFrame(frame: FrameView): void {
	const { direction, command, detail, name, length, crcOk, data, objects } = frame;
	const what = direction === "response" ? "status" : "sub-command";
	process.stdout.write(
		`${direction ?? "frame"} ${command}, ${what} ${detail}${name === "" ? "" : ` (${name})`}, ` +
			`${length} bytes, CRC ${crcOk ? "right" : "WRONG"}\n`,
	);
	if (data !== undefined) process.stdout.write(`  ${data}\n`);
	printTable(objectRows(objects ?? [], "  "));
}

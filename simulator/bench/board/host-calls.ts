import { runCipher, type CipherKind } from "./ciphers";
import { blockLength, type FlashOutcome, type NorFlash } from "./flash";
import { Op, Status } from "./protocol";
import type { Random } from "./random";
import type { KeyImage } from "./storage";
import type { Uart } from "./uart";

/** What host calls work on. */
export interface HostCallTargets {
	readonly config: Readonly<Record<string, unknown>>;
	/** journal, vault */
	readonly flash: readonly NorFlash[];
	readonly uarts: readonly Uart[];
	readonly keys: KeyImage;
	readonly entropy: Random;
	readonly computePerMs: number;
	readonly print: (text: string) => void;
	readonly nowUs: () => number;
	/** Lets virtual time pass inside a call. */
	readonly wait: (us: number) => void;
}

/** "power-cut": no answer, the engine is dead. */
export type HostAnswer = { readonly status: Status; readonly result?: Uint8Array } | "power-cut";

const cipherKinds: readonly CipherKind[] = ["tdes-encrypt", "tdes-decrypt", "aes-encrypt"];
const done: HostAnswer = Object.freeze({ status: Status.Done });

/**
 * Serves one call of the firmware, but for `restart`.
 * @param args what follows op and compute
 * @throws Error when the request is not of the protocol: a bug of the platform layer
 */
export function serveHostCall(op: number, args: Buffer, targets: HostCallTargets): HostAnswer {
	switch (op) {
		case Op.Info:
			return { status: Status.Done, result: info(targets) };
		case Op.FlashRead:
		case Op.FlashWrite:
		case Op.FlashErase:
			return serveFlash(op, args, targets);
		case Op.UartOpen:
		case Op.UartRead:
		case Op.UartWrite:
		case Op.UartClose:
			return serveUart(op, args, targets);
		case Op.Entropy:
			return { status: Status.Done, result: targets.entropy.bytes(args.readUInt16LE(0)) };
		case Op.Cipher:
			return serveCipher(args);
		case Op.KeyRead: {
			const value = targets.keys.read(args.toString("latin1"));
			return value === undefined
				? { status: Status.Unknown }
				: { status: Status.Done, result: value };
		}
		case Op.KeyWrite: {
			const end = 1 + args[0]!;
			targets.keys.write(args.toString("latin1", 1, end), args.subarray(end));
			return done;
		}
		case Op.Print:
			targets.print(args.toString("latin1"));
			return done;
		default:
			throw new Error(`board: unknown host call ${op}`);
	}
}

function info({ config, flash, computePerMs }: HostCallTargets): Uint8Array {
	const text = JSON.stringify({
		config,
		engine: "xs/npm",
		computePerMs,
		blockLength,
		writeAlignment: flash[0]!.writeAlignment,
		partitions: flash.map((partition) => partition.byteLength),
	});
	const escaped = text.replace(
		/[\u007f-\uffff]/g,
		(unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
	);
	return Buffer.from(escaped, "latin1");
}

function serveFlash(op: number, args: Buffer, targets: HostCallTargets): HostAnswer {
	const flash = targets.flash[args[0]!]!;
	const place = args.readUInt32LE(1);
	if (op === Op.FlashRead) {
		const bytes = flash.read(place, args.readUInt32LE(5));
		return bytes === undefined ? { status: Status.Range } : { status: Status.Done, result: bytes };
	}
	if (op === Op.FlashWrite)
		return flashAnswer(flash.write(place, args.subarray(5), targets.nowUs(), targets.wait));
	return flashAnswer(flash.erase(place, targets.nowUs(), targets.wait));
}

function flashAnswer(outcome: FlashOutcome): HostAnswer {
	if (outcome === "power-cut") return outcome;
	if (outcome === "done") return done;
	return { status: outcome === "range" ? Status.Range : Status.FlashFailed };
}

function serveUart(op: number, args: Buffer, { uarts }: HostCallTargets): HostAnswer {
	const uart = uarts[args[0]!]!;
	if (op === Op.UartOpen) {
		const baud = args.readUInt32LE(1);
		if (baud < 300 || baud > 5_000_000) return { status: Status.Options };
		return uart.open(baud) ? done : { status: Status.Busy };
	}
	if (!uart.isOpen) return { status: Status.Closed };
	if (op === Op.UartRead) return { status: Status.Done, result: uart.read() };
	if (op === Op.UartWrite) return uart.write(args.subarray(1)) ? done : { status: Status.Busy };
	uart.close();
	return done;
}

function serveCipher(args: Buffer): HostAnswer {
	const kind = cipherKinds[args[0]!];
	const keyEnd = 2 + args[1]!;
	const result =
		kind === undefined
			? undefined
			: runCipher(kind, args.subarray(2, keyEnd), args.subarray(keyEnd));
	return result === undefined ? { status: Status.CipherKey } : { status: Status.Done, result };
}

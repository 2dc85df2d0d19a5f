/** The platform on the npm engine: the board in Node does the work. */
import { asciiText } from "core/bytes";
import type { Clock } from "core/clock";
import { Fault } from "core/fault";
import type { SerialPort } from "core/io";
import type { Platform, TerminalConfig } from "core/platform";
import { BoardFlash } from "platform/flash";
import { HostCalls, Op } from "platform/host-calls";
import { BoardCiphers, BoardEntropy, BoardKeys } from "platform/security";
import { serialClass, type OpenPorts } from "platform/serial";
import { TimerHeap } from "platform/timers";

/** Baud rates as the peripherals are delivered. */
const baudRates = Object.freeze({
	console: 115_200,
	cardReader: 115_200,
	printer: 115_200,
	modem: 115_200,
	panel: 115_200,
});
/** 2024-01-01: an earlier clock was never set. */
const wallMsMin = 1_704_067_200_000;
const kindReadable = 0;

interface BoardInfo {
	readonly config: TerminalConfig;
	readonly engine: string;
	readonly computePerMs: number;
	readonly blockLength: number;
	readonly writeAlignment: number;
	/** journal, vault */
	readonly partitions: readonly [number, number];
}

/**
 * Connects to the board that this engine runs on. To be called once in a boot.
 * @throws Fault "config" when the board's description cannot be read
 */
export function createPlatform(): Platform {
	const info = readInfo();
	const calls = new HostCalls(info.computePerMs / 1000);
	const timers = new TimerHeap(() => calls.nowUs());
	const ports: OpenPorts = [];
	installTurnHandler(calls, timers, ports);
	const [journalBytes, vaultBytes] = info.partitions;
	const flash = (partition: number, byteLength: number) =>
		new BoardFlash(calls, partition, byteLength, info.blockLength, info.writeAlignment);
	const port = (index: number, baud: number): SerialPort =>
		Object.freeze({ io: serialClass(calls, ports, index), baud });
	return Object.freeze({
		config: info.config,
		clock: new BoardClock(calls),
		timers,
		entropy: new BoardEntropy(calls),
		ciphers: new BoardCiphers(calls),
		keys: new BoardKeys(calls),
		journalFlash: flash(0, journalBytes),
		vaultFlash: flash(1, vaultBytes),
		consolePort: port(0, baudRates.console),
		cardReaderPort: port(1, baudRates.cardReader),
		printerPort: port(2, baudRates.printer),
		modemPort: port(3, baudRates.modem),
		panelPort: port(4, baudRates.panel),
		engine: info.engine,
		restart(): never {
			calls.call(Op.Restart, 0, () => {});
			throw new Fault("bug", Op.Restart);
		},
	});
}

function readInfo(): BoardInfo {
	const bytes = new HostCalls(1).call(Op.Info, 0, () => {});
	try {
		return JSON.parse(asciiText(bytes!)) as BoardInfo;
	} catch {
		throw new Fault("config");
	}
}

/**
 * The board calls `handleCommand` once a turn: which ports want attention, then the timers that are due.
 * Exceptions leave it on purpose: on the device they stop the engine as well.
 */
function installTurnHandler(calls: HostCalls, timers: TimerHeap, ports: OpenPorts): void {
	const handleCommand = (turn: ArrayBuffer): ArrayBuffer => {
		const view = new DataView(turn);
		const startUs = view.getFloat64(0, true);
		calls.turnStarts(startUs);
		for (let at = 8; at < view.byteLength; at += 4) {
			const port = ports[view.getUint8(at)];
			const count = view.getUint16(at + 2, true);
			if (view.getUint8(at + 1) === kindReadable) port?.onReadable(count);
			else port?.onWritable(count);
		}
		timers.run(startUs);
		const result = new ArrayBuffer(8);
		new DataView(result).setFloat64(0, timers.nextUs, true);
		return result;
	};
	Object.assign(globalThis, { handleCommand });
}

class BoardClock implements Clock {
	readonly #calls: HostCalls;
	/** Wall time at tick 0, once it is known. */
	#wallAtBootMs: number | undefined;

	constructor(calls: HostCalls) {
		this.#calls = calls;
	}

	ticksMs(): number {
		return Math.floor(this.#calls.nowUs() / 1000);
	}

	wallMs(): number | undefined {
		return this.#wallAtBootMs === undefined ? undefined : this.#wallAtBootMs + this.ticksMs();
	}

	/** A time before 2024 is not taken: it comes from a network that does not know it. */
	setWallMs(wallMs: number): void {
		if (wallMs >= wallMsMin) this.#wallAtBootMs = Math.floor(wallMs) - this.ticksMs();
	}
}

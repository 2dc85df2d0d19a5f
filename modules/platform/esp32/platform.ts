/** The platform on ESP32. */
import { Fault } from "core/fault";
import type { SerialPort } from "core/io";
import type { Platform } from "core/platform";
import settings from "mc/config";
import { fillWithEntropy, restartChip, startEntropy } from "platform/chip";
import { NativeCiphers } from "platform/native-ciphers";
import { NativeTimers } from "platform/native-timers";
import { NvsKeys } from "platform/nvs-keys";
import { PartitionFlash } from "platform/partition-flash";
import { checkTerminalConfig } from "platform/terminal-config";
import { TickClock } from "platform/tick-clock";
import { AbsentPort, uartClass, type UartPins } from "platform/uart";
import Time from "time";

type PortName = "console" | "cardReader" | "printer" | "modem" | "panel";

/** `board` in the manifest's `config`. */
interface BoardSettings {
	/** 16, or 32 on the original ESP32 with flash encryption. */
	readonly writeAlignment: number;
	/** A port that is left out does not exist on this board. */
	readonly ports: Readonly<Partial<Record<PortName, UartPins & { readonly baud: number }>>>;
}

/**
 * To be called once in a boot.
 * @throws Fault "config" when the settings are incomplete or wrong or a partition is missing
 */
export function createPlatform(): Platform {
	const { terminal, board } = settings as unknown as {
		readonly terminal: unknown;
		readonly board: BoardSettings;
	};
	const { writeAlignment } = board;
	if (writeAlignment !== 16 && writeAlignment !== 32) throw new Fault("config", writeAlignment);
	startEntropy();
	const timers = new NativeTimers();
	const port = (name: PortName): SerialPort => {
		const found = board.ports[name];
		if (found === undefined) return Object.freeze({ io: AbsentPort, baud: 115_200 });
		const { baud, ...pins } = found;
		return Object.freeze({ io: uartClass(pins, timers), baud });
	};
	return Object.freeze({
		config: checkTerminalConfig(terminal),
		clock: new TickClock(ticksSinceBoot()),
		timers,
		entropy: Object.freeze({ fill: fillWithEntropy }),
		ciphers: new NativeCiphers(),
		keys: new NvsKeys("holdfast"),
		journalFlash: new PartitionFlash("journal", writeAlignment),
		vaultFlash: new PartitionFlash("vault", writeAlignment),
		consolePort: port("console"),
		cardReaderPort: port("cardReader"),
		printerPort: port("printer"),
		modemPort: port("modem"),
		panelPort: port("panel"),
		engine: "esp32",
		restart: restartChip,
	});
}

/** The chip's ticks wrap around after 49 days; read more often than that, as the terminal does, they add up. */
function ticksSinceBoot(): () => number {
	const state = { last: Time.ticks, total: 0 };
	return () => {
		const now = Time.ticks;
		// Unsigned: a pause beyond 24 days must not count backwards.
		state.total += Time.delta(state.last, now) >>> 0;
		state.last = now;
		return state.total;
	};
}

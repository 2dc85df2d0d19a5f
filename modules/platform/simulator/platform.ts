/** The platform on Linux: mcsim and the headless host. The bench's peripherals are TCP connections. */
import { fromHex } from "core/bytes";
import { Fault } from "core/fault";
import type { SerialPort } from "core/io";
import type { Platform } from "core/platform";
import storage from "embedded:storage/files";
import type { Directory } from "embedded:storage/files";
import settings from "mc/config";
import { environment, exitProcess, fillWithEntropy, monotonicMs } from "platform/environment";
import { FileFlash } from "platform/file-flash";
import { FileKeys } from "platform/file-keys";
import { NativeCiphers } from "platform/native-ciphers";
import { NativeTimers } from "platform/native-timers";
import { tcpSerialClass } from "platform/tcp-serial";
import { checkTerminalConfig } from "platform/terminal-config";
import { TickClock } from "platform/tick-clock";

/** What the manifest's `config` and the variable HOLDFAST_CONFIG (JSON, member by member first) say. */
interface SimulatorSettings {
	readonly terminal: unknown;
	/** Where the bench's ports are. */
	readonly address: string;
	readonly ports: Readonly<Record<string, number>>;
	/** Folder below $HOME for flash images and keys. */
	readonly folder: string;
	readonly journalBytes: number;
	readonly vaultBytes: number;
	readonly writeAlignment: number;
	/** Keys that are installed when they are not there yet: name → hex. */
	readonly keys?: Readonly<Record<string, string>>;
}

/** A restart ends the process with this code. */
const restartCode = 75;
const baud = 115_200;

/**
 * To be called once in a boot.
 * @throws Fault "config" when the settings are incomplete or wrong
 */
export function createPlatform(): Platform {
	const given = readSettings();
	const directory = openFolder(given.folder);
	const timers = new NativeTimers();
	const bootMs = monotonicMs();
	const port = (name: string): SerialPort => {
		const number = given.ports[name];
		if (number === undefined) throw new Fault("config");
		return Object.freeze({
			io: tcpSerialClass({ address: given.address, port: number }, timers),
			baud,
		});
	};
	return Object.freeze({
		config: checkTerminalConfig(given.terminal),
		clock: new TickClock(() => monotonicMs() - bootMs),
		timers,
		entropy: Object.freeze({ fill: fillWithEntropy }),
		ciphers: new NativeCiphers(),
		keys: openKeys(directory, given.keys),
		journalFlash: new FileFlash(directory, "journal.bin", given.journalBytes, given.writeAlignment),
		vaultFlash: new FileFlash(directory, "vault.bin", given.vaultBytes, given.writeAlignment),
		consolePort: port("console"),
		cardReaderPort: port("cardReader"),
		printerPort: port("printer"),
		modemPort: port("modem"),
		panelPort: port("panel"),
		engine: "moddable/lin",
		restart: () => exitProcess(restartCode),
	});
}

function readSettings(): SimulatorSettings {
	const text = environment("HOLDFAST_CONFIG");
	const fixed = settings as unknown as {
		readonly terminal: unknown;
		readonly simulator: Omit<SimulatorSettings, "terminal">;
	};
	const base = { terminal: fixed.terminal, ...fixed.simulator };
	if (text === undefined) return base;
	try {
		return { ...base, ...(JSON.parse(text) as Partial<SimulatorSettings>) };
	} catch {
		throw new Fault("config");
	}
}

/** Makes the folder, level by level. */
function openFolder(path: string): Directory {
	const root = storage as unknown as Directory;
	const names = path.split("/");
	for (let i = 1; i <= names.length; i++) root.createDirectory(names.slice(0, i).join("/"));
	return root.openDirectory({ path });
}

function openKeys(directory: Directory, initial: SimulatorSettings["keys"]): FileKeys {
	const keys = new FileKeys(directory);
	for (const [name, hex] of Object.entries(initial ?? {})) {
		const value = fromHex(hex);
		if (value === undefined) throw new Fault("config");
		if (keys.read(name) === undefined) keys.write(name, value);
	}
	return keys;
}

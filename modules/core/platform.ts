import type { Ciphers, KeyStore } from "core/ciphers";
import type { Clock, Timers } from "core/clock";
import type { Entropy } from "core/entropy";
import type { Flash } from "core/flash";
import type { SerialPort, SocketTls } from "core/io";

/** What a terminal is told at installation. On the device it comes from the manifest's `config`. */
export interface TerminalConfig {
	/** DE41, exactly 8 characters. */
	readonly terminalId: string;
	/** DE42, exactly 15 characters. */
	readonly merchantId: string;
	/** As on the slip; at most 40 characters. */
	readonly merchantName: string;
	/** ISO 4217 numeric and its decimals. */
	readonly currency: number;
	readonly currencyDigits: number;
	/** Minutes east of UTC for local time on slips and in DE12/13. */
	readonly utcOffsetMinutes: number;
	/** MQTT broker of the acquirer. */
	readonly mqttHost: string;
	readonly mqttPort: number;
	readonly mqttUser: string;
	readonly mqttPassword: string;
	/** The acquirer's pinned certificates for the broker. Without it MQTT goes in clear, see `inClear`. */
	readonly mqttTls?: SocketTls | undefined;
	/** Second address of the acquirer's host, plain TCP with length and TPDU; "" or absent: no backup channel. */
	readonly backupHost?: string | undefined;
	readonly backupPort?: number | undefined;
	/** TPDU of the backup channel, ten digits: 60, destination, source. Absent: 6000030000. */
	readonly tpdu?: string | undefined;
	/** The same for the backup channel. */
	readonly hostTls?: SocketTls | undefined;
	/** Said on purpose: a channel may go without TLS, as on a bench. A product that forgets its pins does not start. */
	readonly inClear?: boolean | undefined;
	readonly apn: string;
}

/** Everything that differs between the engines: the only code with hardware behind it. */
export interface Platform {
	readonly config: TerminalConfig;
	readonly clock: Clock;
	readonly timers: Timers;
	readonly entropy: Entropy;
	readonly ciphers: Ciphers;
	readonly keys: KeyStore;
	readonly journalFlash: Flash;
	readonly vaultFlash: Flash;
	readonly consolePort: SerialPort;
	readonly cardReaderPort: SerialPort;
	readonly printerPort: SerialPort;
	readonly modemPort: SerialPort;
	readonly panelPort: SerialPort;
	/** For people: "xs/npm", "esp32" … */
	readonly engine: string;
	/** Restarts the terminal; does not return. */
	restart(): never;
}

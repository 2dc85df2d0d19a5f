/** The bench for firmware that runs elsewhere: its peripherals on TCP ports, in real time, with broker and host. */
import { Acquirer } from "../acquirer/acquirer";
import { merchantId, terminalId } from "../bench";
import { BenchScheduler } from "../board/scheduler";
import { TcpSerial } from "../board/tcp-serial";
import type { SerialDevice } from "../board/device";
import { Broker } from "../broker/broker";
import { ConsoleClient, type ConsoleAnswer } from "../peripheral/console";
import { ModemDevice } from "../peripheral/modem";
import { PanelDevice, type BenchKey } from "../peripheral/panel";
import { PrinterDevice } from "../peripheral/printer";
import { CardReaderDevice } from "../peripheral/reader";

/** Installed in the terminal and known to the host; worth nothing outside the bench. */
const tmkHex = "505152535455565758595A5B5C5D5E5F";
const address = "127.0.0.1";
const keyUs = 80_000;

export class TcpBench {
	readonly scheduler = new BenchScheduler({ pace: "real", wallStartMs: Date.now() });
	readonly reader = new CardReaderDevice();
	readonly printer = new PrinterDevice();
	readonly modem = new ModemDevice();
	readonly panel = new PanelDevice({});
	readonly console = new ConsoleClient();
	readonly acquirer: Acquirer;
	readonly #broker: Broker;
	readonly #lines: TcpSerial[] = [];
	#ports: Readonly<Record<string, number>> = {};

	private constructor(broker: Broker) {
		this.#broker = broker;
		this.acquirer = new Acquirer({
			mqttUrl: broker.url,
			terminals: [{ id: terminalId, merchantId, tmk: Buffer.from(tmkHex, "hex") }],
			now: () => this.scheduler.wallMs(),
			after: (delayMs, action) => this.scheduler.after(delayMs * 1000, action),
		});
	}

	/** Starts broker, host and ports; the system picks their numbers. */
	static async start(): Promise<TcpBench> {
		const broker = new Broker({ port: 0 });
		await broker.start();
		const bench = new TcpBench(broker);
		try {
			await bench.acquirer.start();
			await bench.#listen();
		} catch (error) {
			await bench.close();
			throw error;
		}
		return bench;
	}

	/** What the terminal is to be told in HOLDFAST_CONFIG. */
	get terminalSettings(): string {
		const broker = new URL(this.#broker.url);
		const terminal = {
			terminalId,
			merchantId,
			merchantName: "HOLDFAST SHOP",
			currency: 156,
			currencyDigits: 2,
			utcOffsetMinutes: 480,
			mqttHost: broker.hostname,
			mqttPort: Number(broker.port),
			mqttUser: terminalId,
			mqttPassword: "",
			inClear: true,
			apn: "cmnet",
		};
		return JSON.stringify({ terminal, address, ports: this.#ports, keys: { tmk: tmkHex } });
	}

	/** Runs in real time until `predicate` holds. @returns whether it did within `limitMs` */
	until(predicate: () => boolean, limitMs: number): Promise<boolean> {
		return this.scheduler.run(predicate, this.scheduler.nowUs() + limitMs * 1000);
	}

	/** Presses keys as a quick cashier does. */
	async typeKeys(keys: readonly BenchKey[]): Promise<void> {
		for (const key of keys) {
			this.panel.press(key);
			await this.scheduler.run(() => false, this.scheduler.nowUs() + keyUs);
		}
	}

	/** Runs a console command. @returns its text, or undefined when there was no whole answer */
	async ask(line: string): Promise<string | undefined> {
		let answer: ConsoleAnswer | undefined;
		this.console.run(line, (given) => {
			answer = given;
		});
		await this.until(() => answer !== undefined, 30_000);
		return answer?.complete === true ? answer.text : undefined;
	}

	async close(): Promise<void> {
		for (const line of this.#lines) line.close();
		await this.acquirer.stop();
		await this.#broker.stop();
	}

	async #listen(): Promise<void> {
		const devices: Readonly<Record<string, SerialDevice>> = {
			console: this.console,
			cardReader: this.reader,
			printer: this.printer,
			modem: this.modem,
			panel: this.panel,
		};
		const ports: Record<string, number> = {};
		for (const [name, device] of Object.entries(devices)) {
			const line = new TcpSerial({ device, scheduler: this.scheduler, port: 0, host: address });
			this.#lines.push(line);
			ports[name] = await line.listen();
		}
		this.#ports = ports;
	}
}

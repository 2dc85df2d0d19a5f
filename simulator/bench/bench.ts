import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { Acquirer } from "./acquirer/acquirer";
import { Board } from "./board/board";
import type { BoardEvent, Capture } from "./board/board-options";
import { BenchScheduler } from "./board/scheduler";
import { memoryStorage, openStorage } from "./board/storage";
import type { TerminalRow } from "./day/reconcile";
import { Broker, type CapturedPacket } from "./broker/broker";
import { Authority } from "./certificates";
import type { Presentation } from "./peripheral/cards";
import { ConsoleClient, type ConsoleAnswer } from "./peripheral/console";
import { ModemDevice } from "./peripheral/modem";
import { PanelDevice, type BenchKey } from "./peripheral/panel";
import type { TranscriptHook } from "./peripheral/peripheral";
import { PrinterDevice } from "./peripheral/printer";
import { CardReaderDevice } from "./peripheral/reader";

/** What a bench is told before it starts. */
export interface BenchOptions {
	/** The firmware as one script. */
	readonly firmware: string;
	readonly pace: "real" | "fast";
	readonly speed?: number;
	readonly seed: number;
	/** Folder for flash images, keys and the host's ledger; undefined keeps them in memory. */
	readonly directory?: string;
	/** An outside broker, mqtt://host:port; undefined starts the embedded one. */
	readonly mqttUrl?: string;
	/** Port of the embedded broker, 0 for any. */
	readonly brokerPort?: number;
	/** The terminal speaks TLS; in clear when absent. */
	readonly tls?: TerminalTls;
	/** The host listens on plain TCP as well, and the terminal knows where. */
	readonly backup?: boolean;
	readonly onCapture?: (capture: Capture) => void;
	readonly onPacket?: (packet: CapturedPacket) => void;
	readonly onEvent?: (event: BoardEvent) => void;
	readonly onScreen?: (lines: readonly string[]) => void;
	readonly onConsole?: (text: string) => void;
	readonly transcript?: TranscriptHook;
	readonly log?: (line: string) => void;
}

/** Where the terminal connects to with TLS; what is absent is that of the embedded broker. */
export interface TerminalTls {
	readonly host?: string;
	readonly port?: number;
	/** PEM. */
	readonly pins?: readonly string[];
	/** Of the user that has the terminal's number; "" when absent. */
	readonly password?: string;
}

export const terminalId = "TERM0001";
const brokerAddress = "127.0.0.1";
export const merchantId = "104100000000001";
/** Between two keys of a quick cashier. */
export const keyMs = 80;
/** Installed in the terminal and known to the host; worth nothing outside the bench. */
const tmk = Buffer.from("404142434445464748494A4B4C4D4E4F", "hex");

/** The bench could not be started; the message is one line for a person. */
export class BenchError extends Error {
	override readonly name = "BenchError";
}

/** What came of one try to sell. */
export interface Sold {
	readonly outcome:
		| "approved"
		| "declined"
		| "unknown"
		| "stored"
		| "not-sent"
		/** Refused before the card was read. */
		| "refused"
		/** The card was presented and refused; nothing was recorded. */
		| "card-refused"
		/** The power went, or nothing was shown in time. */
		| "interrupted";
	readonly lines: readonly string[];
}

const resultWords: readonly (readonly [RegExp, Sold["outcome"]])[] = [
	[/APPROVED/, "approved"],
	[/DECLINED/, "declined"],
	[/UNKNOWN/, "unknown"],
	[/STORED/, "stored"],
	[/NOT SENT/, "not-sent"],
	[/CANCELLED|NO CARD|TRY AGAIN|READER|REFUSED|NO SWIPE|NO PIN|FULL/, "card-refused"],
];

/** Named keys stand for themselves, everything else is typed digit by digit. */
export function keysOf(words: string): BenchKey[] {
	return words
		.split(" ")
		.filter((word) => word !== "")
		.flatMap((word) => (namedKeys.includes(word) ? [word] : [...word])) as BenchKey[];
}

const namedKeys: readonly string[] = Object.freeze([
	...["00", "enter", "cancel", "clear", "query", "reprint", "menu"],
]);

/** A whole bench: board, peripherals, broker and acquirer around one terminal. */
export class Bench {
	readonly scheduler: BenchScheduler;
	readonly board: Board;
	readonly reader: CardReaderDevice;
	readonly printer: PrinterDevice;
	readonly modem: ModemDevice;
	readonly panel: PanelDevice;
	readonly console: ConsoleClient;
	readonly acquirer: Acquirer;
	readonly broker: Broker | undefined;
	/** Issues the certificate of the embedded broker; undefined without TLS. */
	readonly authority: Authority | undefined;
	/** Cards that were held to a waiting reader. */
	swipes = 0;

	private constructor(
		options: BenchOptions,
		scheduler: BenchScheduler,
		broker: Broker | undefined,
		brokerUrl: URL,
		authority: Authority | undefined,
		backupPort: number | undefined,
	) {
		const { onScreen, onConsole, transcript, directory } = options;
		const noted = transcript === undefined ? {} : { transcript };
		this.broker = broker;
		this.authority = authority;
		this.scheduler = scheduler;
		this.reader = new CardReaderDevice(noted);
		this.printer = new PrinterDevice(noted);
		this.modem = new ModemDevice(noted);
		this.panel = new PanelDevice({ ...noted, ...(onScreen && { onChange: onScreen }) });
		this.console = new ConsoleClient({ ...noted, ...(onConsole && { onText: onConsole }) });
		const storage = directory === undefined ? memoryStorage() : openStorage(directory);
		if (storage.keys.read("tmk") === undefined) storage.keys.write("tmk", tmk);
		this.board = new Board({
			firmware: options.firmware,
			storage,
			config: {
				...configFor(brokerUrl),
				...this.#tlsConfig(options.tls),
				...(backupPort === undefined ? {} : { backupHost: brokerAddress, backupPort }),
			},
			scheduler: this.scheduler,
			seed: options.seed,
			devices: {
				console: this.console,
				cardReader: this.reader,
				printer: this.printer,
				modem: this.modem,
				panel: this.panel,
			},
			...(options.onEvent && { onEvent: options.onEvent }),
			...(options.onCapture && { onCapture: options.onCapture }),
		});
		this.acquirer = new Acquirer({
			mqttUrl: brokerUrl.href,
			...(backupPort === undefined ? {} : { tcp: { port: backupPort } }),
			...(directory === undefined ? {} : { ledgerFolder: join(directory, "ledger") }),
			terminals: [{ id: terminalId, merchantId, tmk }],
			now: () => this.scheduler.wallMs(),
			after: (delayMs, action) => this.scheduler.after(delayMs * 1000, action),
			onActivity: () => this.scheduler.busy(),
			hold: (work) => this.scheduler.hold(work),
			...(options.log && { log: options.log }),
		});
	}

	/**
	 * Starts broker and host; the terminal's power is still off.
	 * @throws Error with one clear line: port in use, broker unreachable, folder not writable
	 */
	static async start(options: BenchOptions): Promise<Bench> {
		const scheduler = new BenchScheduler({
			pace: options.pace,
			...(options.speed === undefined ? {} : { speed: options.speed }),
			// An outside broker is another process: it needs longer to be heard.
			graceMs: options.mqttUrl === undefined ? 12 : 40,
		});
		const authority = options.tls === undefined ? undefined : new Authority("Bench acquirer CA");
		let broker: Broker | undefined;
		if (options.mqttUrl === undefined) {
			broker = new Broker({
				port: options.brokerPort ?? 0,
				onActivity: () => scheduler.busy(),
				wallMs: () => scheduler.wallMs(),
				...(options.onPacket && { capture: options.onPacket }),
				...(authority && { tls: { identity: authority.issue([brokerAddress]) } }),
			});
			await broker.start();
		}
		const url = new URL(options.mqttUrl ?? broker!.url);
		// The terminal's configuration wants to know it before the host listens.
		const backupPort = options.backup === true ? await freePort() : undefined;
		const bench = new Bench(options, scheduler, broker, url, authority, backupPort);
		try {
			await bench.acquirer.start();
		} catch (error) {
			await bench.close();
			throw new BenchError((error as Error).message);
		}
		return bench;
	}

	/** Runs until `predicate` holds. @returns whether it did within `limitMs` of virtual time */
	until(predicate: () => boolean, limitMs: number): Promise<boolean> {
		return this.board.runUntil(predicate, limitMs);
	}

	/** Lets `ms` of virtual time pass. */
	async pass(ms: number): Promise<void> {
		await this.board.advance(this.scheduler.nowUs() + ms * 1000);
	}

	/** Powers on and waits until the console has greeted. */
	async powerOn(): Promise<boolean> {
		const before = this.console.text.length;
		this.board.powerOn();
		return this.until(() => this.console.text.slice(before).includes("ready,"), 30_000);
	}

	/** Presses keys as fast as a quick cashier does, and enter. @param text digits and dots */
	async typeKeys(text: string): Promise<void> {
		for (const key of [...text, "enter"] as BenchKey[]) {
			this.panel.press(key);
			await this.pass(keyMs);
		}
	}

	/**
	 * Presses keys of the panel and lets the terminal answer.
	 * @param keys words between spaces: names of keys, or digits and dots to be pressed one by one: "menu 2 967818 enter"
	 */
	async pressKeys(keys: string): Promise<void> {
		for (const key of keysOf(keys)) {
			this.panel.press(key);
			await this.pass(keyMs);
		}
	}

	/** A function of the menu: keys, the card where the reader asks for one, and what the cashier then sees. */
	async order(keys: string, card?: string, way: Presentation = "chip"): Promise<Sold> {
		await this.pressKeys(keys);
		if (card !== undefined) {
			const asked = await this.until(() => this.reader.waiting, 3000);
			if (!asked) return { outcome: "refused", lines: [...this.panel.lines] };
			this.present(card, way);
		}
		const { outcome } = await this.result();
		// The panel shows one line after the other.
		await this.pass(keyMs);
		return { outcome, lines: [...this.panel.lines] };
	}

	/** Types an amount and presses enter; then the reader waits, or the screen says why not. */
	async enterAmount(amount: string): Promise<boolean> {
		await this.typeKeys(amount);
		// Refused: the screen shows a note instead of the amount or the call for a card.
		const refused = (): boolean =>
			/[A-Z]/.test(this.#firstLine()) && !/AMOUNT$|CARD$/.test(this.#firstLine());
		const noted = (): boolean => refused() || /BAD AMOUNT/.test(this.#firstLine());
		await this.until(() => this.reader.waiting || noted(), 3000);
		return this.reader.waiting;
	}

	/** Sells: amount, card, and what the cashier then sees. */
	async sell(amount: string, card: string, way: Presentation): Promise<Sold> {
		if (!(await this.enterAmount(amount))) return { outcome: "refused", lines: this.panel.lines };
		this.present(card, way);
		return this.result();
	}

	/** Holds a card to the reader, which must be waiting. */
	present(card: string, way: Presentation): void {
		if (this.reader.present(card, way)) this.swipes++;
	}

	/** Waits for the result that the cashier sees. Asked whether the same card is charged again, this cashier says yes. */
	async result(limitMs = 200_000): Promise<Sold> {
		const outcome = (): Sold["outcome"] | undefined =>
			resultWords.find(([word]) => word.test(this.#firstLine()))?.[1];
		const asked = (): boolean => this.#firstLine().includes("DUPLICATE");
		const over = (): boolean => !this.board.powered || outcome() !== undefined;
		let came = await this.until(() => over() || asked(), limitMs);
		if (asked()) {
			this.panel.press("enter");
			came = await this.until(() => over(), limitMs);
		}
		return { outcome: (came && outcome()) || "interrupted", lines: [...this.panel.lines] };
	}

	/** Runs a console command. @returns its text; undefined when the terminal did not answer */
	async ask(line: string): Promise<string | undefined> {
		let answer: ConsoleAnswer | undefined;
		this.console.run(line, (given) => {
			answer = given;
		});
		await this.until(() => answer !== undefined, 30_000);
		return answer?.complete === true ? answer.text : undefined;
	}

	/** Runs a console command with --json. @throws Error when the terminal does not answer with data */
	async askData<T>(line: string): Promise<T> {
		// A restart in between answers with a greeting: asked again.
		for (let attempt = 0; attempt < 3; attempt++) {
			const text = await this.ask(`${line} --json`);
			if (text?.startsWith("{") === true || text?.startsWith("[") === true)
				return JSON.parse(text) as T;
		}
		throw new Error(`the terminal did not answer "${line}"`);
	}

	/** The transactions that the terminal lists, page by page. @throws Error when it does not answer */
	async askTransactions(from = 1): Promise<TerminalRow[]> {
		const rows: TerminalRow[] = [];
		for (;;) {
			const next = (rows.at(-1)?.number ?? from - 1) + 1;
			const page = await this.askData<readonly TerminalRow[]>(`list ${next}`);
			if (page.length === 0) return rows;
			rows.push(...page);
		}
	}

	/** Ends everything; the terminal loses its power. */
	async close(): Promise<void> {
		this.board.close();
		await this.acquirer.stop();
		await this.broker?.stop();
	}

	/** Settings of the terminal in place of those for a connection in clear. */
	#tlsConfig(tls: TerminalTls | undefined): Record<string, unknown> {
		if (tls === undefined) return {};
		const port = tls.port ?? this.broker?.tls?.port;
		if (port === undefined)
			throw new BenchError("TLS with an outside broker needs its port and pins");
		return {
			mqttHost: tls.host ?? brokerAddress,
			mqttPort: port,
			mqttUser: terminalId,
			mqttPassword: tls.password ?? "",
			mqttTls: { pins: tls.pins ?? [this.authority!.certPem] },
		};
	}

	#firstLine(): string {
		return this.panel.lines[0] ?? "";
	}
}

function configFor(broker: URL): Record<string, unknown> {
	return {
		terminalId,
		merchantId,
		merchantName: "持守便利店 HOLDFAST SHOP",
		currency: 156,
		currencyDigits: 2,
		utcOffsetMinutes: 480,
		mqttHost: broker.hostname,
		mqttPort: Number(broker.port === "" ? "1883" : broker.port),
		mqttUser: decodeURIComponent(broker.username) || terminalId,
		mqttPassword: decodeURIComponent(broker.password),
		apn: "cmnet",
	};
}

/** A port of this machine on which nobody listens. */
async function freePort(): Promise<number> {
	const server = createServer().listen(0, brokerAddress);
	await once(server, "listening");
	const { port } = server.address() as AddressInfo;
	server.close();
	await once(server, "close");
	return port;
}

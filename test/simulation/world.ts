import type { PanelKey } from "core/devices";
import { Fault } from "core/fault";
import type { Platform } from "core/platform";
import { Terminal } from "terminal/terminal";
import { AttemptWatch } from "test/simulation/attempt-watch";
import {
	boardKeys,
	BoardClock,
	BoardEntropy,
	BoardTimers,
	simulatedConfig,
} from "test/simulation/board";
import { SimulatedBroker } from "test/simulation/broker";
import { CardMaker, cipherMark, clearMarks, holds } from "test/simulation/card-data";
import { CashierScript, type Sale } from "test/simulation/cashier-script";
import { readFates } from "test/simulation/fates";
import {
	emptyPort,
	Paper,
	SimulatedConsole,
	SimulatedPanel,
	SimulatedPrinter,
	SimulatedReader,
	amountOn,
	type DeviceParts,
	type Slip,
} from "test/simulation/devices";
import { Digest } from "test/simulation/digest";
import { FakeFlash, PowerCut, powerCut, type PowerModel } from "test/simulation/fakes/flash";
import { Random } from "test/simulation/fakes/random";
import { Faults, type FaultName } from "test/simulation/faults";
import { SimulatedHost } from "test/simulation/host";
import { SimulatedNetwork } from "test/simulation/network";
import { Observer, OverheardLog } from "test/simulation/observer";
import { Power, SuppliedFlash } from "test/simulation/power";
import { Scheduler } from "test/simulation/scheduler";
import { StandInCiphers } from "test/simulation/stand-in-cipher";
import { TcpFront } from "test/simulation/tcp-front";
import { Trail } from "test/simulation/trail";
import { Violations } from "test/simulation/violation";

export interface WorldOptions {
	readonly seed: number;
	readonly swipes: number;
	/** Keep the trail for reading. */
	readonly trail: boolean;
	readonly without: readonly FaultName[];
	/** Make a fingerprint of every byte that leaves the terminal's memory. */
	readonly digest?: boolean;
	/** Measures that the seed would choose otherwise. */
	readonly blocks?: number;
	readonly model?: PowerModel;
	/** The cashier does only what he is told. */
	readonly told?: boolean;
}

/** Unix ms at simulated time 0: 2026-03-02 09:00 in Shanghai, so that a day stays within its month. */
const wallStartMs = Date.UTC(2026, 2, 2, 1, 0, 0);

/** One terminal, its shop, the network, the broker and the host under one seed. */
export class World {
	readonly scheduler = new Scheduler();
	readonly ciphers = new StandInCiphers();
	readonly violations = new Violations();
	readonly paper = new Paper();
	readonly faults: Faults;
	readonly power: Power;
	readonly trail: Trail;
	readonly journal: FakeFlash;
	readonly vault: FakeFlash;
	readonly host: SimulatedHost;
	readonly broker: SimulatedBroker;
	readonly front: TcpFront;
	readonly network: SimulatedNetwork;
	readonly observer: Observer;
	readonly cashier: CashierScript;
	readonly cipherMark: Uint8Array;
	/** Of flash, network, console, display and paper, in order; undefined when nobody asked for it. */
	readonly digest: Digest | undefined;
	/** All sales were made: the faults may end. */
	ended = false;
	/** The flash fails for a while; what it throws may stop the firmware. */
	flashFailing = false;
	/** It has failed since the last boot: a journal that could not be written stops until the next one. */
	flashFailedInBoot = false;
	powerCuts = 0;
	crashes = 0;
	/** Sales whose intent was durable and whose sending was not when the power went: nothing ever left. */
	readonly neverLeft = new Set<Sale>();
	/** Since when the display says "please wait", ms; -1: it does not. */
	busySinceMs = -1;
	reader: SimulatedReader | undefined;
	console: SimulatedConsole | undefined;
	readonly #seed: number;
	readonly #random: Random;
	readonly #clearMarks = clearMarks();
	#terminal: Terminal | undefined;
	/** The sale that was shown as approved last. */
	#approved: { readonly sale: Sale; readonly boot: number; readonly atMs: number } | undefined;
	#scratch: FakeFlash | undefined;

	constructor(options: WorldOptions) {
		const { seed, without } = options;
		const { scheduler, ciphers, violations } = this;
		this.#seed = seed;
		this.digest = options.digest === true ? new Digest() : undefined;
		this.#random = new Random(seed ^ 0x776f726c);
		const faults = (this.faults = new Faults(seed, without));
		const trail = (this.trail = new Trail(options.trail, () => scheduler.nowMs));
		this.power = new Power(new Random(seed ^ 0x706f77));
		this.cipherMark = cipherMark(ciphers);
		const anyModel = this.#random.oneIn(2) ? 1 : 2;
		const model = options.model ?? anyModel;
		const writeAlignment = [4, 16, 32][this.#random.below(3)]!;
		const anyBlocks = [64, 64, 80, 96][this.#random.below(4)]!;
		const blocks = options.blocks ?? anyBlocks;
		this.journal = new FakeFlash({ byteLength: blocks * 4096, writeAlignment, model, seed });
		this.vault = new FakeFlash({
			byteLength: [4, 8][this.#random.below(2)]! * 4096,
			writeAlignment,
			model,
			seed: seed + 1,
		});
		const watch = new AttemptWatch(violations);
		this.broker = new SimulatedBroker({
			watch,
			cutPower: () => this.cutPower(),
			scheduler,
			faults,
			trail,
			network: () => this.network,
			toHost: (attempt, payload, qos) =>
				this.host.receive(
					{
						reply: (reply, replyQos) => this.broker.toTerminal(attempt, reply, replyQos),
						kept: qos === 1,
					},
					payload,
				),
			terminalId: simulatedConfig.terminalId,
			seed,
		});
		this.host = new SimulatedHost({
			scheduler,
			faults,
			trail,
			violations,
			ciphers,
			wallStartMs,
			publish: (number, payload) => this.broker.notice(number, payload),
			seed,
		});
		this.front = new TcpFront({
			scheduler,
			faults,
			trail,
			network: () => this.network,
			noticesWait: () => this.host.notices.unanswered > 0,
			hostIsUp: () => this.host.isUp,
			toHost: (route, payload) => this.host.receive(route, payload),
			watch,
			seed,
		});
		this.network = new SimulatedNetwork({
			scheduler,
			faults,
			power: this.power,
			server: ({ host }) => (host === simulatedConfig.backupHost ? this.front : this.broker),
			guard: (run) => this.guard(this.power.boot, run),
			watch: (bytes) => this.#noClearCard(bytes, "network"),
			leaves: (handed) => watch.leaves(handed),
			delivered: () => watch.delivered(),
			seed,
		});
		this.cashier = new CashierScript({
			scheduler,
			faults,
			trail,
			cards: new CardMaker(ciphers, new Random(seed ^ 0x63617264)),
			press: (key) => this.call((terminal) => terminal.key(key)),
			reader: () => this.reader,
			stanOf: (sale) => this.#stanOf(sale),
			guarded: (sale) => this.#isGuarded(sale),
			seed,
			swipes: options.swipes,
			told: options.told === true,
			onEnd: () => (this.ended = true),
		});
		this.observer = new Observer(trail, watch, this.cashier);
	}

	/** As the slip of it says: the host's books have it too. */
	#stanOf({ kind, amountMinor }: Sale): number {
		for (const entry of this.host.ledger.entries.values())
			if (entry.kind.number === kind && entry.amountMinor === amountMinor) return entry.stan;
		return 0;
	}

	/** The terminal surely knows that it has just made this sale: same boot, a sound clock, and within the window. */
	#isGuarded(sale: Sale): boolean {
		const approved = this.#approved;
		return (
			approved?.sale === sale &&
			approved.boot === this.power.boot &&
			this.scheduler.nowMs - approved.atMs < 60_000 &&
			!("clockJump" in this.faults.counts)
		);
	}

	get wallMs(): number {
		return wallStartMs + this.scheduler.nowMs;
	}

	/** Runs firmware code of a boot, if that boot still lives. What it throws is judged here. */
	guard(boot: number, run: () => void): void {
		const { power } = this;
		if (!power.on || power.boot !== boot) return;
		try {
			run();
		} catch (error) {
			if (error instanceof PowerCut) power.down();
			else this.#crash(error);
		}
		if (!power.on) this.#dark();
	}

	/** Calls the terminal from outside: a key, the carrier, the printer. */
	call(run: (terminal: Terminal) => void): void {
		const terminal = this.#terminal;
		if (terminal !== undefined) this.guard(this.power.boot, () => run(terminal));
	}

	/** Pulls the plug between two effects. */
	cutPower(): void {
		if (!this.power.on) return;
		this.power.down();
		this.#dark();
	}

	boot(): void {
		const { power, scheduler, faults, journal, vault } = this;
		if (power.on) return;
		journal.powerUp();
		vault.powerUp();
		// Where a flash operation was cut or failed, only the journal knows what is on it.
		if (power.cutInFlash) this.observer.read(readFates(this.#copyOfJournal()).fates);
		this.flashFailedInBoot = this.flashFailing;
		power.up();
		const { boot } = power;
		this.trail.note(`boot ${boot}`);
		if (faults.hit("cutAtBoot")) power.cutAt(1 + this.#random.below(12));
		const guard = (run: () => void): void => this.guard(boot, run);
		const parts: DeviceParts = { scheduler, faults, power, random: this.#random, guard };
		this.reader = new SimulatedReader(
			parts,
			(request) => this.cashier.present(request),
			(amountMinor) => this.cashier.chipRefused(amountMinor),
		);
		this.console = new SimulatedConsole(parts, (bytes) => this.#noCardData(bytes, "console"));
		const platform = this.#platform(parts, this.console);
		const printer = new SimulatedPrinter(parts, this.paper, (slip) => this.#printed(slip));
		const panel = new SimulatedPanel(power, (lines) => this.#shown(lines));
		const devices = { reader: this.reader, printer, network: this.network, panel };
		const log = new OverheardLog(platform.clock, this.observer, power);
		this.network.up = false;
		this.observer.booting = true;
		guard(() => {
			this.#terminal = new Terminal(platform, log, devices);
		});
		this.observer.booting = false;
		scheduler.after(2000 + this.#random.below(6000), () => {
			if (power.boot === boot && power.on) this.carrier(true);
		});
	}

	/** One copy serves all boots: it is as large as the journal. */
	#copyOfJournal(): FakeFlash {
		return (this.#scratch = this.journal.clone(this.#seed, undefined, this.#scratch));
	}

	/** The modem finds or loses the network. */
	carrier(up: boolean): void {
		if (!this.power.on) return;
		this.network.up = up;
		if (!up) this.network.breakAll(this.#random.oneIn(2));
		this.trail.note(up ? "carrier is up" : "carrier is lost");
		if (up && !this.faults.hit("noTime"))
			this.call((terminal) => terminal.networkTime(this.wallMs));
		this.call((terminal) => terminal.networkChanged());
	}

	key(key: PanelKey): void {
		this.call((terminal) => terminal.key(key));
	}

	#platform(parts: DeviceParts, console: SimulatedConsole): Platform {
		const { power, scheduler, ciphers } = this;
		return {
			config: simulatedConfig,
			clock: new BoardClock(scheduler),
			timers: new BoardTimers(scheduler, parts.guard),
			entropy: new BoardEntropy(this.#seed ^ (power.boot * 0x10001)),
			ciphers,
			keys: boardKeys,
			journalFlash: new SuppliedFlash(this.journal, power, (bytes) =>
				this.#noCardData(bytes, "journal"),
			),
			vaultFlash: new SuppliedFlash(this.vault, power, (bytes) =>
				this.#noClearCard(bytes, "vault"),
			),
			consolePort: console.port,
			cardReaderPort: emptyPort,
			printerPort: emptyPort,
			modemPort: emptyPort,
			panelPort: emptyPort,
			engine: "simulation",
			restart: () => {
				this.trail.note("the terminal restarts by itself");
				// What could not be written may come back at a later mount.
				power.cutInFlash = true;
				power.down();
				throw powerCut;
			},
		};
	}

	#printed(slip: Slip): void {
		this.#noCardText(slip.lines, "paper");
		const mark = slip.lines.find((line) => /DUPLICATE|NOT A VOUCHER/.test(line)) ?? "voucher";
		this.trail.note(`paper: ${mark} ${slip.outcome}`, amountOn(slip));
	}

	#shown(lines: readonly string[]): void {
		const isBusy = lines[0]?.startsWith("请稍候") === true;
		if (!isBusy) this.busySinceMs = -1;
		else if (this.busySinceMs < 0) this.busySinceMs = this.scheduler.nowMs;
		this.#noCardText(lines, "display");
		this.cashier.shown(lines);
		const sale = this.cashier.sales[this.cashier.sales.length - 1];
		if (sale?.shown === "approved" && this.#approved?.sale !== sale)
			this.#approved = { sale, boot: this.power.boot, atMs: this.scheduler.nowMs };
	}

	/** The firmware stopped: the watchdog restarts it. Only a flash that fails on purpose may do that. */
	#crash(error: unknown): void {
		const isFlash = error instanceof Fault && /^(flash|journal|vault)\./.test(error.code);
		const text = error instanceof Error ? error.message : String(error);
		this.trail.note(`the firmware stops: ${text}`);
		if (!isFlash || !this.flashFailedInBoot)
			this.violations.add("no exception", `${text} ${stackOf(error)}`);
		// What could not be written may come back at a later mount.
		this.power.cutInFlash = true;
		this.crashes++;
		this.power.down();
	}

	#dark(): void {
		const { power, cashier } = this;
		this.powerCuts++;
		this.trail.note(power.cutInFlash ? "power goes in a flash operation" : "power goes");
		const sale = cashier.sales[cashier.sales.length - 1];
		const early = sale?.underWay === true && sale.shown === undefined && sale.number === 0;
		// What the terminal had not said of it: its intent is durable, its sending is not.
		if (early && !power.cutInFlash && cashier.isCurrent(sale)) this.neverLeft.add(sale);
		this.#terminal = undefined;
		this.network.up = false;
		// A chosen cut is whole: what was handed over before it arrives.
		this.network.breakAll(false, power.planned.length === 0);
		this.busySinceMs = -1;
		cashier.wentDark();
		const isShort = this.faults.healed || !this.#random.oneIn(4);
		this.scheduler.after(
			isShort ? 500 + this.#random.below(5000) : this.#random.below(200_000),
			() => this.boot(),
		);
	}

	#noCardData(bytes: Uint8Array, where: string): void {
		this.#noClearCard(bytes, where);
		if (holds(bytes, this.cipherMark))
			this.violations.add("no card data", `encrypted card data on the ${where}`);
	}

	#noClearCard(bytes: Uint8Array, where: string): void {
		this.digest?.add(bytes);
		for (const mark of this.#clearMarks)
			if (holds(bytes, mark))
				this.violations.add("no card data", `a clear card number on the ${where}`);
	}

	#noCardText(lines: readonly string[], where: string): void {
		if (this.digest !== undefined) for (const line of lines) this.digest.addText(line);
		for (const line of lines)
			if (/\d{11}/.test(line) && line.includes("62148300"))
				this.violations.add("no card data", `a clear card number on the ${where}`);
	}
}

function stackOf(error: unknown): string {
	const stack = error instanceof Error ? (error.stack ?? "") : "";
	return stack
		.split("\n")
		.slice(1, 5)
		.map((line) => line.trim().replace(/\(.*\//, "("))
		.join(" ");
}

import type { CardReader, Network, Panel, PanelKey, Printer } from "core/devices";
import { randomBelow } from "core/entropy";
import { limits } from "core/limits";
import { LogCode } from "core/log";
import type { Parameters } from "core/parameters";
import type { Platform } from "core/platform";
import { explainNow, makeCommands, type Inspected } from "diagnostics/commands";
import { Console, type Command } from "diagnostics/console";
import type { EventLog } from "diagnostics/event-log";
import { settlementCommand } from "diagnostics/settlement-command";
import { HostLink, LinkState } from "host/link";
import { Journal, MountError, type JournalRecord, type MountReport } from "journal/journal";
import { Vault, type VaultReport } from "journal/vault";
import { Notices } from "notices/notices";
import { Worker } from "queue/worker";
import { ReceiptIssuer } from "receipt/issuer";
import { factOf } from "settlement/facts";
import { SettlementMemory } from "settlement/memory";
import { Cashier } from "terminal/cashier";
import { openScriptResult } from "terminal/scripts";
import { unsettledBatches } from "settlement/unsettled";
import type { GuardConditions } from "terminal/guard";
import { guardCommand } from "terminal/guard-command";
import { SettlementDesk } from "terminal/settlement-desk";
import { SharedPrinter } from "terminal/shared-printer";
import { Till } from "terminal/till";
import { Book } from "transaction/book";
import { stanMax } from "transaction/counters";
import { RecordKind } from "transaction/records";
import { State } from "transaction/states";
import type { Transaction } from "transaction/transaction";

/** The drivers, made by main.ts; their callbacks are the methods of `Terminal`. */
export interface Devices {
	readonly reader: CardReader;
	readonly printer: Printer;
	readonly network: Network;
	readonly panel: Panel;
}

/**
 * The terminal: recovers what the journal holds, then serves cashier, host, paper and technician.
 * Order at boot: journal, vault, open transactions closed rightly, then the link, then the first sale.
 */
export class Terminal {
	readonly #platform: Platform;
	readonly #devices: Devices;
	readonly #printer: SharedPrinter;
	readonly #book: Book;
	readonly #journal: Journal;
	readonly #memory: SettlementMemory;
	readonly #vault: Vault;
	readonly #notices: Notices;
	readonly #link: HostLink;
	readonly #worker: Worker;
	readonly #issuer: ReceiptIssuer;
	readonly #till: Till;
	readonly #cashier: Cashier;
	readonly #desk: SettlementDesk;
	readonly #console: Console;
	readonly #log: EventLog;
	readonly #inspected: Inspected;

	constructor(platform: Platform, log: EventLog, devices: Devices) {
		this.#platform = platform;
		this.#log = log;
		this.#devices = devices;
		this.#printer = new SharedPrinter(devices.printer);
		const { clock, timers, entropy, config } = platform;
		log.event(LogCode.Boot);
		this.#journal = new Journal(platform.journalFlash);
		this.#memory = new SettlementMemory(this.#journal);
		this.#book = new Book(this.#memory.journal, clock, log);
		this.#notices = new Notices({ journal: this.#journal });
		const restore = (record: JournalRecord): void => {
			if (this.#memory.restore(record)) return;
			if (record.subject !== 0 || !this.#notices.restore(record)) this.#book.restore(record);
		};
		const mountReport = this.#journal.mount(restore, {
			newest: limits.closedAtBoot,
			settings: [RecordKind.Counters],
			older: (record) => {
				this.#memory.learn(record);
				this.#book.learn(record);
			},
		});
		// While a batch is with the host its step has to be known before a card is taken.
		const needsAll = this.#book.mayMissSlips() || this.#book.counters.settling;
		if (this.#journal.isPartlyVisited && needsAll) this.#journal.visitAll(restore);
		if (this.#journal.isPartlyVisited)
			this.#book.visitedFrom(this.#journal.newestSubject - limits.closedAtBoot + 1);
		this.#book.counters.startAnew(randomBelow(entropy, stanMax));
		this.#vault = new Vault(platform.vaultFlash);
		// A journal that was left alone may hold stored sales and refunds: their cards are kept.
		const unknown = mountReport.error !== MountError.None;
		const vaultReport = this.#vault.mount((number) => unknown || needsCard(this.#book.get(number)));
		log.event(LogCode.JournalMounted, this.#book.all().length, this.#book.open().length);
		this.#link = this.#makeLink();
		this.#worker = new Worker({
			book: this.#book,
			vault: this.#vault,
			link: this.#link,
			clock,
			timers,
			entropy,
			log,
			parameters: () => this.#parameters(),
			chip: devices.reader,
			onScripts: (transaction, results) =>
				openScriptResult(this.#book, log, transaction, results, config.utcOffsetMinutes),
			store: (transaction, card) => this.#till.store(transaction, card),
			onCustomer: (transaction, balance) => {
				// The slip first: the customer waits for it.
				this.#issuer.kick();
				this.#till.finished(transaction, balance);
			},
			onChanged: () => this.#changed(),
		});
		this.#issuer = this.#makeIssuer();
		this.#cashier = this.#makeCashier();
		this.#till = new Till({
			book: this.#book,
			worker: () => this.#worker,
			vault: this.#vault,
			link: this.#link,
			reader: devices.reader,
			clock,
			log,
			config,
			parameters: () => this.#parameters(),
			hold: () => this.#desk.hold(),
			events: this.#cashier,
		});
		this.#desk = this.#makeDesk();
		this.#worker.resume();
		this.#desk.idle();
		this.#inspected = this.#inspect(mountReport, vaultReport);
		this.#console = new Console(platform.consolePort, this.#commands(), log);
		this.#cashier.refresh();
		this.#console.say(`holdfast ${config.terminalId} ready, ${this.#book.open().length} open`);
		this.#idleLater();
	}

	/** Carrier up or down. */
	networkChanged(): void {
		this.#link.networkChanged();
		this.#cashier.refresh();
	}

	/** The network's time, UTC. Only labels depend on it (G3). */
	networkTime(wallMs: number): void {
		// The host's time counts for more: once it is known, the network's is not needed.
		if (this.#link.state === LinkState.Up) return;
		this.#setClock(wallMs);
		this.#link.networkChanged();
	}

	#setClock(wallMs: number): void {
		const { clock } = this.#platform;
		const before = clock.wallMs();
		clock.setWallMs(wallMs);
		this.#log.event(LogCode.ClockSet, before === undefined ? 0 : wallMs - before);
	}

	/** Paper, cover or presence changed: a due slip may print now. */
	printerChanged(): void {
		this.#changed();
	}

	key(key: PanelKey): void {
		this.#cashier.key(key);
	}

	/** What the acquirer has set. */
	#parameters(): Parameters {
		return this.#notices.parameters;
	}

	/** The STAN stands on the slip; whoever has neither slip nor STAN may ask by the terminal's own number. */
	#find(typed: number): Transaction | undefined {
		const byStan = typed >= 1 && typed <= stanMax ? this.#book.findByStan(typed) : undefined;
		return byStan ?? this.#book.lookUp(typed);
	}

	#changed(): void {
		this.#issuer.kick();
		this.#desk.kick();
		this.#cashier.refresh();
	}

	#makeLink(): HostLink {
		const { config, clock, timers, entropy, ciphers, keys } = this.#platform;
		const { counters } = this.#book;
		return new HostLink({
			config,
			network: this.#devices.network,
			clock,
			timers,
			entropy,
			ciphers,
			keys,
			log: this.#log,
			nextStan: () => this.#book.nextStan(),
			nextAttempt: () => counters.nextAttempt(),
			batch: counters.batch,
			onState: () => {
				this.#worker.linkChanged();
				this.#desk.linkChanged();
				this.#cashier.refresh();
			},
			onBatch: (batch) => counters.setBatch(batch),
			onHostTime: (wallMs) => this.#setClock(wallMs),
			notices: this.#notices,
			parameters: () => this.#parameters(),
		});
	}

	#makeCashier(): Cashier {
		const { config, timers } = this.#platform;
		return new Cashier({
			panel: this.#devices.panel,
			timers,
			till: () => this.#till,
			currencyDigits: config.currencyDigits,
			status: () => ({
				online: this.#link.state === LinkState.Up,
				openCount: this.#book.open().length,
				paperOut: this.#devices.printer.status.paperOut,
			}),
			find: (typed) => this.#find(typed),
			query: () => {
				const newest = this.#book.newest();
				if (newest === undefined) return ["-"];
				const { whatZh, nextZh } = explainNow(this.#inspected, newest);
				return [whatZh, nextZh];
			},
			reprint: () => {
				const newest = this.#book.newest();
				return newest !== undefined && this.#issuer.reprint(newest);
			},
			settle: () => this.#desk.choose(),
			reprintReport: () => this.#desk.reprint(),
		});
	}

	#makeIssuer(): ReceiptIssuer {
		return new ReceiptIssuer({
			book: this.#book,
			printer: this.#printer,
			config: this.#platform.config,
			log: this.#log,
			onChanged: () => this.#cashier.refresh(),
		});
	}

	#makeDesk(): SettlementDesk {
		return new SettlementDesk({
			platform: this.#platform,
			memory: this.#memory,
			journal: this.#journal,
			book: this.#book,
			link: this.#link,
			printer: this.#printer,
			log: this.#log,
			parameters: () => this.#parameters(),
			busy: () => this.#worker.active || this.#till.active,
			notice: (lines) => void this.#cashier.notice(lines),
			onChanged: () => this.#cashier.refresh(),
		});
	}

	#commands(): Command[] {
		const { settlement } = this.#desk;
		const { store, view } = this.#memory;
		const { config } = this.#platform;
		const parameters = () => this.#parameters();
		return [
			...makeCommands(this.#inspected),
			settlementCommand({ config, settlement, store, view, parameters }),
			guardCommand({
				currencyDigits: config.currencyDigits,
				conditions: () => this.#guardConditions(),
			}),
		];
	}

	#guardConditions(): GuardConditions {
		const { store, view } = this.#memory;
		const [oldest] = unsettledBatches(view, store.closed, false);
		return {
			open: this.#book.open(),
			oldestUnsettled: oldest?.firstNumber ?? 0,
			busy: this.#till.active,
			slipsDue: this.#book.slipsDue(),
		};
	}

	#inspect(mountReport: MountReport, vaultReport: VaultReport): Inspected {
		return {
			config: this.#platform.config,
			engine: this.#platform.engine,
			clock: this.#platform.clock,
			book: this.#book,
			journal: this.#journal,
			mountReport,
			vaultReport,
			vault: this.#vault,
			link: this.#link,
			worker: this.#worker,
			network: this.#devices.network,
			reader: this.#devices.reader,
			printer: this.#devices.printer,
			log: this.#log,
			batchFact: (transaction) => factOf(transaction, this.#memory.store),
			readyAtMs: this.#platform.clock.ticksMs(),
		};
	}

	/** Slow flash work and forgotten slips, only while nobody waits: an erase stalls the engine. */
	/** Flash has refused a record and no card can be taken: the next mount decides what is on it. */
	#restartWhenDue(): void {
		if (this.#platform.clock.ticksMs() < limits.restartAfterMs) return;
		this.#log.event(LogCode.Restart, 1);
		this.#platform.restart();
	}

	#idleLater(): void {
		this.#platform.timers.set(() => {
			this.#issuer.kick();
			const printing = this.#issuer.active || this.#desk.reports.active;
			const quiet = !this.#worker.active && !printing && !this.#till.active;
			if (quiet && this.#journal.isStopped) this.#restartWhenDue();
			if (quiet && !this.#vault.idle() && !this.#notices.idle(this.#book.newest()?.number ?? 0))
				this.#journal.idle();
			if (!this.#journal.isPartlyVisited) this.#book.visitedFrom(0);
			this.#desk.idle();
			this.#idleLater();
		}, limits.idleMs);
	}
}

/** Its encrypted card data is still needed: it goes to the host again. */
function needsCard(transaction: Transaction | undefined): boolean {
	return transaction?.state === State.StoredOffline || transaction?.state === State.AdviceDue;
}

/** Composition root: makes the platform, the drivers and the terminal, and wires them. */
import { ViVOtechReader } from "card-reader/card-reader";
import { EventLog } from "diagnostics/event-log";
import { Modem } from "modem/modem";
import { DgusPanel } from "panel/panel";
import { createPlatform } from "platform/platform";
import { EscPosPrinter } from "printer/printer";
import { Terminal } from "terminal/terminal";

const platform = createPlatform();
const { clock, timers } = platform;
const log = new EventLog(clock);

// Driver callbacks come from later turns only, when the terminal below exists.
const network = new Modem({
	port: platform.modemPort,
	apn: platform.config.apn,
	clock,
	timers,
	log,
	onChanged: () => terminal.networkChanged(),
	onTime: (wallMs) => terminal.networkTime(wallMs),
});
const printer = new EscPosPrinter({
	port: platform.printerPort,
	clock,
	timers,
	log,
	onStatus: () => terminal.printerChanged(),
});
const panel = new DgusPanel({
	port: platform.panelPort,
	timers,
	log,
	onKey: (key) => terminal.key(key),
});
const reader = new ViVOtechReader({ port: platform.cardReaderPort, clock, timers, log });

const terminal = new Terminal(platform, log, { reader, printer, network, panel });

import type { PrintLine, PrintOutcome, PrinterStatus } from "core/devices";
import { ReportPrinter } from "settlement/report-printer";
import { equal, ok, test } from "test/harness";
import { ReceiptState } from "transaction/transaction";
import { config } from "../host/fake-host";
import { World } from "./world";

class FakePrinter {
	status: PrinterStatus = {
		present: true,
		ready: true,
		paperOut: false,
		paperLow: false,
		coverOpen: false,
		error: false,
	};
	readonly jobs: (readonly PrintLine[])[] = [];
	done: (outcome: PrintOutcome) => void = () => undefined;

	print(lines: readonly PrintLine[], done: (outcome: PrintOutcome) => void): void {
		this.jobs.push(lines);
		this.done = done;
	}
}

function setUp(world: World) {
	const printer = new FakePrinter();
	const { store, book } = world;
	const reports = new ReportPrinter({
		store,
		view: world.run.view,
		book,
		printer,
		config,
		log: world.log,
		onChanged: () => undefined,
	});
	reports.resume();
	return { printer, reports };
}

function settled(): World {
	const world = new World();
	world.add();
	world.settle();
	return world;
}

test("the report prints once when the batch is closed, and is journalled as a slip is", () => {
	const world = settled();
	const { printer, reports } = setUp(world);
	reports.kick();
	equal([printer.jobs.length, world.store.report!.state], [1, ReceiptState.Printing]);
	ok(reports.active);
	reports.kick();
	printer.done("printed");
	reports.kick();
	equal([printer.jobs.length, world.store.report!.state], [1, ReceiptState.Printed]);
});

test("a printer that cannot print is waited for; the batch is closed all the same", () => {
	const world = settled();
	equal(world.closed().length, 1);
	const { printer, reports } = setUp(world);
	printer.status = { ...printer.status, ready: false };
	reports.kick();
	equal(printer.jobs.length, 0);
	printer.status = { ...printer.status, ready: true };
	reports.kick();
	printer.done("not-started");
	equal(world.store.report!.state, ReceiptState.Due);
	reports.kick();
	equal(printer.jobs.length, 2);
});

test("a report that was being printed when the power went is uncertain, and prints again only on demand, marked", () => {
	const world = settled();
	setUp(world).reports.kick();
	world.boot();
	const { printer, reports } = setUp(world);
	equal(world.store.report!.state, ReceiptState.Uncertain);
	reports.kick();
	equal(printer.jobs.length, 0);
	ok(reports.reprint());
	ok(printer.jobs[0]!.some(({ text }) => text.includes("DUPLICATE")));
	printer.done("printed");
	equal(world.store.report, { batch: 12, state: ReceiptState.Printed, reprintCount: 1 });
});

test("there is nothing to print again before the first settlement", () => {
	const { printer, reports } = setUp(new World());
	reports.kick();
	equal([reports.reprint(), printer.jobs.length], [false, 0]);
});

import type { CardOutcome, CardRequest } from "core/devices";
import { ViVOtechReader } from "card-reader/card-reader";
import { fail } from "test/harness";
import { FakeBoard, FakePort } from "./fake-port";
import { ScriptedReader } from "./scripted-reader";

export const request: CardRequest = {
	amountMinor: 1234,
	currency: 156,
	emvType: 0,
	localTime: "261122093005",
	timeoutMs: 60_000,
};

/** A reader driver, the port and what hangs on it. */
export function setup() {
	const board = new FakeBoard();
	const port = new FakePort(board);
	const peer = new ScriptedReader(port);
	const reader = new ViVOtechReader({ ...board, port: port.port });
	return { board, port, peer, reader };
}

/** Activates and collects what `done` gets; fails when it is called from inside or twice. */
export function activate(reader: ViVOtechReader): {
	readonly outcome: () => CardOutcome | undefined;
} {
	let outcome: CardOutcome | undefined;
	let inside = true;
	reader.activate(request, (result) => {
		if (inside) fail("done was called from inside activate");
		if (outcome !== undefined) fail("done was called twice");
		outcome = result;
	});
	inside = false;
	return { outcome: () => outcome };
}

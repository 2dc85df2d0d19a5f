import { concatBytes, fromHex } from "core/bytes";
import { rawFromAsb, statusOf, StatusReader } from "printer/status";
import { equal, ok, test } from "test/harness";
import { randomBytes } from "../card-reader/fake-port";

const id = fromHex("37222131415100")!;

test("status bytes, ASB, process IDs and flow control are told apart", () => {
	const reader = new StatusReader();
	equal(reader.push(concatBytes(fromHex("12")!, fromHex("14000000")!, id, fromHex("1311")!)), [
		{ kind: "status", byte: 0x12 },
		{ kind: "asb", bytes: fromHex("14000000")! },
		{ kind: "process-id", id: fromHex("21314151")! },
		{ kind: "xoff" },
		{ kind: "xon" },
	]);
	equal(reader.noiseBytes, 0);
});

test("flow control may stand inside the others", () => {
	const reader = new StatusReader();
	equal(reader.push(fromHex("1400130000")!), [
		{ kind: "xoff" },
		{ kind: "asb", bytes: fromHex("14000000")! },
	]);
	equal(reader.push(fromHex("3722213141115100")!), [
		{ kind: "xon" },
		{ kind: "process-id", id: fromHex("21314151")! },
	]);
});

test("a group that lost bytes does not take the next with it", () => {
	const reader = new StatusReader();
	equal(reader.push(concatBytes(fromHex("1400")!, fromHex("12")!)), [
		{ kind: "status", byte: 0x12 },
	]);
	equal(reader.push(concatBytes(id.slice(0, 4), id)).length, 0);
	equal(reader.push(id).length, 1);
	ok(reader.noiseBytes > 0, "nothing was counted");
});

test("a started group can be forgotten", () => {
	const reader = new StatusReader();
	reader.push(id.slice(0, 6));
	reader.reset();
	equal(reader.push(fromHex("00")!), []);
	equal(reader.noiseBytes, 7);
});

test("random bytes never stop it", () => {
	const reader = new StatusReader();
	reader.push(randomBytes(10_000, 1));
	reader.reset();
	equal(reader.push(id).length, 1);
});

test("the answers of a printer without paper mean paper out", () => {
	const status = statusOf({ printer: 0x1a, offline: 0x32, paper: 0x7e });
	equal(status, {
		present: true,
		ready: false,
		paperOut: true,
		paperLow: true,
		coverOpen: false,
		error: false,
	});
});

test("ASB and polled status say the same", () => {
	const polled = [
		{ printer: 0x12, offline: 0x12, paper: 0x12 },
		{ printer: 0x12, offline: 0x12, paper: 0x1e },
		{ printer: 0x1a, offline: 0x32, paper: 0x7e },
		{ printer: 0x1a, offline: 0x16, paper: 0x12 },
		{ printer: 0x1a, offline: 0x52, paper: 0x12 },
	];
	const told = ["10000000", "10000300", "18000f00", "38000000", "18080000"];
	equal(
		told.map((hex) => statusOf(rawFromAsb(fromHex(hex)!))),
		polled.map((raw) => statusOf(raw)),
	);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { filesBelow, importsOf, textOf } from "./sources";

/** What each folder of the firmware may import. Dependencies point one way. */
const allowed: Readonly<Record<string, readonly string[]>> = {
	core: [],
	message: ["core"],
	journal: ["core"],
	mqtt: ["core"],
	notices: ["core", "journal", "message"],
	transaction: ["core", "journal", "message"],
	host: ["core", "message", "mqtt", "transaction"],
	receipt: ["core", "message", "transaction"],
	explain: ["core", "message", "notices", "transaction"],
	queue: ["core", "journal", "message", "host", "transaction"],
	settlement: ["core", "journal", "message", "host", "receipt", "transaction", "queue"],
	diagnostics: [
		"core",
		"journal",
		"host",
		"notices",
		"queue",
		"settlement",
		"transaction",
		"explain",
	],
	terminal: [
		"core",
		"journal",
		"host",
		"notices",
		"queue",
		"receipt",
		"settlement",
		"transaction",
		"explain",
		"diagnostics",
	],
};
const drivers = ["card-reader", "scanner", "printer", "modem", "panel"];
const hardware = /^(embedded:|timer$|time$|crypt$|mc\/|pins\/|hmac$|gcm$|rng$|bin$|file$)/;

function folderOf(path: string): string {
	return path.split("/")[1] ?? "";
}

test("modules import only what lies below them, drivers only core", () => {
	const wrong: string[] = [];
	for (const path of [...filesBelow("modules", ".ts"), ...filesBelow("drivers", ".ts")]) {
		const folder = folderOf(path);
		if (folder === "platform") continue;
		const may = path.startsWith("drivers/") ? ["core"] : allowed[folder];
		assert.ok(may, `${path}: the layer of ${folder} is not declared`);
		for (const specifier of importsOf(path)) {
			const target = specifier.split("/")[0] ?? "";
			if (target !== folder && !may.includes(target)) wrong.push(`${path} imports ${specifier}`);
		}
	}
	assert.deepEqual(wrong, []);
});

test("the firmware imports by specifier, never by a relative path", () => {
	const wrong: string[] = [];
	for (const path of ["main.ts", ...filesBelow("modules", ".ts"), ...filesBelow("drivers", ".ts")])
		for (const specifier of importsOf(path))
			if (specifier.startsWith(".")) wrong.push(`${path} imports ${specifier}`);
	assert.deepEqual(wrong, []);
});

test("only the platform touches hardware, and nobody but main.ts and the platform imports it", () => {
	const wrong: string[] = [];
	for (const path of [
		"main.ts",
		...filesBelow("modules", ".ts"),
		...filesBelow("drivers", ".ts"),
	]) {
		if (path.startsWith("modules/platform/")) continue;
		for (const specifier of importsOf(path)) {
			if (hardware.test(specifier)) wrong.push(`${path} imports ${specifier}`);
			if (specifier.startsWith("platform/") && path !== "main.ts")
				wrong.push(`${path} imports ${specifier}`);
		}
	}
	assert.deepEqual(wrong, []);
});

/** The technician's tool is a view of the firmware's own tables; nothing else of the bench is. */
const toolMay = /^(core|message)\//;

test("bench and acquirer share no code with the firmware", () => {
	const ours = [...Object.keys(allowed), ...drivers, "platform"];
	const wrong: string[] = [];
	for (const path of filesBelow("simulator/bench", ".ts")) {
		for (const specifier of importsOf(path)) {
			const into = /(^|\/)\.\.\/(\.\.\/)+(modules|drivers)\//.test(specifier);
			// "mqtt" alone is the npm package; ours always have a second part.
			const firmware = specifier.includes("/") && ours.includes(specifier.split("/")[0] ?? "");
			if (path.startsWith("simulator/bench/tool/") && toolMay.test(specifier)) continue;
			if (into || firmware) wrong.push(`${path} imports ${specifier}`);
		}
	}
	assert.deepEqual(wrong, []);
});

test("the acquirer imports nothing from the rest of the bench", () => {
	const wrong: string[] = [];
	for (const path of filesBelow("simulator/bench/acquirer", ".ts"))
		for (const specifier of importsOf(path))
			if (specifier.startsWith("../")) wrong.push(`${path} imports ${specifier}`);
	assert.deepEqual(wrong, []);
});

test("no source is longer than 400 lines, no test than 550, and nothing is unfinished", () => {
	const wrong: string[] = [];
	const sources = ["modules", "drivers", "simulator", "test"].flatMap((f) => filesBelow(f, ".ts"));
	for (const path of sources) {
		const text = textOf(path);
		// Fixtures are data, made by other programs.
		const lines = path.startsWith("test/fixtures/") ? 0 : text.split("\n").length;
		if (lines > (path.startsWith("test/") ? 550 : 400)) wrong.push(`${path}: ${lines} lines`);
		if (new RegExp(`\\b(${"TO" + "DO"}|${"FIX" + "ME"}|X{3})\\b`).test(text))
			wrong.push(`${path}: unfinished`);
	}
	assert.deepEqual(wrong, []);
});

/** The SDK lanes on a machine without the SDK, and what they read of its tools. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { root } from "../../simulator/bench/build/root";
import { endReason } from "../../simulator/bench/sdk/headless";
import { codeBytesOf, readLinked, readWarnings } from "../../simulator/bench/sdk/linked";
import { findTestFiles } from "../../simulator/bench/sdk/test-files";

function lane(command: string, moddable: string): { status: number | null; text: string } {
	const environment = { ...process.env };
	delete environment["MODDABLE"];
	if (moddable !== "") environment["MODDABLE"] = moddable;
	const { status, stdout, stderr } = spawnSync(
		process.execPath,
		[join(root, "simulator/bench/run.mjs"), command],
		{ env: environment, encoding: "utf8" },
	);
	return { status, text: stdout + stderr };
}

for (const command of ["moddable:test", "moddable:esp32"])
	test(`${command} says in one line what is missing and exits 3`, () => {
		const unset = lane(command, "");
		assert.equal(unset.status, 3);
		assert.match(unset.text, /^[^\n]*MODDABLE is not set[^\n]*\n$/);
		const empty = lane(command, tmpdir());
		assert.equal(empty.status, 3);
		assert.match(empty.text, /^[^\n]*tools are not built: mcconfig, xsc[^\n]*\n$/);
	});

test("a module counts as preloaded only when it has no code to load", () => {
	const version = "{ XS_MAJOR_VERSION, XS_MINOR_VERSION, XS_PATCH_VERSION, 0 } },";
	const source = [
		`\t{ xsHostModule2, NULL, 0, NULL, 0, NULL, 0, "time", ${version}`,
		`\t{ NULL, NULL, 0, (txS1*)gxCode9, 763, NULL, 0, "main", ${version}`,
		`\t{ xsHostModule14, NULL, 0, (txS1*)gxCode14, 249, NULL, 0, "embedded:io/x", ${version}`,
		`\t{ NULL, NULL, 0, NULL, 0, NULL, 0, "core/money", ${version}`,
	].join("\n");
	assert.deepEqual(readLinked(source), [
		{ name: "time", preloaded: true },
		{ name: "main", preloaded: false },
		{ name: "embedded:io/x", preloaded: false },
		{ name: "core/money", preloaded: true },
	]);
});

test("preload warnings are read with module, place and kind", () => {
	const said = [
		"# xsl modules",
		"### 582 instances, 892 keys, 68 colors, 0 holes",
		"### warning: modem/at-fields: equipmentError() errorTexts[0]: not frozen",
		"### warning: embedded:io/x: counter: no const",
	].join("\n");
	assert.deepEqual(readWarnings(said), [
		{ module: "modem/at-fields", what: "equipmentError() errorTexts[0]", kind: "not frozen" },
		{ module: "embedded:io/x", what: "counter", kind: "no const" },
	]);
});

test("the code of a compiled module is measured; other files measure 0", (t) => {
	const folder = mkdtempSync(join(tmpdir(), "holdfast-"));
	t.after(() => rmSync(folder, { recursive: true }));
	const atom = (tag: string, body: Buffer): Buffer => {
		const head = Buffer.alloc(8);
		head.writeUInt32BE(8 + body.length);
		head.write(tag, 4, "latin1");
		return Buffer.concat([head, body]);
	};
	const path = join(folder, "a.xsb");
	const inner = Buffer.concat([atom("VERS", Buffer.alloc(4)), atom("CODE", Buffer.alloc(77))]);
	writeFileSync(path, atom("XS_B", inner));
	assert.equal(codeBytesOf(path), 77);
	writeFileSync(path, Buffer.alloc(64));
	assert.equal(codeBytesOf(path), 0);
	assert.equal(codeBytesOf(join(folder, "none.xsb")), 0);
});

test("an engine that stopped is told from a program that ended", () => {
	const ended = (code: number, signal: NodeJS.Signals | null = null) =>
		endReason({ code, signal, output: "" });
	assert.equal(ended(0), undefined);
	assert.match(ended(101)!, /memory full/);
	assert.match(ended(102)!, /stack overflow/);
	assert.match(ended(105)!, /unhandled exception/);
	assert.match(ended(1, "SIGKILL")!, /no end in time/);
	assert.match(ended(1, "SIGSEGV")!, /SIGSEGV/);
});

test("every unit test runs on the SDK but those of the npm engine's platform", () => {
	const { files, skipped, modules } = findTestFiles("");
	assert.ok(files.includes("test/unit/core/money.test.ts"));
	assert.ok(files.includes("test/sdk/platform.test.ts"));
	assert.deepEqual(skipped, ["test/unit/platform/timers.test.ts"]);
	assert.equal(modules["test/unit/core/*"], "test/unit/core/*");
	assert.ok(!Object.keys(modules).some((key) => key.startsWith("test/unit/platform/")));
});

#!/usr/bin/env node
/**
 * The door to every command of the project. Plain JavaScript without dependencies, for it runs before
 * anything is installed: it installs what is missing, bundles simulator/bench/cli/<file>.ts and calls its
 * `main(args): Promise<number>`, whose result is the exit code.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");

/** Command → its file in simulator/bench/cli, without ".ts". */
const commands = Object.freeze({
	start: "start",
	test: "test",
	"xs-test": "xs-test",
	"bench-test": "bench-test",
	kills: "kills",
	sim: "sim",
	model: "model",
	acquirer: "acquirer",
	"moddable:test": "moddable-test",
	"moddable:esp32": "moddable-esp32",
	decode: "decode",
	encode: "encode",
	mac: "mac",
	keyblock: "keyblock",
	responses: "responses",
	tlv: "tlv",
	bench: "bench",
	journal: "journal",
});

const workerPath = join(
	root,
	"node_modules/@agoric/xsnap/xsnap-native/xsnap/build/bin/lin/release/xsnap-worker",
);

/** One clear line, exit code 2: bad usage, or a machine that cannot run us. */
function stop(message) {
	process.stderr.write(`holdfast: ${message}\n`);
	process.exit(2);
}

function readJson(path) {
	try {
		return JSON.parse(readFileSync(path, "utf8"));
	} catch {
		return undefined;
	}
}

/** npm writes node_modules/.package-lock.json when an install is over: it must agree with ours. */
function packagesComplete() {
	const installed = readJson(join(root, "node_modules/.package-lock.json"))?.packages;
	if (installed === undefined) return false;
	const wanted = readJson(join(root, "package-lock.json"))?.packages;
	if (wanted === undefined) return existsSync(join(root, "node_modules/esbuild/package.json"));
	return Object.entries(wanted).every(
		([path, entry]) =>
			path === "" || entry.optional === true || installed[path]?.version === entry.version,
	);
}

function found(program) {
	return spawnSync(program, ["--version"], { stdio: "ignore" }).status === 0;
}

/** npm's own output goes to stderr: stdout carries the command's data alone. */
function npm(args) {
	const quiet = ["--no-audit", "--no-fund", "--loglevel=error", "--no-update-notifier"];
	const outcome = spawnSync("npm", [...args, ...quiet], { cwd: root, stdio: ["ignore", 2, 2] });
	if (outcome.error !== undefined) stop(`npm cannot be run (${outcome.error.message})`);
	if (outcome.status !== 0) stop(`"npm ${args[0]}" failed; see above`);
}

function installMissing() {
	const packages = packagesComplete();
	if (packages && existsSync(workerPath)) return;
	if (!["gcc", "make"].every(found))
		stop(
			"gcc (10 or later) and make are needed to build the XS engine; on Debian or Ubuntu: apt-get install gcc make",
		);
	if (packages) {
		process.stderr.write("holdfast: building the XS engine, about a minute ...\n");
		npm(["rebuild", "@agoric/xsnap", "--ignore-scripts=false"]);
	} else {
		process.stderr.write("holdfast: installing packages and building the XS engine, 1-2 min ...\n");
		npm([existsSync(join(root, "package-lock.json")) ? "ci" : "install"]);
		// An npm that skips install scripts leaves the engine unbuilt.
		if (!existsSync(workerPath)) npm(["rebuild", "@agoric/xsnap", "--ignore-scripts=false"]);
	}
	if (!existsSync(workerPath)) stop(`the XS engine was not built: ${workerPath} is missing`);
}

/** Bundles the command's source; packages stay outside. @returns path of the bundle */
async function bundle(name, source) {
	const { build } = await import("esbuild");
	const directory = join(root, "build", "cli");
	mkdirSync(directory, { recursive: true });
	const outcome = await build({
		entryPoints: [source],
		absWorkingDir: root,
		bundle: true,
		write: false,
		packages: "external",
		platform: "node",
		format: "esm",
		target: "node20",
		sourcemap: "inline",
		sourcesContent: false,
		outfile: join(directory, `${name}.mjs`),
		logLevel: "error",
	}).catch(() => stop(`${name} does not compile; see above`));
	// Written whole and moved, so that two commands started at once do not read half a file.
	const path = join(directory, `${name}-${process.pid}.mjs`);
	writeFileSync(`${path}.tmp`, outcome.outputFiles[0].contents);
	renameSync(`${path}.tmp`, path);
	process.on("exit", () => rmSync(path, { force: true }));
	return path;
}

async function main() {
	const [command, ...args] = process.argv.slice(2);
	const names = Object.keys(commands).join(", ");
	if (["--help", "-h", "help"].includes(command)) {
		process.stdout.write(
			`holdfast COMMAND …; commands: ${names}\nREADME.md and docs/ describe them.\n`,
		);
		process.exit(0);
	}
	if (command === undefined) stop(`a command is needed: ${names}`);
	if (!Object.hasOwn(commands, command)) stop(`unknown command "${command}"; known: ${names}`);
	const [major, minor] = process.versions.node.split(".").map(Number);
	if (major < 20 || (major === 20 && minor < 19))
		stop(`Node 20.19 or later is needed, this is ${process.versions.node}`);
	const source = join(root, "simulator/bench/cli", `${commands[command]}.ts`);
	if (!existsSync(source)) stop(`"${command}" is not part of this version`);
	installMissing();
	process.setSourceMapsEnabled(true);
	const module = await import(pathToFileURL(await bundle(commands[command], source)).href);
	process.exit(await module.main(args));
}

await main();

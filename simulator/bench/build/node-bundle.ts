/** Bundles bench code (tests) for Node; packages stay outside. */
import { build } from "esbuild";
import { join } from "node:path";
import { root } from "./root";

/**
 * Bundles a TypeScript file into build/node, from where packages and the project's folder are found.
 * @param file path below the project's folder. @returns path of the bundle
 * @throws Error with esbuild's messages when it does not compile
 */
export async function bundleForNode(file: string): Promise<string> {
	const name = file.replace(/\.ts$/, "").replaceAll("/", "-");
	const outfile = join(root, "build", "node", `${name}-${process.pid}.mjs`);
	await build({
		entryPoints: [join(root, file)],
		absWorkingDir: root,
		bundle: true,
		packages: "external",
		platform: "node",
		format: "esm",
		target: "node20",
		sourcemap: "inline",
		sourcesContent: false,
		outfile,
		logLevel: "silent",
	});
	return outfile;
}

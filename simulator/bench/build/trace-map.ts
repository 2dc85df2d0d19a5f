import { SourceMap, type SourceMapPayload } from "node:module";

/** Puts source places behind the lines of the bundle that a text names. */
export type TraceMapper = (text: string) => string;

/** @param mapJson source map of the bundle. @returns a function that turns "bundle.js:120" into "modules/…:12" */
export function traceMapper(mapJson: string): TraceMapper {
	const map = new SourceMap(JSON.parse(mapJson) as SourceMapPayload);
	return (text) =>
		text.replace(/\(?bundle\.js:(\d+)\)?/g, (whole, line: string) => {
			const entry = map.findEntry(Number(line) - 1, 1000);
			if (!("originalSource" in entry)) return whole;
			return `(${entry.originalSource.replace(/^(\.\.\/)+/, "")}:${entry.originalLine + 1})`;
		});
}

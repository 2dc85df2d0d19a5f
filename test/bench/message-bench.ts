/**
 * How fast messages are packed and unpacked: on Node by time, on XS by `compute`, which is the same on every machine.
 */
import { Engine } from "../../simulator/bench/board/engine";
import { bundleForXs } from "../../simulator/bench/build/firmware";
import { MessageReader } from "message/reader";
import { MessageWriter } from "message/writer";
import { layouts, packRequestReady, replyBytes, unpackReply } from "../unit/message/samples";

/** Limits of the project for `compute` per message. */
export const computeLimits = Object.freeze({ pack: 4000, unpack: 3200 });

/** Messages per second of the 237-byte 0200 (pack) and the 122-byte 0210 (unpack). */
export interface MessageRates {
	readonly packPerSecond: number;
	readonly unpackPerSecond: number;
}

export interface MessageBench {
	readonly node: MessageRates;
	readonly xs: MessageRates & {
		readonly packCompute: number;
		readonly unpackCompute: number;
	};
}

/** Runs for about three seconds. */
export async function benchMessage(): Promise<MessageBench> {
	return { node: benchNode(), xs: await benchXs() };
}

/** Median of five runs after a warm-up. */
export function benchNode(runMs = 150): MessageRates {
	const writer = new MessageWriter(layouts);
	const reader = new MessageReader(layouts);
	let stan = 0;
	const pack = () => {
		stan = (stan % 999_999) + 1;
		if (packRequestReady(writer, stan).length !== 237) throw new Error("pack went wrong");
	};
	const unpack = () => {
		if (!unpackReply(reader, replyBytes)) throw new Error("unpack went wrong");
	};
	return { packPerSecond: rate(pack, runMs), unpackPerSecond: rate(unpack, runMs) };
}

function rate(action: () => void, runMs: number): number {
	const runs: number[] = [];
	for (let run = 0; run < 6; run++) {
		const start = performance.now();
		let count = 0;
		let elapsedMs: number;
		do {
			for (let i = 0; i < 1000; i++) action();
			count += 1000;
			elapsedMs = performance.now() - start;
		} while (elapsedMs < runMs);
		if (run > 0) runs.push((count / elapsedMs) * 1000);
	}
	runs.sort((a, b) => a - b);
	return Math.round(runs[2]!);
}

const xsSource = `
import { MessageReader } from "message/reader";
import { MessageWriter } from "message/writer";
import { layouts, packRequestReady, replyBytes, unpackReply } from "./test/unit/message/samples";
const writer = new MessageWriter(layouts);
const reader = new MessageReader(layouts);
globalThis.idle = (count) => { for (let i = 0; i < count; i++); };
globalThis.pack = (count) => {
	for (let i = 0; i < count; i++) if (packRequestReady(writer, i).length !== 237) throw new Error("pack");
};
globalThis.unpack = (count) => {
	for (let i = 0; i < count; i++) if (!unpackReply(reader, replyBytes)) throw new Error("unpack");
};
`;

/** The cost of the loop around each message is taken off. */
export async function benchXs(count = 5000): Promise<MessageBench["xs"]> {
	const { code } = await bundleForXs({ source: xsSource, name: "message-bench-entry" });
	const engine = new Engine({ onCommand: () => new Uint8Array(0) });
	try {
		await engine.evaluate(code);
		const measure = async (name: string) => {
			const start = performance.now();
			const { compute } = await engine.evaluate(`${name}(${count}); new ArrayBuffer(0)`);
			return { compute, milliseconds: performance.now() - start };
		};
		const idle = await measure("idle");
		const pack = await measure("pack");
		const unpack = await measure("unpack");
		const perMessage = (compute: number) => Math.round((compute - idle.compute) / count);
		return {
			packCompute: perMessage(pack.compute),
			unpackCompute: perMessage(unpack.compute),
			packPerSecond: Math.round((count / pack.milliseconds) * 1000),
			unpackPerSecond: Math.round((count / unpack.milliseconds) * 1000),
		};
	} finally {
		engine.kill();
	}
}

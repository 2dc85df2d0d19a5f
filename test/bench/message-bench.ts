/**
 * How fast messages are packed and unpacked: on Node by processor time, on XS by `compute`, which is the same on every machine.
 */
import { Engine } from "../../simulator/bench/board/engine";
import { bundleForXs } from "../../simulator/bench/build/firmware";
import { MessageReader } from "message/reader";
import { unionpay } from "message/unionpay";
import { MessageWriter } from "message/writer";
import { unionpayMessages } from "../fixtures/messages";
import { peerPack, peerReply, peerUnpack } from "./iso-8583-peer";
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
	/** Unpacks replies of several kinds in turn, each with the bitmap of its kind. */
	readonly mixedUnpackPerSecond: number;
	/** npm iso_8583 in the same run. It packs the same content in ASCII, into 415 and 181 bytes. */
	readonly peer: MessageRates;
	/** How many times as fast as the peer. */
	readonly times: { readonly pack: number; readonly unpack: number };
	readonly xs: MessageRates & {
		readonly packCompute: number;
		readonly unpackCompute: number;
	};
}

/** Runs for about five seconds. */
export async function benchMessage(): Promise<MessageBench> {
	const { node, mixedUnpackPerSecond, peer } = benchNode();
	const tenths = (value: number) => Math.round(value * 10) / 10;
	const times = {
		pack: tenths(node.packPerSecond / peer.packPerSecond),
		unpack: tenths(node.unpackPerSecond / peer.unpackPerSecond),
	};
	return { node, mixedUnpackPerSecond, peer, times, xs: await benchXs() };
}

/** Medians of seven rounds after a warm-up; in each round every candidate has its turn. */
export function benchNode(
	runMs = 150,
): Pick<MessageBench, "node" | "mixedUnpackPerSecond" | "peer"> {
	const writer = new MessageWriter(layouts);
	const reader = new MessageReader(layouts);
	const mixedReader = new MessageReader(unionpay);
	const replies = unionpayMessages
		.filter(({ mti, fields }) => mti[2] !== "0" && mti[2] !== "2" && fields.includes("|39:"))
		.map(({ hex }) => Uint8Array.from(Buffer.from(hex, "hex")));
	let stan = 0;
	const next = () => (stan = (stan % 999_999) + 1);
	const rates = medianRates(
		[
			(count) => {
				for (let i = 0; i < count; i++) must(packRequestReady(writer, next()).length === 237);
			},
			(count) => {
				for (let i = 0; i < count; i++) must(unpackReply(reader, replyBytes));
			},
			(count) => {
				for (let i = 0; i < count; i++) must(peerPack(next()).length === 415);
			},
			(count) => {
				for (let i = 0; i < count; i++) must(peerUnpack(peerReply));
			},
			(count) => {
				for (let i = 0; i < count; i++) {
					mixedReader.parse(replies[i % replies.length]!);
					must(mixedReader.text(39).length === 2);
				}
			},
		],
		runMs,
	);
	return {
		node: { packPerSecond: rates[0]!, unpackPerSecond: rates[1]! },
		peer: { packPerSecond: rates[2]!, unpackPerSecond: rates[3]! },
		mixedUnpackPerSecond: rates[4]!,
	};
}

function must(good: boolean): void {
	if (!good) throw new Error("a message went wrong");
}

/** Works off as many messages as it is told. */
type Candidate = (count: number) => void;

function medianRates(candidates: readonly Candidate[], runMs: number): number[] {
	const rounds = Array.from({ length: 8 }, () => candidates.map((work) => rate(work, runMs)));
	return candidates.map((_, i) => {
		const rates = rounds.slice(1).map((round) => round[i]!);
		return rates.sort((a, b) => a - b)[rates.length >> 1]!;
	});
}

/** Per second of this process's own time: what else the machine does in between does not count. */
function rate(work: Candidate, runMs: number): number {
	const start = performance.now();
	const used = process.cpuUsage();
	let count = 0;
	do {
		work(500);
		count += 500;
	} while (performance.now() - start < runMs);
	const { user, system } = process.cpuUsage(used);
	return Math.round((count / (user + system)) * 1_000_000);
}

const xsSource = `
import { MessageReader } from "message/reader";
import { MessageWriter } from "message/writer";
import { peerPack, peerReply, peerUnpack } from "./iso-8583-peer";
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

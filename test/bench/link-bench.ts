/**
 * The host link over a line of 120 ms round trip, on real sockets, against a real broker and the acquirer of the bench: what a
 * sale costs in bytes and round trips, and how fast stored sales drain.
 */
import { randomBytes } from "node:crypto";
import { LinkState, type HostLink, type HostOutcome } from "host/link";
import { Acquirer } from "../../simulator/bench/acquirer/acquirer";
import { Broker } from "../../simulator/bench/broker/broker";
import { Authority } from "../../simulator/bench/certificates";
import { DelayedLine } from "./delayed-line";
import { needsMosquitto, startMosquitto } from "./mosquitto-support";
import {
	liveLink,
	merchantId,
	outcomeOf,
	storedSale,
	terminalId,
	transaction,
} from "./mqtt-link-support";
import { until } from "./mqtt-support";

const roundTripMs = 120;
const window = 8;
const drained = 500;
const sales = 20;
/** 115200 8N1. */
const lineBytesPerSecond = 11_520;
/** AT+QISEND, its prompt and its answer; +QIURC and AT+QIRD on the way back. */
const commandBytes = 60;

/** Where it should be; a report, not a check. */
export const goals = Object.freeze({
	saleBytesBeyond: 40,
	reversalBytesBeyond: 55,
	saleRoundTrips: 1.1,
	drainPercentOfWindow: 90,
	drainPercentOfLine: 95,
});

export interface BrokerFigures {
	/** Bytes of MQTT beyond the ISO 8583 messages themselves, with an attempt of four digits. */
	readonly saleBytesBeyond: number;
	readonly reversalBytesBeyond: number;
	/** ISO 8583 of one sale, request and reply. */
	readonly saleIsoBytes: number;
	/** Median of 20 sales over the open connection. */
	readonly saleMs: number;
	readonly saleRoundTrips: number;
	/** 500 stored sales, 8 in flight. */
	readonly drainSeconds: number;
	readonly drainPerSecond: number;
	/** Of window ÷ round trip. */
	readonly drainPercentOfWindow: number;
	/** The same over a line of 115200 baud, with 60 bytes of AT commands around each packet. */
	readonly lineDrainSeconds: number;
	readonly lineDrainPerSecond: number;
	/** Share of the time in which the busier way of the line was busy. */
	readonly drainPercentOfLine: number;
}

export interface LinkBench {
	readonly roundTripMs: number;
	readonly window: number;
	readonly aedes: BrokerFigures;
	/** mosquitto with the listener of docs/mqtt-and-host-link.md, or why not. */
	readonly mosquitto: BrokerFigures | string;
}

/** Runs for about a minute. */
export async function benchLink(): Promise<LinkBench> {
	const broker = new Broker({});
	await broker.start();
	const aedes = await measure(broker.port, "");
	await broker.stop();
	return { roundTripMs, window, aedes, mosquitto: await benchMosquitto() };
}

async function benchMosquitto(): Promise<BrokerFigures | string> {
	const { skip } = needsMosquitto;
	if (skip !== false) return String(skip);
	const users = { acquirer: "host-secret", [terminalId]: "secret" };
	const identity = new Authority("bench CA").issue(["localhost"]);
	const broker = await startMosquitto(users, identity);
	try {
		return await measure(broker.port, "acquirer:host-secret@");
	} finally {
		await broker.stop();
	}
}

/** @param credentials of the host, "user:password@" or "" */
async function measure(port: number, credentials: string): Promise<BrokerFigures> {
	const tmk = randomBytes(16);
	const acquirer = new Acquirer({
		mqttUrl: `mqtt://${credentials}127.0.0.1:${port}`,
		terminals: [{ id: terminalId, merchantId, tmk }],
	});
	await acquirer.start();
	try {
		const open = await withLink(port, tmk, {}, async (link, line) => ({
			...(await measureSales(link, line)),
			...(await measureDrain(link)),
		}));
		const paced = { bytesPerSecond: lineBytesPerSecond, packetBytes: commandBytes };
		const slow = await withLink(port, tmk, paced, measureLineDrain);
		return { ...open, ...slow };
	} finally {
		await acquirer.stop();
	}
}

async function withLink<T>(
	port: number,
	tmk: Uint8Array,
	pace: { readonly bytesPerSecond?: number; readonly packetBytes?: number },
	run: (link: HostLink, line: DelayedLine) => Promise<T>,
): Promise<T> {
	const line = await DelayedLine.open({ port, roundTripMs, ...pace });
	let attempt = 0xf000;
	const limits = { firstEchoMs: 3_600_000 };
	const { link } = liveLink({
		port: line.port,
		tmk,
		password: "secret",
		more: { limits, nextAttempt: () => ++attempt },
	});
	try {
		await until(() => link.state === LinkState.Up, 20_000);
		return await run(link, line);
	} finally {
		link.close();
		await line.close();
	}
}

/** Bytes that have passed a line, both ways. */
function bytesOf({ up, down }: DelayedLine): number {
	return (up?.bytes ?? 0) + (down?.bytes ?? 0);
}

async function measureSales(link: HostLink, line: DelayedLine) {
	const times: number[] = [];
	let beyond = { sale: 0, reversal: 0, iso: 0 };
	for (let n = 0; n < sales; n++) {
		const sale = transaction(link);
		const first = await counted(line, () => outcomeOf(link, "request", sale));
		const second = await counted(line, () => outcomeOf(link, "reversal", sale));
		times.push(first.ms);
		beyond = {
			sale: Math.max(beyond.sale, first.bytes - first.isoBytes),
			reversal: Math.max(beyond.reversal, second.bytes - second.isoBytes),
			iso: first.isoBytes,
		};
	}
	const saleMs = median(times);
	return {
		saleBytesBeyond: beyond.sale,
		reversalBytesBeyond: beyond.reversal,
		saleIsoBytes: beyond.iso,
		saleMs: tenths(saleMs),
		saleRoundTrips: hundredths(saleMs / roundTripMs),
	};
}

/** One exchange: its time, all bytes on the line until it is quiet again, and those of the two messages. */
async function counted(line: DelayedLine, run: () => Promise<HostOutcome>) {
	const before = bytesOf(line);
	const isoBefore = isoBytes(line);
	const fromMs = performance.now();
	const outcome = await run();
	const ms = performance.now() - fromMs;
	if (outcome.kind !== "reply" || outcome.responseCode !== "00")
		throw new Error(`not approved: ${JSON.stringify(outcome)}`);
	// The last acknowledgement is still under way.
	await new Promise((resolve) => setTimeout(resolve, 2 * roundTripMs));
	return { ms, bytes: bytesOf(line) - before, isoBytes: isoBytes(line) - isoBefore };
}

function isoBytes({ up, down }: DelayedLine): number {
	return (up?.payloadBytes ?? 0) + (down?.payloadBytes ?? 0);
}

async function measureDrain(link: HostLink) {
	const seconds = await drain(link);
	const perSecond = drained / seconds;
	const limit = window / (roundTripMs / 1000);
	return {
		drainSeconds: hundredths(seconds),
		drainPerSecond: tenths(perSecond),
		drainPercentOfWindow: tenths((100 * perSecond) / limit),
	};
}

async function measureLineDrain(link: HostLink, line: DelayedLine) {
	const before = { up: line.up?.busyMs ?? 0, down: line.down?.busyMs ?? 0 };
	const seconds = await drain(link);
	const upMs = (line.up?.busyMs ?? 0) - before.up;
	const downMs = (line.down?.busyMs ?? 0) - before.down;
	return {
		lineDrainSeconds: hundredths(seconds),
		lineDrainPerSecond: tenths(drained / seconds),
		drainPercentOfLine: tenths((100 * Math.max(upMs, downMs)) / (1000 * seconds)),
	};
}

/** Sends stored sales, `window` at a time, until all are answered. @returns seconds */
async function drain(link: HostLink): Promise<number> {
	const fromMs = performance.now();
	await new Promise<void>((resolve, reject) => {
		let sent = 0;
		let answered = 0;
		const next = (): void => {
			while (sent < drained && link.inFlight < window && link.room > 0) {
				const number = link.exchange(storedSale(link), (outcome) => {
					const good = outcome.kind === "reply" && outcome.responseCode === "00";
					if (!good) reject(new Error(JSON.stringify(outcome)));
					if (++answered === drained) resolve();
					// As the queue does it: the next step comes from a turn of its own.
					else setImmediate(next);
				});
				if (number === 0) break;
				sent++;
			}
		};
		next();
	});
	return (performance.now() - fromMs) / 1000;
}

function median(values: readonly number[]): number {
	return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

function tenths(value: number): number {
	return Math.round(value * 10) / 10;
}

function hundredths(value: number): number {
	return Math.round(value * 100) / 100;
}

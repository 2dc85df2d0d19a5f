import { concatBytes } from "core/bytes";
import { readNotice } from "notices/content";
import { equal, ok, test } from "test/harness";
import { about, held, paid, tlv, version } from "./samples";

test("settlement: a batch that is paid, net and fees, with its reference", () => {
	equal(readNotice(901, paid), {
		kind: "settlement",
		funding: {
			batch: 12,
			stan: 0,
			status: 1,
			date: 20_261_124,
			reason: 0,
			netMinor: 1_230_000,
			feesMinor: 4567,
			reference: "REF 12",
		},
	});
});

test("settlement: held and returned with a reason, or about one transaction", () => {
	const funding = (content: Uint8Array): readonly unknown[] => {
		const notice = readNotice(901, content);
		if (typeof notice === "string" || notice.kind !== "settlement") return [notice];
		const { batch, stan, status, reason, netMinor } = notice.funding;
		return [batch, stan, status, reason, netMinor];
	};
	equal(funding(held("000012", "0105")), [12, 0, 2, 105, -1]);
	equal(funding(held("999999", "0202", "03")), [999_999, 0, 3, 202, -1]);
	equal(funding(about("000012", "000077", "02")), [12, 77, 2, 0, -1]);
});

test("maintenance: windows in UTC, or none", () => {
	// 2026-11-25 18:00 to 22:30.
	const window = "01" + "202611251800" + "202611252230";
	equal(readNotice(902, tlv(version, [0xd1, window])), {
		kind: "maintenance",
		windows: [{ of: 1, fromMs: 1_795_629_600_000, toMs: 1_795_645_800_000 }],
	});
	equal(readNotice(902, tlv(version)), { kind: "maintenance", windows: [] });
});

test("calendar: one year, a bit a day", () => {
	const days = "ff".repeat(45) + "f8";
	const notice = readNotice(903, tlv(version, [0xd3, "2026"], [0xd4, days]));
	ok(typeof notice !== "string" && notice.kind === "calendar" && notice.year.year === 2026);
	// The 366th bit: there is no such day in 2026, but in 2028.
	const tooMany = "ff".repeat(45) + "fc";
	equal(readNotice(903, tlv(version, [0xd3, "2026"], [0xd4, tooMany])), "13");
	ok(typeof readNotice(903, tlv(version, [0xd3, "2028"], [0xd4, tooMany])) !== "string");
});

test("parameters: changes, and a reset before them", () => {
	equal(readNotice(904, tlv(version, [0xd5, "0100009c40"], [0xd5, "0500000005"])), {
		kind: "parameters",
		reset: false,
		changes: [
			[1, 40_000],
			[5, 5],
		],
	});
	equal(readNotice(904, tlv(version, [0xd6, ""])), {
		kind: "parameters",
		reset: true,
		changes: [],
	});
});

test("fees, and the order to sign on", () => {
	equal(readNotice(905, tlv(version, [0xd7, "01003200000708"], [0xd7, "02003c00000000"])), {
		kind: "fees",
		fees: [
			{ card: 1, rate: 50, capMinor: 1800 },
			{ card: 2, rate: 60, capMinor: 0 },
		],
	});
	equal(readNotice(906, tlv(version)), { kind: "sign-on" });
});

test("what cannot be read is refused with 30", () => {
	const bad: readonly (readonly [number, Uint8Array])[] = [
		[901, new Uint8Array(0)],
		[901, tlv([0xc1, "000012"])],
		[901, tlv([0xc0, "0101"], [0xc1, "000012"], [0xc3, "01"], [0xc4, "20261124"])],
		[901, tlv(version, version, [0xc1, "000012"], [0xc3, "01"], [0xc4, "20261124"])],
		[901, tlv(version, [0xc1, "00001a"], [0xc3, "01"], [0xc4, "20261124"])],
		[901, tlv(version, [0xc1, "0012"], [0xc3, "01"], [0xc4, "20261124"])],
		[901, tlv(version, [0xc3, "01"], [0xc4, "20261124"])],
		[901, concatBytes(paid, tlv([0xc1, "000013"]))],
		[901, concatBytes(paid, tlv([0xcf, "00"]))],
		[901, paid.subarray(0, paid.length - 1)],
		[901, tlv(version, [0xc1, "000012"], [0xc3, "01"], [0xc4, "20261124"], [0xc8, "0a"])],
		[901, tlv(version, [0xc1, "000012"], [0xc3, "01"], [0xc4, "20261124"], [0xc8, ""])],
		[902, tlv(version, [0xd1, "01202611251800"])],
		[902, tlv(version, ...Array.from({ length: 9 }, () => [0xd1, "00".repeat(13)] as const))],
		[903, tlv(version, [0xd3, "2026"])],
		[903, tlv(version, [0xd3, "2026"], [0xd4, "ff"])],
		[904, tlv(version, [0xd5, "01000000"])],
		[904, tlv(version, [0xd5, "0100009c40"], [0xd5, "0100009c40"])],
		[904, tlv(version, [0xd6, "00"])],
		[905, tlv(version, [0xd7, "01003200000708"], [0xd7, "01003200000708"])],
		[906, tlv(version, [0xd6, ""])],
		[901, new Uint8Array(256)],
	];
	bad.forEach(([kind, content], index) => equal(readNotice(kind, content), "30", `${index}`));
});

test("another version or kind is refused with 40", () => {
	equal(readNotice(901, concatBytes(tlv([0xc0, "02"]), paid.subarray(3))), "40");
	for (const kind of [900, 907, 951, 0]) equal(readNotice(kind, paid), "40");
});

test("a value out of its range is refused with 13", () => {
	const base = [version, [0xc1, "000012"]] as const;
	const bad: readonly (readonly [number, Uint8Array])[] = [
		[901, tlv(...base, [0xc3, "00"], [0xc4, "20261124"])],
		[901, tlv(...base, [0xc3, "04"], [0xc4, "20261124"])],
		[901, tlv(...base, [0xc3, "01"], [0xc4, "20260229"])],
		[901, tlv(...base, [0xc3, "01"], [0xc4, "20231231"])],
		[901, tlv(...base, [0xc3, "01"], [0xc4, "20261301"])],
		[901, tlv(...base, [0xc2, "000000"], [0xc3, "01"], [0xc4, "20261124"])],
		[901, tlv(version, [0xc1, "000000"], [0xc3, "01"], [0xc4, "20261124"])],
		[902, tlv(version, [0xd1, "03" + "202611251800" + "202611252230"])],
		[902, tlv(version, [0xd1, "01" + "202611252230" + "202611251800"])],
		[902, tlv(version, [0xd1, "01" + "202611251800" + "202612031800"])],
		[902, tlv(version, [0xd1, "01" + "202611252400" + "202611252430"])],
		[903, tlv(version, [0xd3, "2100"], [0xd4, "00".repeat(46)])],
		// Parameter 1 is 20,000 to 90,000 ms; there is no 0 and no 99.
		[904, tlv(version, [0xd5, "0100004e1f"])],
		[904, tlv(version, [0xd5, "0100015f91"])],
		[904, tlv(version, [0xd5, "0000000001"])],
		[904, tlv(version, [0xd5, "6300000001"])],
		[904, tlv(version, [0xd5, "0500000005"], [0xd5, "0200000002"])],
		[905, tlv(version, [0xd7, "0503e800000000"])],
		[905, tlv(version, [0xd7, "0103e900000000"])],
	];
	bad.forEach(([kind, content], index) => equal(readNotice(kind, content), "13", `${index}`));
});

import { FieldType, fixed, lllvar, llvar, makeDialect, type Dialect } from "message/dialect";

const { Digits, Track, Alphanumeric, Special, Binary } = FieldType;

/**
 * The UnionPay terminal dialect (docs/host-protocol.md). The clear card fields 2, 14, 35, 36, 45 and 52 are
 * here because the dialect has them; the firmware never fills them (G4).
 */
export const unionpay: Dialect = makeDialect("unionpay", 2048, {
	2: llvar(Digits, 19), // PAN, never sent
	3: fixed(Digits, 6), // processing code
	4: fixed(Digits, 12), // amount, minor units
	7: fixed(Digits, 10), // transmission time, UTC
	11: fixed(Digits, 6), // STAN
	12: fixed(Digits, 6), // local time
	13: fixed(Digits, 4), // local date
	14: fixed(Digits, 4), // expiry, never sent
	15: fixed(Digits, 4), // settlement date
	22: fixed(Digits, 3), // entry mode
	23: fixed(Digits, 3, true), // PAN sequence number
	25: fixed(Digits, 2), // condition code
	26: fixed(Digits, 2), // PIN capture code
	32: llvar(Digits, 11), // acquirer
	35: llvar(Track, 37), // track 2, never sent
	36: lllvar(Track, 104), // track 3, never sent
	37: fixed(Alphanumeric, 12), // RRN
	38: fixed(Alphanumeric, 6), // authorisation code
	39: fixed(Alphanumeric, 2), // response code, reversal reason
	41: fixed(Special, 8), // terminal
	42: fixed(Special, 15), // merchant
	44: llvar(Special, 25), // additional response data
	45: llvar(Special, 76), // track 1, never sent
	48: lllvar(Digits, 322), // settlement totals, batch upload, tip
	49: fixed(Alphanumeric, 3), // currency
	52: fixed(Binary, 8), // PIN block, never sent
	53: fixed(Digits, 16), // security control
	54: lllvar(Alphanumeric, 20), // balance
	55: lllvar(Binary, 255), // EMV objects
	57: lllvar(Binary, 255), // encrypted card data
	58: lllvar(Special, 100), // purse data
	59: lllvar(Special, 600), // terminal information
	60: lllvar(Digits, 30), // type, batch, network code, capability
	61: lllvar(Digits, 29), // batch, STAN and date of the original
	62: lllvar(Binary, 512), // key block, parameters
	63: lllvar(Special, 163), // operator, texts
	64: fixed(Binary, 8), // MAC
});

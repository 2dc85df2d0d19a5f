import {
	FieldType,
	fixed,
	lllvar,
	llvar,
	makeDialect,
	type Dialect,
	type FieldFormat,
} from "message/dialect";

const { Digits, Track, Alphanumeric, Special, Binary } = FieldType;

/** Longest message, bytes without carrier framing. */
const byteLimit = 2048;

/**
 * ISO 8583:1987, table of data elements. "x + n" (a sign C or D in front of digits) is an. 55 is what acquirers use it for,
 * EMV objects. The clear card fields 2, 14, 34, 35, 36, 45 and 52 are here because the standard has them; the firmware
 * never fills them (G4).
 */
const rows: Readonly<Record<number, FieldFormat>> = {
	2: llvar(Digits, 19), // PAN, never sent
	3: fixed(Digits, 6), // processing code
	4: fixed(Digits, 12), // amount, transaction, minor units
	5: fixed(Digits, 12), // amount, settlement
	6: fixed(Digits, 12), // amount, cardholder billing
	7: fixed(Digits, 10), // transmission time MMDDhhmmss, UTC
	8: fixed(Digits, 8),
	9: fixed(Digits, 8), // conversion rates
	10: fixed(Digits, 8),
	11: fixed(Digits, 6), // STAN
	12: fixed(Digits, 6), // local time
	13: fixed(Digits, 4), // local date
	14: fixed(Digits, 4), // expiry, never sent
	15: fixed(Digits, 4), // settlement date
	16: fixed(Digits, 4),
	17: fixed(Digits, 4), // capture date
	18: fixed(Digits, 4), // merchant type
	19: fixed(Digits, 3), // countries of acquirer, PAN, forwarder
	20: fixed(Digits, 3),
	21: fixed(Digits, 3),
	22: fixed(Digits, 3), // entry mode
	23: fixed(Digits, 3), // PAN sequence number
	24: fixed(Digits, 3), // network identifier
	25: fixed(Digits, 2), // condition code
	26: fixed(Digits, 2), // PIN capture code
	27: fixed(Digits, 1),
	28: fixed(Alphanumeric, 9), // fees, x + n8
	29: fixed(Alphanumeric, 9),
	30: fixed(Alphanumeric, 9),
	31: fixed(Alphanumeric, 9),
	32: llvar(Digits, 11), // acquirer
	33: llvar(Digits, 11), // forwarder
	34: llvar(Special, 28), // PAN extended, never sent
	35: llvar(Track, 37), // track 2, never sent
	36: lllvar(Track, 104), // track 3, never sent
	37: fixed(Alphanumeric, 12), // RRN
	38: fixed(Alphanumeric, 6), // authorisation code
	39: fixed(Alphanumeric, 2), // response code, reversal reason
	40: fixed(Alphanumeric, 3), // service restriction code
	41: fixed(Special, 8), // terminal
	42: fixed(Special, 15), // merchant
	43: fixed(Special, 40), // name and place of the merchant
	44: llvar(Special, 25), // additional response data
	45: llvar(Special, 76), // track 1, never sent
	46: lllvar(Special, 999),
	47: lllvar(Special, 999),
	48: lllvar(Special, 999), // additional data
	49: fixed(Alphanumeric, 3), // currencies: transaction, settlement, billing
	50: fixed(Alphanumeric, 3),
	51: fixed(Alphanumeric, 3),
	52: fixed(Binary, 8), // PIN block, never sent
	53: fixed(Digits, 16), // security control
	54: lllvar(Alphanumeric, 120), // additional amounts
	55: lllvar(Binary, 255), // EMV objects
	56: lllvar(Special, 999),
	57: lllvar(Binary, 255), // encrypted card data, as in the UnionPay dialect
	58: lllvar(Special, 999),
	59: lllvar(Special, 999),
	60: lllvar(Special, 999),
	61: lllvar(Special, 999),
	62: lllvar(Special, 999),
	63: lllvar(Special, 999),
	64: fixed(Binary, 8), // MAC
	66: fixed(Digits, 1), // settlement code
	67: fixed(Digits, 2),
	68: fixed(Digits, 3),
	69: fixed(Digits, 3),
	70: fixed(Digits, 3), // network management code
	71: fixed(Digits, 4),
	72: fixed(Digits, 4),
	73: fixed(Digits, 6), // date of action
	74: fixed(Digits, 10), // counts: credits, their reversals, debits, their reversals
	75: fixed(Digits, 10),
	76: fixed(Digits, 10),
	77: fixed(Digits, 10),
	78: fixed(Digits, 10),
	79: fixed(Digits, 10),
	80: fixed(Digits, 10),
	81: fixed(Digits, 10),
	82: fixed(Digits, 12),
	83: fixed(Digits, 12),
	84: fixed(Digits, 12),
	85: fixed(Digits, 12),
	86: fixed(Digits, 16), // amounts: credits, their reversals, debits, their reversals
	87: fixed(Digits, 16),
	88: fixed(Digits, 16),
	89: fixed(Digits, 16),
	90: fixed(Digits, 42), // original data elements
	91: fixed(Alphanumeric, 1),
	92: fixed(Alphanumeric, 2),
	93: fixed(Alphanumeric, 5),
	94: fixed(Alphanumeric, 7),
	95: fixed(Alphanumeric, 42), // replacement amounts
	96: fixed(Binary, 8), // message security code
	97: fixed(Alphanumeric, 17), // net settlement amount, x + n16
	98: fixed(Special, 25),
	99: llvar(Digits, 11),
	100: llvar(Digits, 11), // receiver
	101: llvar(Special, 17),
	102: llvar(Special, 28), // accounts
	103: llvar(Special, 28),
	104: lllvar(Special, 100),
	...reserved(105, 127),
	128: fixed(Binary, 8), // MAC of a message with two bitmaps
};

/**
 * ISO 8583:1987 in characters throughout: MTI, digits and lengths in ASCII, bitmaps and b fields in hex. A repeated
 * message says so in its MTI.
 */
export const iso87: Dialect = makeDialect("iso87", byteLimit, inAscii(rows, true), undefined, {
	asciiMti: true,
	hexBitmap: true,
	repeatMti: true,
	mac: "x9.19",
});

/** The same with bitmaps and b fields as bytes. */
export const iso87Binary: Dialect = makeDialect(
	"iso87-binary",
	byteLimit,
	inAscii(rows, false),
	undefined,
	{ asciiMti: true, repeatMti: true, mac: "x9.19" },
);

function reserved(first: number, last: number): Record<number, FieldFormat> {
	const found: Record<number, FieldFormat> = {};
	for (let field = first; field <= last; field++) found[field] = lllvar(Special, 999);
	return found;
}

/** The rows with digits and lengths in ASCII. @param hex b fields as hex */
function inAscii(
	packed: Readonly<Record<number, FieldFormat>>,
	hex: boolean,
): Record<number, FieldFormat> {
	const found: Record<number, FieldFormat> = {};
	for (const [field, format] of Object.entries(packed))
		found[Number(field)] = {
			...format,
			asciiContent: hex || format.type !== Binary,
			asciiPrefix: true,
		};
	return found;
}

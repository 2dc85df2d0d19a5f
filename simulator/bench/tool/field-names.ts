/** Names of the fields of ISO 8583:1987 as they are used at terminals. */
export const fieldNames: Readonly<Record<number, string>> = Object.freeze({
	2: "PAN",
	3: "processing code",
	4: "amount",
	5: "amount, settlement",
	6: "amount, billing",
	7: "transmission time",
	11: "STAN",
	12: "local time",
	13: "local date",
	14: "expiry",
	15: "settlement date",
	18: "merchant type",
	22: "entry mode",
	23: "PAN sequence",
	24: "network",
	25: "condition",
	26: "PIN capture",
	32: "acquirer",
	33: "forwarder",
	35: "track 2",
	36: "track 3",
	37: "RRN",
	38: "authorisation code",
	39: "response code",
	41: "terminal",
	42: "merchant",
	43: "merchant name",
	44: "additional response",
	45: "track 1",
	48: "additional data",
	49: "currency",
	52: "PIN block",
	53: "security control",
	54: "amounts",
	55: "EMV objects",
	57: "encrypted card data",
	60: "type and batch",
	61: "original",
	62: "keys, parameters",
	63: "operator, text",
	64: "MAC",
	70: "network management",
	90: "original elements",
	95: "replacement amounts",
	100: "receiver",
	102: "account 1",
	103: "account 2",
	128: "MAC",
});

const purposes: Readonly<Record<string, string>> = Object.freeze({
	"1": "authorisation",
	"2": "financial",
	"3": "batch upload",
	"4": "reversal",
	"5": "settlement",
	"6": "administrative",
	"8": "network management",
	"9": "reserved",
});
const functions: Readonly<Record<string, string>> = Object.freeze({
	"0": "request",
	"1": "reply",
	"2": "advice",
	"3": "reply to an advice",
	"4": "notification",
});

/** Words for an MTI: "financial request", "reversal request, repeat". @param mti four digits */
export function mtiName(mti: string): string {
	const words = [purposes[mti[1] ?? ""], functions[mti[2] ?? ""]].filter(
		(word) => word !== undefined,
	);
	return words.join(" ") + (["1", "3", "5"].includes(mti[3] ?? "") ? ", repeat" : "");
}

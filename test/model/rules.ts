/**
 * The rules that make one swipe have one fate. Each can be switched off, to see what it prevents.
 * Those of the terminal are in the firmware; those of the host are promises of docs/host-protocol.md.
 */
const texts = {
	"durable-before-send": [
		"terminal",
		"Sending is on flash before the first byte leaves",
		"the request leaves first, the record follows",
	],
	"durable-before-shown": [
		"terminal",
		"Approved is on flash before it is shown or printed",
		"the approval is shown first, the record follows",
	],
	"boot-treats-sending-as-doubt": [
		"terminal",
		"a Sending found at boot is a reversal due",
		"a Sending found at boot is abandoned: nobody saw an approval",
	],
	"no-store-after-may-have-left": [
		"terminal",
		"what may have left is reversed, never stored",
		"a sale without reply is stored and forwarded later",
	],
	"no-resend-on-other-channel": [
		"terminal",
		"a request that may have left on one channel is never sent on the other",
		"when MQTT breaks during the wait, the same 0200 goes over TCP",
	],
	"reply-of-this-attempt-only": [
		"terminal",
		"a reply counts only for the attempt that it answers",
		"a reply is matched by MTI and STAN alone",
	],
	"MAC-required": [
		"terminal",
		"a reply whose MAC is wrong decides nothing",
		"the MAC of a reply is not looked at",
	],
	"late-reply-never-approves": [
		"terminal",
		"once a reversal is due, no reply to the sale counts",
		"an approval that comes late is taken, and the reversal dropped",
	],
	"doubtful-codes-are-reversed": [
		"terminal",
		"09, 22, 68, 94, 96 and 98 leave a sale in doubt",
		"09, 22, 68, 94, 96 and 98 are refusals like any other",
	],
	"reversal-kept-until-answered": [
		"terminal",
		"a reversal is sent until the host answers it",
		"a reversal is deleted after three tries",
	],
	"same-STAN-for-reversal": [
		"terminal",
		"the reversal carries the STAN of its original",
		"the reversal takes a new STAN",
	],
	"close-on-25-only-after-life": [
		"terminal",
		"25 closes only when the life of the request is over",
		"25 closes at once",
	],
	"25-judged-by-time-of-sending": [
		"terminal",
		"what counts is that the reversal was sent after the life of the request",
		"what counts is that the 25 arrives after the life of the request",
	],
	"25-matched-to-attempt": [
		"terminal",
		"a 25 counts only for the attempt that it answers",
		"a 25 is matched by STAN alone",
	],
	"25-closes-in-the-end": [
		"terminal",
		"after the life of the request a 25 does close",
		"a 25 never closes",
	],
	"life-counted-anew-after-boot": [
		"terminal",
		"after a boot the life of a request is counted from the boot",
		"after a boot the life of every older request is taken for over",
	],
	"attempt-number-never-reused": [
		"terminal",
		"attempt numbers are durable before use",
		"attempt numbers start again at 1 after a boot",
	],
	"same-STAN-for-stored-resend": [
		"terminal",
		"a stored sale keeps its STAN however often it is sent",
		"a stored sale that is sent again takes a new STAN",
	],
	"vault-before-state": [
		"terminal",
		"the card data is in the vault before the record says StoredOffline",
		"the record says StoredOffline before the card data is in the vault",
	],
	"outcome-before-wipe": [
		"terminal",
		"the outcome of a stored sale is on flash before its card data is wiped",
		"the card data is wiped first, the outcome recorded second",
	],
	"vault-wiped-at-boot": [
		"terminal",
		"what the vault holds without a stored sale is wiped at boot",
		"the vault is wiped only where its sale ends",
	],
	"STAN-unique-in-batch": [
		"terminal",
		"a STAN is used once in a batch",
		"the STAN is that of an earlier approved sale of this batch",
	],
	"clock-within-margin": [
		"host",
		"the clocks of terminal and host differ by less than the margin",
		"the clock of the terminal is ahead by more than the margin",
	],
	"host-durable-before-answer": [
		"host",
		"the host has on disk what it answers",
		"a crash of the host loses what it has answered",
	],
	"host-keeps-refusal": [
		"host",
		"a stored sale that was refused stays refused",
		"each copy of a refused stored sale is decided anew",
	],
} as const satisfies Record<string, readonly ["terminal" | "host", string, string]>;

export type RuleName = keyof typeof texts;
export type Rules = Readonly<Record<RuleName, boolean>>;

export const ruleNames: readonly RuleName[] = Object.freeze(Object.keys(texts) as RuleName[]);

export interface RuleText {
	readonly name: RuleName;
	readonly who: "terminal" | "host";
	/** The rule. */
	readonly says: string;
	/** What is done when it is switched off. */
	readonly without: string;
}

export function ruleText(name: RuleName): RuleText {
	const [who, says, without] = texts[name];
	return { name, who, says, without };
}

/** All rules on, but for those named. */
export function rulesWithout(...names: readonly RuleName[]): Rules {
	const rules = {} as Record<RuleName, boolean>;
	for (const name of ruleNames) rules[name] = !names.includes(name);
	return rules;
}

/** @returns undefined for a name that is none; capitals do not count */
export function ruleNamed(text: string): RuleName | undefined {
	return ruleNames.find((name) => name.toLowerCase() === text.toLowerCase());
}

/**
 * Whether a request that is new is approved.
 *
 * The last two digits of the amount are triggers for tests; any other amount is approved:
 *   05 refused · 51 no funds · 55 wrong PIN · 61 over the amount limit · 65 over the count limit ·
 *   91 issuer not available · 96 system error
 *   01, 02 refer to the issuer (sales and pre-authorisations of 1.00 and more)
 *   10 half of it is approved, where 60.6 takes a part
 * 91 and 96 on an advice are answered once: the next try of the same is approved. Voids and voice sales run into no trigger:
 * their amount was judged before. An expired card is answered 54, a wrong check digit 14, card data that cannot be read 30,
 * zero 13.
 */
import { createHash } from "node:crypto";
import { readCard, type Card } from "./card-data";
import { bytesOf, text, type Message } from "./codec";
import { amountOf, recorded, type Decision, type HostView } from "./decision";
import { monthOf } from "./host-time";
import { takesPart, type KindName, type RequestKind } from "./kinds";
import { linkOf, type Link } from "./links";

const triggers: readonly string[] = Object.freeze(["05", "51", "55", "61", "65", "91", "96"]);
const referrals: readonly string[] = Object.freeze(["01", "02"]);
const partTrigger = "10";
/** Below it an amount that ends in 01 or 02 is an amount like any other. */
const referralFromMinor = 100;
const judgedBefore: readonly KindName[] = Object.freeze([
	"void",
	"preauth-void",
	"completion-void",
	"voice",
	"script",
]);

/** Posts or refuses. @param spent triggers that do not count any more */
export function judge(
	host: HostView,
	request: Message,
	kind: RequestKind,
	spent: readonly string[],
): Decision {
	const card = kind.card ? judgedCard(host, request) : undefined;
	const maskedPan = card?.maskedPan ?? "";
	const refuse = (code: string, note: string): Decision =>
		recorded(host, request, "declined", code, { maskedPan, note });
	if (card?.code !== undefined) return refuse(card.code, card.note);
	if (kind.delivery === "inquiry") return balance(host, request, maskedPan);
	if (amountOf(request) === 0 && kind.name !== "script") return refuse("13", "amount is zero");
	const link = kind.originals.length > 0 ? linkOf(host, request, kind) : undefined;
	if (link !== undefined && "code" in link) return refuse(link.code, link.note);
	const trigger = triggerOf(request, kind);
	if (trigger !== undefined && !spent.includes(trigger)) return refuse(trigger, "amount trigger");
	return approve(host, request, kind, maskedPan, link);
}

function approve(
	host: HostView,
	request: Message,
	kind: RequestKind,
	maskedPan: string,
	link: Link | undefined,
): Decision {
	if (link !== undefined) {
		const { original, amountMinor } = link;
		// A voice sale keeps the code that was told by telephone.
		const authCode = kind.name === "voice" ? { authCode: text(request, 38) } : {};
		const pan = maskedPan === "" ? link.maskedPan : maskedPan;
		const details = { maskedPan: pan, amountMinor, original, ...authCode };
		return recorded(host, request, kind.name, "00", details);
	}
	const asked = amountOf(request);
	const part = takesPart(request) && text(request, 4).endsWith(partTrigger);
	if (!part || asked < 2) return recorded(host, request, kind.name, "00", { maskedPan });
	const amountMinor = Math.floor(asked / 2);
	const decision = recorded(host, request, kind.name, "10", { maskedPan, amountMinor });
	return { ...decision, fields: { 4: String(amountMinor).padStart(12, "0") } };
}

function triggerOf(request: Message, kind: RequestKind): string | undefined {
	if (judgedBefore.includes(kind.name)) return undefined;
	const ending = text(request, 4).slice(-2);
	if (triggers.includes(ending)) return ending;
	const referred = kind.name === "sale" || kind.name === "preauth";
	return referred && referrals.includes(ending) && amountOf(request) >= referralFromMinor
		? ending
		: undefined;
}

/** The card, and why it is refused: then `code` is there. */
function judgedCard(
	host: HostView,
	request: Message,
): { readonly maskedPan: string; readonly code?: string; readonly note: string } {
	const card: Card | string = readCard(host.bdk, bytesOf(request, 57) ?? Buffer.alloc(0));
	if (typeof card === "string") return { maskedPan: "", code: "30", note: card };
	const { maskedPan } = card;
	if (!card.luhn) return { maskedPan, code: "14", note: "check digit" };
	const month = monthOf(text(request, 13), host.nowMs);
	if (month === undefined) return { maskedPan, code: "30", note: "field 13" };
	if (card.expiry < month) return { maskedPan, code: "54", note: "card expired" };
	return { maskedPan, note: "" };
}

/** Field 54. Every card of the bench has a sum of its own, between 100.00 and 99,999.99, always the same. */
function balance(host: HostView, request: Message, maskedPan: string): Decision {
	const digest = createHash("sha256").update(`balance ${maskedPan}`).digest();
	const amountMinor = 10_000 + (digest.readUInt32BE(0) % 9_990_000);
	const field54 = `0002156C${String(amountMinor).padStart(12, "0")}`;
	const decision = recorded(host, request, "balance", "00", { maskedPan });
	return { ...decision, fields: { 54: field54 } };
}

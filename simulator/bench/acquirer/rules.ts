/** What the host decides (docs/host-protocol.md, What the host promises). */
import { text, type Message } from "./codec";
import { bare, told, type Decision, type HostView } from "./decision";
import { decideAdvice, decideInquiry, decideOnce } from "./delivery";
import { kindOf, networkOf, type RequestKind } from "./kinds";
import { flawOf } from "./layout";
import { verify } from "./mac";
import { decideReversal } from "./reversal";
import { decideSettlement } from "./settlement";

/**
 * Decides a request.
 * @param request decoded; its MTI is one that `isRequest` knows
 * @param bytes the same as it came, for the MAC
 */
export function decide(host: HostView, request: Message, bytes: Buffer): Decision {
	const terminal = host.keys.terminal(text(request, 41));
	if (terminal === undefined) return bare(host, "97", "terminal unknown");
	const authenticated = request.mti !== "0800" && request.mti !== "0820";
	if (authenticated) {
		const mak = host.keys.mak(terminal.id);
		if (mak === undefined || !verify(mak, bytes, request))
			return bare(host, "A0", mak === undefined ? "not signed on" : "MAC wrong");
	}
	const answer = authenticated ? told : bare;
	const flaw = flawOf(request);
	if (flaw !== undefined) return answer(host, "30", flaw);
	if (text(request, 42).trimEnd() !== terminal.merchantId) return answer(host, "03", "merchant");
	if (request.mti === "0500" || request.mti === "0320") return decideSettlement(host, request);
	const kind = kindOf(request);
	if (kind !== undefined) return decideKind(host, request, kind);
	return { ...answer(host, "00", ""), forgetsKeys: networkOf(request) === "002" };
}

function decideKind(host: HostView, request: Message, kind: RequestKind): Decision {
	if (request.mti === "0400") return decideReversal(host, request, kind);
	if (kind.delivery === "once") return decideOnce(host, request, kind);
	if (kind.delivery === "advice") return decideAdvice(host, request, kind);
	return decideInquiry(host, request, kind);
}

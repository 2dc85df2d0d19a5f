/** Longest pinned certificate, characters of PEM: a CA with an RSA key of 4096 bits has about 2,000. */
export const certificateCharLimit = 3072;

const head = "-----BEGIN CERTIFICATE-----\n";
const foot = "\n-----END CERTIFICATE-----";
/** The base64 of the smallest certificate that makes sense. */
const bodyCharMin = 100;

/**
 * Has the text the form of one certificate in PEM (RFC 7468, section 5.1): one block, lines ended by LF, nothing before
 * it and at most one LF behind it? What the certificate says is for the TLS stack to judge.
 */
export function isCertificatePem(text: unknown): text is string {
	if (typeof text !== "string" || text.length > certificateCharLimit) return false;
	const whole = text.endsWith("\n") ? text.slice(0, -1) : text;
	if (!whole.startsWith(head) || !whole.endsWith(foot)) return false;
	if (whole.length < head.length + bodyCharMin + foot.length) return false;
	for (let i = head.length; i < whole.length - foot.length; i++)
		if (!isBase64(whole.charCodeAt(i))) return false;
	return true;
}

/** A to Z, a to z, 0 to 9, "+", "/", "=" and LF. */
function isBase64(code: number): boolean {
	if (code >= 0x61) return code <= 0x7a;
	if (code >= 0x41) return code <= 0x5a;
	if (code >= 0x2f) return code <= 0x39 || code === 0x3d;
	return code === 0x2b || code === 0x0a;
}

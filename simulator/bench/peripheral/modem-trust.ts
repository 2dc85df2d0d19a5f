import { X509Certificate } from "node:crypto";
import type { DetailedPeerCertificate, TLSSocket } from "node:tls";
import { checkServerIdentity } from "node:tls";

/** What the modem's TLS demands of a server. */
export interface Trust {
	/** Content of the CA file. */
	readonly anchors: string;
	/** The modem's clock, when the dates of certificates count. */
	readonly nowMs: number | undefined;
	/** The name that the certificate must be for, when it counts. */
	readonly host: string | undefined;
}

const chainMax = 5;

/**
 * Does the server's chain lead to a certificate of the file? Judged here and not by Node, whose clock is not the bench's.
 * That the server holds the leaf's key is what the handshake has shown.
 * @returns undefined, or why not
 */
export function distrust(socket: TLSSocket, trust: Trust): string | undefined {
	const anchors = readAnchors(trust.anchors);
	if (anchors.length === 0) return "CA file holds no certificate";
	const sent = chainOf(socket.getPeerCertificate(true));
	if (sent.length === 0) return "server sent no certificate";
	const { host } = trust;
	if (host !== undefined) {
		const mismatch = checkServerIdentity(host, socket.getPeerCertificate(true));
		if (mismatch !== undefined) return `certificate is not for ${host}`;
	}
	const path: X509Certificate[] = [];
	for (const certificate of sent) {
		path.push(certificate);
		const previous = path.at(-2);
		if (previous !== undefined && !issued(previous, certificate)) return "chain is broken";
		const same = anchors.some((anchor) => anchor.raw.equals(certificate.raw));
		const anchor = anchors.find((one) => issued(certificate, one));
		if (anchor !== undefined && !same) path.push(anchor);
		if (same || anchor !== undefined) return datesWrong(path, trust.nowMs);
	}
	return "chain does not lead to the CA file";
}

function readAnchors(text: string): X509Certificate[] {
	const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
	try {
		return blocks.map((block) => new X509Certificate(block));
	} catch {
		return [];
	}
}

function chainOf(leaf: DetailedPeerCertificate): X509Certificate[] {
	const chain: X509Certificate[] = [];
	// A self-signed certificate is its own issuer here.
	for (
		let one = leaf;
		one?.raw !== undefined && chain.length < chainMax;
		one = one.issuerCertificate
	) {
		const certificate = new X509Certificate(one.raw);
		if (chain.at(-1)?.raw.equals(certificate.raw) === true) break;
		chain.push(certificate);
	}
	return chain;
}

function issued(certificate: X509Certificate, issuer: X509Certificate): boolean {
	return issuer.ca && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

function datesWrong(
	path: readonly X509Certificate[],
	nowMs: number | undefined,
): string | undefined {
	if (nowMs === undefined) return undefined;
	for (const { validFrom, validTo } of path) {
		if (nowMs < Date.parse(validFrom)) return "certificate is not valid yet";
		if (nowMs > Date.parse(validTo)) return "certificate has expired";
	}
	return undefined;
}

import {
	createHash,
	createSign,
	generateKeyPairSync,
	randomBytes,
	type KeyObject,
} from "node:crypto";

/** A certificate with its private key, both PEM. */
export interface Identity {
	readonly certPem: string;
	readonly keyPem: string;
}

export interface Validity {
	readonly from: Date;
	readonly to: Date;
}

/** Long enough for every bench, whose virtual time need not be today's. */
const longTime: Validity = {
	from: new Date(Date.UTC(2020, 0, 1)),
	to: new Date(Date.UTC(2049, 0, 1)),
};

/** An acquirer's own certificate authority, made for one bench. Its keys are worth nothing outside of it. */
export class Authority {
	readonly certPem: string;
	readonly #name: string;
	readonly #publicKey: KeyObject;
	readonly #key: KeyObject;

	constructor(name: string, validity = longTime) {
		const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
		this.#name = name;
		this.#publicKey = publicKey;
		this.#key = privateKey;
		this.certPem = certificate({
			subject: name,
			issuer: name,
			publicKey,
			issuerPublicKey: publicKey,
			issuerKey: privateKey,
			validity,
			extensions: [basicConstraints(true), keyUsage(0x06, 1)],
		});
	}

	/** A server's certificate. @param names host names and IPv4 addresses */
	issue(names: readonly string[], validity = longTime): Identity {
		const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
		const certPem = certificate({
			subject: names[0] ?? "server",
			issuer: this.#name,
			publicKey,
			issuerPublicKey: this.#publicKey,
			issuerKey: this.#key,
			validity,
			extensions: [basicConstraints(false), keyUsage(0x80, 7), alternativeNames(names)],
		});
		const keyPem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
		return { certPem, keyPem };
	}
}

interface Content {
	readonly subject: string;
	readonly issuer: string;
	readonly publicKey: KeyObject;
	readonly issuerPublicKey: KeyObject;
	readonly issuerKey: KeyObject;
	readonly validity: Validity;
	readonly extensions: readonly Buffer[];
}

const sha256WithEcdsa = sequence(oid("2a8648ce3d040302"));

/** An X.509 v3 certificate (RFC 5280, section 4.1), PEM. */
function certificate(content: Content): string {
	const { subject, issuer, publicKey, issuerPublicKey, issuerKey, validity } = content;
	const extensions = [
		...content.extensions,
		extension("551d0e", der(0x04, keyIdentifier(publicKey)), false),
		extension("551d23", sequence(der(0x80, keyIdentifier(issuerPublicKey))), false),
	];
	const serial = Buffer.concat([Buffer.of(0x40), randomBytes(15)]);
	const toBeSigned = sequence(
		der(0xa0, integer(Buffer.of(2))),
		integer(serial),
		sha256WithEcdsa,
		distinguishedName(issuer),
		sequence(time(validity.from), time(validity.to)),
		distinguishedName(subject),
		publicKey.export({ type: "spki", format: "der" }),
		der(0xa3, sequence(...extensions)),
	);
	const signature = createSign("SHA256").update(toBeSigned).sign(issuerKey);
	const whole = sequence(toBeSigned, sha256WithEcdsa, bitString(signature, 0));
	const lines = whole
		.toString("base64")
		.match(/.{1,64}/g)!
		.join("\n");
	return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
}

function distinguishedName(commonName: string): Buffer {
	const value = der(0x0c, Buffer.from(commonName, "utf8"));
	return sequence(der(0x31, sequence(oid("550403"), value)));
}

function basicConstraints(authority: boolean): Buffer {
	const value = authority ? sequence(der(0x01, Buffer.of(0xff))) : sequence();
	return extension("551d13", value);
}

/** @param bits the first is the highest of the byte @param unused bits at its end */
function keyUsage(bits: number, unused: number): Buffer {
	return extension("551d0f", bitString(Buffer.of(bits), unused));
}

function alternativeNames(names: readonly string[]): Buffer {
	const entries = names.map((name) => {
		const address = /^\d+\.\d+\.\d+\.\d+$/.test(name);
		return address
			? der(0x87, Buffer.from(name.split(".").map(Number)))
			: der(0x82, Buffer.from(name, "latin1"));
	});
	return extension("551d11", sequence(...entries), false);
}

/** SHA-1 of the public point (RFC 5280, 4.2.1.2), which is the end of the key's encoding. */
function keyIdentifier(key: KeyObject): Buffer {
	const point = key.export({ type: "spki", format: "der" }).subarray(-65);
	return createHash("sha1").update(point).digest();
}

function extension(id: string, value: Buffer, critical = true): Buffer {
	const mark = critical ? [der(0x01, Buffer.of(0xff))] : [];
	return sequence(oid(id), ...mark, der(0x04, value));
}

/** UTCTime: years 1950 to 2049. */
function time(date: Date): Buffer {
	const text = date.toISOString().replace(/[-:T]/g, "").slice(2, 14);
	return der(0x17, Buffer.from(`${text}Z`, "latin1"));
}

function sequence(...parts: readonly Buffer[]): Buffer {
	return der(0x30, Buffer.concat(parts));
}

/** @param bytes big-endian, the first bit 0 */
function integer(bytes: Buffer): Buffer {
	return der(0x02, bytes);
}

function bitString(bytes: Buffer, unused: number): Buffer {
	return der(0x03, Buffer.concat([Buffer.of(unused), bytes]));
}

/** @param hex the encoded identifier */
function oid(hex: string): Buffer {
	return der(0x06, Buffer.from(hex, "hex"));
}

/** Tag, length and content (X.690, section 8.1). */
function der(tag: number, content: Buffer): Buffer {
	const { length } = content;
	const head =
		length < 0x80
			? Buffer.of(tag, length)
			: length < 0x100
				? Buffer.of(tag, 0x81, length)
				: Buffer.of(tag, 0x82, length >> 8, length & 0xff);
	return Buffer.concat([head, content]);
}

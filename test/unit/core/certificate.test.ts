import { certificateCharLimit, isCertificatePem } from "core/certificate";
import { equal, ok, test } from "test/harness";

const line = "MIIBszCCAVmgAwIBAgIUf+3kqk/0pQ9oW1J5c2x6Yz0wCgYIKoZIzj0EAwIwFzEV";
const body = `${line}\n${line}\nMA==`;
const pem = `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----\n`;

test("one certificate in PEM is taken, with or without its last line end", () => {
	ok(isCertificatePem(pem));
	ok(isCertificatePem(pem.slice(0, -1)));
});

test("what is no single certificate in PEM is refused", () => {
	const bad: readonly unknown[] = [
		undefined,
		null,
		{},
		"",
		body,
		pem + pem,
		`\n${pem}`,
		`${pem}\n`,
		pem.replaceAll("\n", "\r\n"),
		pem.replaceAll("CERTIFICATE", "PRIVATE KEY"),
		pem.replace("MIIB", "MI B"),
		pem.replace("MIIB", 'MI"B'),
		"-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n",
	];
	equal(
		bad.map(isCertificatePem),
		bad.map(() => false),
	);
});

test("a certificate above the limit is refused", () => {
	const lines = Math.ceil(certificateCharLimit / line.length);
	const long = `-----BEGIN CERTIFICATE-----\n${`${line}\n`.repeat(lines)}-----END CERTIFICATE-----\n`;
	ok(long.length > certificateCharLimit);
	ok(!isCertificatePem(long));
});

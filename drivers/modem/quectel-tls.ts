import type { SetupCommand, TlsCommands } from "modem/family";

/** The server's time for the handshake; shorter than the link's patience, so that the reason is told. */
const negotiationS = 15;

function setting(name: string, context: number, value: string, required: boolean): SetupCommand {
	return Object.freeze({ text: `AT+QSSLCFG="${name}",${context},${value}`, required });
}

/**
 * Quectel's file and TLS commands (FILE and SSL application notes of EC2x, EG9x, EC200, EG800, BG9x). All of the
 * settings are gone after a restart. Factory settings verify nothing and send no server name.
 */
export const quectelTls: TlsCommands = Object.freeze({
	contexts: 6,
	// 552 data part hangs, 561 no data connection, 564 and 565 DNS, 570 data connection broke down, 573 no access point
	networkErrors: Object.freeze([552, 561, 564, 565, 570, 573]),
	fileQuery: (name: string) => `AT+QFLST="UFS:${name}"`,
	fileAnswer: "+QFLST:",
	fileDelete: (name: string) => `AT+QFDEL="UFS:${name}"`,
	// It gives up when no byte came for 5 s.
	fileUpload: (name: string, byteLength: number) => `AT+QFUPL="UFS:${name}",${byteLength},5`,
	filePrompt: "CONNECT",
	uploadAnswer: "+QFUPL:",
	checksum: (bytes: Uint8Array) => {
		let sum = 0;
		for (let i = 0; i < bytes.length; i += 2) sum ^= (bytes[i]! << 8) | (bytes[i + 1] ?? 0);
		return sum;
	},
	settings: (context: number, file: string) => [
		// 3: TLS 1.2 and nothing older
		setting("sslversion", context, "3", true),
		// All suites that the module has; the server chooses.
		setting("ciphersuite", context, "0XFFFF", true),
		// 1: the server is verified
		setting("seclevel", context, "1", true),
		setting("cacert", context, `"UFS:${file}"`, true),
		// Firmware without these verifies the chain alone; without a server name a shared address answers for another.
		setting("sni", context, "1", false),
		setting("checkhost", context, "1", false),
		setting("negotiatetime", context, String(negotiationS), false),
	],
	dates: (context: number, count: boolean) =>
		`AT+QSSLCFG="ignorelocaltime",${context},${count ? 0 : 1}`,
	socket: Object.freeze({
		open: (id: number, host: string, port: number, context: number) =>
			`AT+QSSLOPEN=1,${context},${id},"${host}",${port},0`,
		openTimeoutMs: 150_000,
		send: (id: number, byteLength: number) => `AT+QSSLSEND=${id},${byteLength}`,
		read: (id: number, byteLength: number) => `AT+QSSLRECV=${id},${byteLength}`,
		readAnswer: "+QSSLRECV:",
		pollField: -1,
		close: (id: number) => `AT+QSSLCLOSE=${id},3`,
		closeTimeoutMs: 13_000,
	}),
});

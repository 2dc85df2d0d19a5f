import { isCertificatePem } from "core/certificate";
import { Fault } from "core/fault";
import { pinLimit, type SocketTls } from "core/io";
import type { TerminalConfig } from "core/platform";

/**
 * Checks what an installation says about the terminal.
 * @throws Fault "config" with the number of the member that is wrong
 */
export function checkTerminalConfig(given: unknown): TerminalConfig {
	const config = given as Partial<TerminalConfig> | undefined;
	const text = (value: unknown): value is string => typeof value === "string";
	const whole = (value: unknown, min: number, max: number): boolean =>
		Number.isInteger(value) && (value as number) >= min && (value as number) <= max;
	const checks = [
		config !== undefined && config !== null,
		text(config?.terminalId) && config.terminalId.length === 8,
		text(config?.merchantId) && config.merchantId.length === 15,
		text(config?.merchantName) && config.merchantName.length <= 40,
		whole(config?.currency, 1, 999),
		whole(config?.currencyDigits, 0, 4),
		whole(config?.utcOffsetMinutes, -720, 840),
		text(config?.mqttHost) && config.mqttHost.length > 0,
		whole(config?.mqttPort, 1, 65_535),
		text(config?.mqttUser),
		text(config?.mqttPassword),
		text(config?.apn),
		isTls(config?.mqttTls),
		isTls(config?.hostTls),
		hasBackup(config),
		isSecured(config),
	];
	const wrong = checks.indexOf(false);
	if (wrong >= 0) throw new Fault("config", wrong);
	return config as TerminalConfig;
}

/** No backup channel, or all that it needs. */
function hasBackup(config: Partial<TerminalConfig> | undefined): boolean {
	const { backupHost = "", backupPort = 0, tpdu = "6000000000" } = config ?? {};
	if (typeof backupHost !== "string" || !/^60[0-9]{8}$/.test(tpdu)) return false;
	return (
		backupHost === "" || (Number.isInteger(backupPort) && backupPort > 0 && backupPort < 65_536)
	);
}

/** Each channel has its pins, unless it is said that it may go in clear. */
function isSecured(config: Partial<TerminalConfig> | undefined): boolean {
	const { inClear, mqttTls, backupHost = "", hostTls } = config ?? {};
	if (inClear === true) return true;
	return mqttTls !== undefined && (backupHost === "" || hostTls !== undefined);
}

/** Absent, or one or two certificates: an empty list would be TLS that trusts nobody, or a mistake. */
function isTls(value: SocketTls | undefined): boolean {
	if (value === undefined) return true;
	const pins: unknown = value?.pins;
	if (!Array.isArray(pins) || pins.length < 1 || pins.length > pinLimit) return false;
	return pins.every(isCertificatePem);
}

import { LogCode } from "core/log";

/** What an event says to a technician; {a} and {b} are its numbers. */
const texts: Readonly<Record<LogCode, string>> = Object.freeze({
	[LogCode.Boot]: "boot",
	[LogCode.JournalMounted]: "journal mounted: {a} records, {b} open",
	[LogCode.JournalDamage]: "journal damage: {a} (kind {b})",
	[LogCode.StateChanged]: "transaction {a} is now in state {b}",
	[LogCode.LinkState]: "host link state {a}",
	[LogCode.SignedOn]: "signed on, batch {a}",
	[LogCode.SignOnRefused]: "sign-on refused ({a})",
	[LogCode.LateReply]: "late reply ignored (attempt {a})",
	[LogCode.ForeignReply]: "foreign reply ignored (attempt {a})",
	[LogCode.BadMac]: "reply with a wrong MAC (attempt {a})",
	[LogCode.BadMessage]: "unreadable message from the host ({a}, {b})",
	[LogCode.ModemState]: "modem state {a}",
	[LogCode.ModemTimeout]: "modem did not answer (command {a})",
	[LogCode.ModemReset]: "modem reset ({a})",
	[LogCode.ModemNoise]: "modem noise ({a} bytes)",
	[LogCode.ReaderFault]: "card reader fault ({a}, {b})",
	[LogCode.ReaderClearData]: "card reader sent clear card data: refused",
	[LogCode.PrinterFault]: "slip of transaction {a} not proved",
	[LogCode.PrinterStatus]: "printer status {a}",
	[LogCode.MqttError]: "MQTT closed ({a}, {b})",
	[LogCode.ClockSet]: "clock set, moved by {a} ms",
	[LogCode.SaleRefused]: "sale refused before or at the card (reason {a})",
	[LogCode.IllegalTransition]: "input {b} has no meaning in state {a}",
	[LogCode.VaultWiped]: "vault wiped ({a})",
	[LogCode.ConsoleOverrun]: "console line too long",
	[LogCode.Restart]: "restart ({a})",
	[LogCode.PanelNoise]: "panel noise ({a} bytes)",
	[LogCode.BatchMismatch]: "batch differs from the host's ({a}, {b})",
	[LogCode.TlsFailed]: "no TLS ({a}: 1 server not proved, 2 settings, 3 file; error {b})",
	[LogCode.TlsPin]: "server proved by pinned certificate {a}",
	[LogCode.ChipRefused]: "the chip did not agree to an approval ({a})",
	[LogCode.ChannelChanged]: "host channel {a} from now on (reason {b})",
	[LogCode.HostDeaf]: "host does not answer over channel {a}",
	[LogCode.BackupError]: "backup connection ended ({a}, attempt {b})",
	[LogCode.NoticeTaken]: "notice {a} of kind {b} taken",
	[LogCode.NoticeRefused]: "notice {a} not taken ({b})",
	[LogCode.KeysDue]: "new working keys are due ({a})",
	[LogCode.SettlementStep]: "settlement step {a}, batch {b}",
});

/** @param code any number: one of a later firmware is shown as such */
export function eventText(code: number, a: number, b: number): string {
	const text = (texts as Readonly<Record<number, string>>)[code] ?? "event {code} {a} {b}";
	return text
		.replaceAll("{code}", String(code))
		.replaceAll("{a}", String(a))
		.replaceAll("{b}", String(b));
}

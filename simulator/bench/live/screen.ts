/** What the live screen shows, collected by the session. */
export interface View {
	readonly display: readonly string[];
	readonly powered: boolean;
	readonly network: string;
	readonly host: string;
	readonly paper: string;
	readonly simulatedSeconds: number;
	readonly queue: readonly string[];
	readonly slip: readonly string[];
	readonly ledger: readonly string[];
}

/** Rows that the screen takes; commands and their answers scroll below. */
export const screenRows = 25;
const left = 40;
const right = 38;

/** Columns that a text takes on the console: a hanzi or other wide character takes two. */
export function columns(text: string): number {
	let width = 0;
	for (const char of text) width += isWide(char.codePointAt(0)!) ? 2 : 1;
	return width;
}

function isWide(code: number): boolean {
	return (
		(code >= 0x1100 && code <= 0x115f) ||
		(code >= 0x2e80 && code <= 0xa4cf) ||
		(code >= 0xac00 && code <= 0xd7a3) ||
		(code >= 0xf900 && code <= 0xfaff) ||
		(code >= 0xfe30 && code <= 0xfe6f) ||
		(code >= 0xff00 && code <= 0xff60) ||
		(code >= 0xffe0 && code <= 0xffe6)
	);
}

/** Cuts or pads to exactly `width` columns. */
export function fit(text: string, width: number): string {
	let out = "";
	let used = 0;
	for (const char of text) {
		const w = isWide(char.codePointAt(0)!) ? 2 : 1;
		if (used + w > width) break;
		out += char;
		used += w;
	}
	return out + " ".repeat(width - used);
}

/** The whole screen as `screenRows` lines. */
export function drawScreen(view: View): string[] {
	const leftLines = [
		"HOLDFAST TERM0001",
		`╔${"═".repeat(22)}╗`,
		...[0, 1, 2, 3].map((i) => `║ ${fit(view.display[i] ?? "", 20)} ║`),
		`╚${"═".repeat(22)}╝`,
		`power   ${view.powered ? "on" : "OFF"}   time ${view.simulatedSeconds} s`,
		`network ${view.network}`,
		`host    ${view.host}`,
		`paper   ${view.paper}`,
		"",
		"── queue (open) ──",
		...view.queue.slice(0, 5),
	];
	while (leftLines.length < 18) leftLines.push("");
	leftLines.push("── host ledger ──", ...view.ledger.slice(-5));
	const rightLines = ["── receipt ──", ...view.slip.slice(-(screenRows - 3))];
	const rows: string[] = [];
	for (let i = 0; i < screenRows - 1; i++)
		rows.push(`${fit(leftLines[i] ?? "", left)}│ ${fit(rightLines[i] ?? "", right)}`);
	rows.push("─".repeat(left) + "┴" + "─".repeat(right + 1));
	return rows;
}

import type { EscPosCommand } from "./escpos";

/** How characters are set at the moment. */
export interface PrintStyle {
	bold: boolean;
	/** Multiples of the normal size, 1 to 8. */
	width: number;
	height: number;
	align: "left" | "center" | "right";
	/** FS & is on: bytes from 81 on start a GBK character. */
	chinese: boolean;
	/** ESC t. */
	codePage: number;
}

/** As after power-on and ESC @: many cheap printers begin in Chinese mode. */
export function initialStyle(): PrintStyle {
	return { bold: false, width: 1, height: 1, align: "left", chinese: true, codePage: 0 };
}

/** @returns whether the command was one that changes the style */
export function applyStyle(command: EscPosCommand, style: PrintStyle): boolean {
	const n = command.data[0] ?? 0;
	switch (command.name) {
		case "ESC t":
			style.codePage = n;
			return true;
		case "ESC a":
			style.align = n % 48 === 1 ? "center" : n % 48 === 2 ? "right" : "left";
			return true;
		case "ESC E":
		case "ESC G":
			style.bold = (n & 1) === 1;
			return true;
		case "ESC !":
			style.bold = (n & 0x08) !== 0;
			style.height = (n & 0x10) !== 0 ? 2 : 1;
			style.width = (n & 0x20) !== 0 ? 2 : 1;
			return true;
		case "GS !":
			style.width = ((n >> 4) & 7) + 1;
			style.height = (n & 7) + 1;
			return true;
		case "FS &":
		case "FS .":
			style.chinese = command.name === "FS &";
			return true;
		default:
			return false;
	}
}

const byteLimit = 150;

/** The text can stand between quotes in a command: letters, digits, "-", ".", ":", "_"; 1 to 150 characters. */
export function isHostName(text: string): boolean {
	return text.length > 0 && text.length <= byteLimit && isPlain(text, ":");
}

/** Access point name: letters, digits, "-", ".", "_"; at most 63, may be empty (the operator's default). */
export function isAccessPointName(text: string): boolean {
	return text.length <= 63 && isPlain(text, "");
}

function isPlain(text: string, more: string): boolean {
	for (const c of text) {
		const letter = (c >= "a" && c <= "z") || (c >= "A" && c <= "Z");
		const digit = c >= "0" && c <= "9";
		if (!letter && !digit && c !== "-" && c !== "." && c !== "_" && c !== more) return false;
	}
	return true;
}

/** What a failure's code means, in the words of docs/message.md. */
const words: Readonly<Record<string, string>> = Object.freeze({
	"message.bitmap": "a bitmap is cut short, not hex, or has field 64 beside a second bitmap",
	"message.field": "the dialect does not know this field",
	"message.length": "the content is too long, too short or cut off",
	"message.value": "a byte that does not fit the type of the field",
	"message.tlv": "no data object can be read here",
});

/** @param field of the failure; 0 is the message itself @returns "" for a code without words */
export function failureWords(code: string, field: number | null): string {
	if (field === 0 && code === "message.length")
		return "the message is too long, or bytes are left over at its end";
	if (field === 0 && code === "message.value") return "the message type is no four digits";
	return words[code] ?? "";
}

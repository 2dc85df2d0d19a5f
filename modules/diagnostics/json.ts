/**
 * JSON of any data, tables of the firmware included. The engine of the SDK marks objects while it writes them and throws
 * "read only value" where one stands in ROM, as every preloaded constant does on the device; so a copy is written.
 * @param value objects, arrays, texts, numbers, booleans and null; without cycles
 */
export function jsonOf(value: unknown): string {
	return JSON.stringify(copied(value)) ?? "null";
}

function copied(value: unknown): unknown {
	if (typeof value !== "object" || value === null) return value;
	if (Array.isArray(value)) return value.map(copied);
	const copy: Record<string, unknown> = {};
	for (const [name, member] of Object.entries(value)) copy[name] = copied(member);
	return copy;
}

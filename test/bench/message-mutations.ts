/** Bad input for codecs: the same from the same seed. */

/** Small fast generator, so that a run can be repeated. */
export function randomOf(seed: number): (limit: number) => number {
	let state = seed;
	return (limit) => {
		state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
		return Math.floor((state / 4294967296) * limit);
	};
}

/** Changes, cuts or lengthens a copy in up to four places. */
export function mutated(bytes: Uint8Array, random: (limit: number) => number): Uint8Array {
	let result = Uint8Array.from(bytes);
	for (let changes = 1 + random(4); changes > 0; changes--) {
		const at = random(result.length);
		const kind = random(8);
		if (kind < 4) result[at] = random(256);
		else if (kind < 6) result[at] = result[at]! ^ (1 << random(8));
		else if (kind === 6) result = result.slice(0, at);
		else result = Uint8Array.from([...result.slice(0, at), random(256), ...result.slice(at)]);
		if (result.length === 0) return result;
	}
	return result;
}

import type { Entropy } from "core/entropy";
import { randomBelow } from "core/entropy";
import { limits } from "core/limits";

/**
 * Pause before the next repeat: exponential with full jitter, so that a thousand terminals do not come back
 * in step.
 * @param attemptCount unanswered sends so far, 1 up
 * @returns milliseconds, 0 to min(cap, base * 2^attemptCount)
 */
export function backoffMs(attemptCount: number, entropy: Entropy): number {
	const exponent = Math.min(attemptCount, 16);
	const ceiling = Math.min(limits.backoffCapMs, limits.backoffBaseMs * 2 ** exponent);
	return randomBelow(entropy, ceiling + 1);
}

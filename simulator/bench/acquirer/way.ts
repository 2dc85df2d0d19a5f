/** Where an answer goes: a topic of the broker, or a connection. */
import type { Message } from "./codec";

export interface Way {
	/** For the log: topic or connection. */
	readonly name: string;
	/** Terminal number that the way belongs to, where it has one. */
	readonly terminal?: string;
	/** Of a connection on which a terminal may poll for notices: the 0820 that does. */
	readonly poll?: { request?: Message };
	/** @returns why it could not be sent, "" when it is on its way */
	send(bytes: Buffer, qos: 0 | 1, terminal: string): string;
	/** Ends the way after what was sent, as far as it can be ended. */
	end?(): void;
}

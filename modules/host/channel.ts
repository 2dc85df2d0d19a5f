/** The ways to the host; the numbers are logged. */
export const ChannelKind = Object.freeze({ Mqtt: 0, Backup: 1 } as const);
export type ChannelKind = (typeof ChannelKind)[keyof typeof ChannelKind];

/** What a channel tells. Nothing is called from inside a method. */
export interface ChannelEvents {
	/** Requests can be sent. */
	readonly onReady: () => void;
	/** A reply on the way that belongs to this attempt. `payload` is only good during the call. */
	readonly onReply: (attempt: number, payload: Uint8Array) => void;
	/** A notice came by itself. `payload` is only good during the call. */
	readonly onNotice: (number: number, payload: Uint8Array) => void;
	/** No reply to this attempt can come any more. */
	readonly onLost: (attempt: number) => void;
	/** The host asks for something in the frame around a reply: `request` of the header (docs/host-protocol.md). */
	readonly onAsked: (request: number) => void;
	/** The channel is over; nothing is called afterwards. Not called for the own `close`. */
	readonly onGone: () => void;
}

/** One way to the host: MQTT or the backup channel. Who wants another makes another. */
export interface Channel {
	readonly kind: ChannelKind;
	/** Requests about money that may wait for their reply at a time. */
	readonly inFlight: number;
	/**
	 * Sends a message of an attempt.
	 * @param qos 1 for what may be repeated
	 * @returns false when surely nothing left
	 */
	send(attempt: number, message: Uint8Array, qos: 0 | 1): boolean;
	/** Answers a notice that came by `onNotice`. @returns false when surely nothing left */
	answer(notice: number, message: Uint8Array): boolean;
	/** Nobody waits for this attempt any more. An unknown one is fine. */
	over(attempt: number): void;
	/** Twice is fine. */
	close(): void;
}

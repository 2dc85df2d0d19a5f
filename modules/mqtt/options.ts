import type { Timers } from "core/clock";
import type { SocketConstructor, SocketTls } from "core/io";
import type { Will } from "mqtt/encode";
import type { Redelivery } from "mqtt/unacknowledged";

/** Why a connection is over; the number is logged. */
export const CloseReason = Object.freeze({
	/** The socket failed or the other side ended the connection. Detail 1: there is no TLS on this carrier. */
	Socket: 1,
	/** No CONNACK within the deadline. */
	ConnectTimeout: 2,
	/** The broker refused; the detail is the code of the CONNACK (1 to 5, section 3.2.2.3). */
	Refused: 3,
	/** The broker sent what MQTT 3.1.1 does not allow. */
	Malformed: 4,
	/** The broker sent a packet above the limit. */
	TooLarge: 5,
	/** No PINGRESP within the deadline. */
	PingTimeout: 6,
	/** No PUBACK or SUBACK within the deadline. */
	AckTimeout: 7,
	/** A callback of the user threw; the message was not acknowledged. */
	Handler: 8,
	/** The socket did not take what MQTT obliges us to send. */
	Stalled: 9,
} as const);
export type CloseReason = (typeof CloseReason)[keyof typeof CloseReason];

export interface MqttLimits {
	/** Largest packet, whole. */
	readonly inBytes: number;
	readonly outBytes: number;
	/** From the constructor to the CONNACK. */
	readonly connectTimeoutMs: number;
	readonly pingTimeoutMs: number;
	/** PUBACK and SUBACK. */
	readonly ackTimeoutMs: number;
	/** Publishes with QoS 1 and subscriptions that wait for their acknowledgement. */
	readonly unacknowledged: number;
	/** Acknowledgements and pings that wait for room in the socket. */
	readonly waitingBytes: number;
}

export const mqttLimits: MqttLimits = Object.freeze({
	inBytes: 2048,
	outBytes: 2048,
	connectTimeoutMs: 20_000,
	pingTimeoutMs: 20_000,
	ackTimeoutMs: 30_000,
	unacknowledged: 16,
	waitingBytes: 256,
});

export interface MessageInfo {
	readonly qos: 0 | 1;
	/** The broker may have delivered it before. */
	readonly duplicate: boolean;
	readonly retain: boolean;
}

export interface MqttOptions {
	readonly Socket: SocketConstructor;
	readonly host: string;
	readonly port: number;
	/** What the broker has to prove; in clear when absent. */
	readonly tls?: SocketTls | undefined;
	readonly clientId: string;
	/** "" for none. */
	readonly user: string;
	readonly password: string;
	/** 0 for none; at most 65,535 s. Half of it without traffic one way or the other makes a PINGREQ. */
	readonly keepAliveMs: number;
	readonly clean: boolean;
	readonly will?: Will;
	readonly timers: Timers;
	readonly limits?: Partial<MqttLimits>;
	/** What an earlier connection left in `unacknowledged()`: sent again with DUP once this one is open. */
	readonly redeliver?: readonly Redelivery[];
	readonly onOpen: (sessionPresent: boolean) => void;
	/** A QoS 1 message is acknowledged after this returns. `payload` is only good until then. */
	readonly onMessage: (topic: string, payload: Uint8Array, info: MessageInfo) => void;
	/** The connection is over; nothing is called afterwards. Not called for the user's own `close`. */
	readonly onClosed: (reason: CloseReason, detail: number) => void;
}

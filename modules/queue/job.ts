/** Work with the host that waits until nothing about a transaction can be sent: settlement, notices. */
export interface HostJob {
	/** It has a message to send now. */
	ready(): boolean;
	/** Sends one message; `done` is called once, when its answer or its deadline has been dealt with. Never from inside. */
	step(done: () => void): void;
}

/**
 * One state of the whole: terminal (flash and memory), messages under way, host, time. Packed into two 32-bit
 * words, so that millions fit in memory and equal states are found by one comparison.
 */

/** Where the terminal's program is; in memory, lost with the power. */
export const Pc = Object.freeze({
	Idle: 0,
	/** Opened: the customer waits for the link or for the store. */
	Serve: 1,
	/** Sending is on flash, nothing was handed over yet. */
	Ready: 2,
	WaitSale: 3,
	/** Approved is on flash; the card has the last word. */
	Card: 4,
	/** The card data is in the vault, the record still says Opened. */
	VaultPut: 5,
	WaitReversal: 6,
	WaitForward: 7,
	/** The outcome is on flash, the card data not wiped yet. */
	Wipe: 8,
	/** Only where a rule is off: one step is done before its record. */
	SentUnrecorded: 9,
	ShownUnrecorded: 10,
	StoredWithoutCard: 11,
	WipedUnrecorded: 12,
	/** Only without "no-resend-on-other-channel": waits for the second 0200. */
	WaitSecond: 13,
} as const);

/** What the customer was told; he remembers it through every power cut. */
export const Told = Object.freeze({ Nothing: 0, Approved: 1, NotApproved: 2, Stored: 3 } as const);

/** Time since the 0200 was sent: under 60 s, under 90 s, over. 3 only where a second 0200 was sent. */
export const Phase = Object.freeze({ Fresh: 0, Deadline: 1, Over: 2, SecondOver: 3 } as const);

export const Request = Object.freeze({
	Sale: 0,
	/** The same 0200 over the other channel. */
	SaleAgain: 1,
	/** Of the attempt that is open; the Old ones are of earlier attempts. */
	Reversal: 2,
	Forward: 3,
	/** A stored sale under its second STAN. */
	ForwardNew: 4,
	OldReversal: 5,
	OldForward: 6,
	OldForwardNew: 7,
} as const);
export type Request = (typeof Request)[keyof typeof Request];

export const Reply = Object.freeze({
	SaleApproved: 0,
	SaleRefused: 1,
	SaleDoubt: 2,
	SaleBadMac: 3,
	Reversed: 4,
	NoOriginal: 5,
	ReversalLater: 6,
	ReversalOdd: 7,
	OldReversed: 8,
	OldNoOriginal: 9,
	OldReversalLater: 10,
	OldReversalOdd: 11,
	Forwarded: 12,
	ForwardRefused: 13,
	ForwardLater: 14,
	OldForwarded: 15,
	OldForwardRefused: 16,
	OldForwardLater: 17,
} as const);
export type Reply = (typeof Reply)[keyof typeof Reply];

/** First bit of each kind of request; those of earlier attempts are counted up to 3. */
const requestShift = [0, 1, 2, 3, 4, 5, 7, 9] as const;
const requestMask = [1, 1, 1, 1, 1, 3, 3, 3] as const;
const replyShift = 11;
const requestBits = (1 << replyShift) - 1;
const currentReplies = ((0xf << Reply.Reversed) | (0x7 << Reply.Forwarded)) << replyShift;

export class World {
	state = 1;
	pc: number = Pc.Serve;
	power = 1;
	/** Encrypted card data stands in the vault. */
	vault = 0;
	told = 0;
	/** The open reversal was sent after the life of the sale, as the terminal counts it. */
	afterLife = 0;
	/** In memory: when the sale was sent is not known, or attempt numbers started again. */
	forgot = 0;
	tries = 0;
	phase = 0;
	/** Postings of this swipe at the host, and those taken back. */
	posts = 0;
	reversals = 0;
	saleSeen = 0;
	forwardSeen = 0;
	newStanSeen = 0;
	saleRefused = 0;
	forwardRefused = 0;
	tombstone = 0;
	/** Messages under way. */
	net = 0;

	copy(from: World): this {
		this.state = from.state;
		this.pc = from.pc;
		this.power = from.power;
		this.vault = from.vault;
		this.told = from.told;
		this.afterLife = from.afterLife;
		this.forgot = from.forgot;
		this.tries = from.tries;
		this.phase = from.phase;
		this.posts = from.posts;
		this.reversals = from.reversals;
		this.saleSeen = from.saleSeen;
		this.forwardSeen = from.forwardSeen;
		this.newStanSeen = from.newStanSeen;
		this.saleRefused = from.saleRefused;
		this.forwardRefused = from.forwardRefused;
		this.tombstone = from.tombstone;
		this.net = from.net;
		return this;
	}

	/** All but what is under way, 28 bits. */
	get body(): number {
		return (
			this.state |
			(this.pc << 4) |
			(this.power << 8) |
			(this.vault << 9) |
			(this.told << 10) |
			(this.afterLife << 12) |
			(this.forgot << 13) |
			(this.tries << 14) |
			(this.phase << 16) |
			(this.posts << 18) |
			(this.reversals << 20) |
			(this.saleSeen << 22) |
			(this.forwardSeen << 23) |
			(this.newStanSeen << 24) |
			(this.saleRefused << 25) |
			(this.forwardRefused << 26) |
			(this.tombstone << 27)
		);
	}

	unpack(body: number, net: number): this {
		this.state = body & 15;
		this.pc = (body >> 4) & 15;
		this.power = (body >> 8) & 1;
		this.vault = (body >> 9) & 1;
		this.told = (body >> 10) & 3;
		this.afterLife = (body >> 12) & 1;
		this.forgot = (body >> 13) & 1;
		this.tries = (body >> 14) & 3;
		this.phase = (body >> 16) & 3;
		this.posts = (body >> 18) & 3;
		this.reversals = (body >> 20) & 3;
		this.saleSeen = (body >> 22) & 1;
		this.forwardSeen = (body >> 23) & 1;
		this.newStanSeen = (body >> 24) & 1;
		this.saleRefused = (body >> 25) & 1;
		this.forwardRefused = (body >> 26) & 1;
		this.tombstone = (body >> 27) & 1;
		this.net = net;
		return this;
	}

	/** Posted and not taken back. */
	get posted(): number {
		return this.posts - this.reversals;
	}

	get quiet(): boolean {
		return (this.net & requestBits) === 0;
	}

	has(request: Request): boolean {
		return ((this.net >> requestShift[request]) & requestMask[request]) > 0;
	}

	hasReply(reply: Reply): boolean {
		return ((this.net >> (replyShift + reply)) & 1) > 0;
	}

	/** Puts a request under way; beyond the bound it is lost. */
	send(request: Request, bound: number): void {
		const count = (this.net >> requestShift[request]) & requestMask[request];
		if (count < requestMask[request] && requestCount(this.net) < bound)
			this.net += 1 << requestShift[request];
	}

	take(request: Request): void {
		this.net -= 1 << requestShift[request];
	}

	/** Puts a reply under way; beyond the bound, or beside an equal one, it is lost. */
	answer(reply: Reply, bound: number): void {
		if (bitCount(this.net >> replyShift) < bound) this.net |= 1 << (replyShift + reply);
	}

	takeReply(reply: Reply): void {
		this.net &= ~(1 << (replyShift + reply));
	}

	/** The open attempt is over: what is under way of it belongs to an earlier one. */
	endAttempt(): void {
		const moved: readonly (readonly [Request, Request])[] = pairs;
		for (const [current, old] of moved) {
			if (!this.has(current)) continue;
			this.take(current);
			this.send(old, 99);
		}
		const replies = this.net & currentReplies;
		const reversal = replies & (0xf << (replyShift + Reply.Reversed));
		const forward = replies & (0x7 << (replyShift + Reply.Forwarded));
		this.net = (this.net & ~replies) | (reversal << 4) | (forward << 3);
		this.afterLife = 0;
	}
}

const pairs = Object.freeze([
	[Request.Reversal, Request.OldReversal],
	[Request.Forward, Request.OldForward],
	[Request.ForwardNew, Request.OldForwardNew],
] as const);

function requestCount(net: number): number {
	return bitCount(net & 31) + ((net >> 5) & 3) + ((net >> 7) & 3) + ((net >> 9) & 3);
}

function bitCount(bits: number): number {
	let count = 0;
	for (let rest = bits; rest !== 0; rest &= rest - 1) count++;
	return count;
}

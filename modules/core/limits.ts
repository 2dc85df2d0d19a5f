/** Limits and deadlines of the terminal, each with its unit. One place, so that a technician can be told. */
export const limits = Object.freeze({
	/** Largest single sale, minor units. */
	saleAmountMinorMax: 5_000_000,
	/** How long the reader waits for a card. */
	cardTimeoutMs: 60_000,
	/** How long a sale waits for a link that is just coming up. */
	linkWaitMs: 8_000,
	/** Reply deadline of a sale (UnionPay parameter 20 to 90 s). */
	replyTimeoutMs: 60_000,
	/** Reply deadline of a reversal or a stored sale. */
	repeatTimeoutMs: 20_000,
	/**
	 * Until then a request may still be taken: the host's 60 s, 30 s by which our clock may be ahead of the host's,
	 * and what both round away. `npm run model` shows what a shorter life would cost.
	 */
	requestLifeMs: 95_000,
	/** First and longest pause between repeats of the same message; between them full jitter. */
	backoffBaseMs: 2_000,
	backoffCapMs: 120_000,
	/** Closed transactions that are kept in memory for `show` and `why`. */
	closedInMemory: 100,
	/** Of these, how many are read at boot, so that the terminal is ready soon. */
	closedAtBoot: 40,
	/** Transactions that are found by STAN and state without reading flash: 1,000 closed ones and all open ones. */
	transactionsIndexed: 1_064,
	/** Voids, refunds, completions, tips and voice sales whose originals are kept in memory. */
	linksInMemory: 512,
	/** Slips that may wait for the printer; beyond that no sale is taken, for each stays in memory. */
	slipsDueMax: 200,
	/** STANs and attempt numbers that one journal record reserves ahead; fewer than `closedAtBoot`. */
	reserveAhead: 32,
	/** Offline sales: per sale, all together (minor units), count, age of the oldest. */
	offlineSaleMinorMax: 50_000,
	offlineTotalMinorMax: 500_000,
	offlineCountMax: 50,
	offlineAgeMaxMs: 72 * 3_600_000,
	/** How long the cashier may think about a question, such as whether a second sale of the same amount is meant. */
	questionMs: 30_000,
	/** How long a function of the menu waits for the next key. */
	formMs: 60_000,
	/** How long a result stays on the display when nobody presses a key. */
	resultShownMs: 5_000,
	/** How long a settlement that has begun waits for the network before sales go on; then, before it is tried again. */
	settlementPatienceMs: 60_000,
	settlementPauseMs: 300_000,
	/** Blocks of the journal that a settlement may fill: where they are not free without dropping what is not settled, it comes first. */
	settlementBlocks: 4,
	/** Pause between looks for idle work (erasing ahead, due receipts). */
	idleMs: 500,
	/** How long after a boot a terminal restarts by itself at the earliest: flash that keeps failing must leave time to be told why. */
	restartAfterMs: 60_000,
	/** Longest line that the console takes. */
	consoleLineMax: 120,
	/** Events that the log keeps. */
	logEventsMax: 256,
} as const);

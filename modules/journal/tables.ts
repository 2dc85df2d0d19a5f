import type { Flash } from "core/flash";
import type { FlashReader } from "journal/flash-reader";
import type { KeptTable } from "journal/kept";
import type { LiveTable } from "journal/live";
import type { Ring } from "journal/ring";
import type { Spans } from "journal/spans";

/** What the parts of a journal share: the flash, and all that is known of its content. */
export interface Tables {
	readonly flash: Flash;
	readonly reader: FlashReader;
	readonly ring: Ring;
	readonly live: LiveTable;
	readonly kept: KeptTable;
	readonly spans: Spans;
}

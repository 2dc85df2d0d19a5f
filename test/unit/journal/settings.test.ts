import { Journal, Mark } from "journal/journal";
import { equal, ok, test } from "test/harness";
import { FakeFlash } from "test/simulation/fakes/flash";

const bytes = (length: number, value: number): Uint8Array => new Uint8Array(length).fill(value);
const limit = { newest: 5, settings: [16] };

function sell(journal: Journal, from: number, count: number): void {
	for (let subject = from; subject < from + count; subject++) {
		journal.append(subject, 1, bytes(220, 1), Mark.Open);
		journal.append(subject, 2, bytes(40, 3), Mark.Close);
		if (subject % 8 === 0) journal.append(0, 16, bytes(13, subject & 255), Mark.More);
		while (journal.idle());
	}
}

/** First byte of the newest record of a kind, undefined when there is none. */
function setting(journal: Journal, wanted: number): number | undefined {
	const found: (number | undefined)[] = [];
	journal.visitSettings(({ subject, kind, payload }) => {
		equal(subject, 0);
		if (kind === wanted) found.push(payload[0]);
	});
	ok(found.length <= 1);
	return found[0];
}

for (const inIdleTime of [true, false])
	test(`a setting that a limited boot did not look for is found, the rest read ${inIdleTime ? "in idle time" : "for it"}`, () => {
		const flash = new FakeFlash({ byteLength: 131_072 });
		const journal = new Journal(flash, { retainCount: 200 });
		journal.mount();
		journal.append(0, 40, bytes(20, 1), Mark.More);
		journal.append(0, 40, bytes(20, 2), Mark.More);
		sell(journal, 1, 150);
		const kinds: number[] = [];
		const again = new Journal(flash, { retainCount: 200 });
		again.mount(({ subject, kind }) => {
			if (subject === 0) kinds.push(kind);
		}, limit);
		equal([kinds, again.isPartlyVisited], [[16], true]);
		if (inIdleTime) while (again.isPartlyVisited) again.idle();
		equal([setting(again, 40), setting(again, 41)], [2, undefined]);
		again.append(0, 40, bytes(20, 3), Mark.More);
		equal(setting(again, 40), 3);
	});

test("a setting is found wherever the ring has carried it", () => {
	const flash = new FakeFlash({ byteLength: 65_536 });
	const journal = new Journal(flash, { retainCount: 40 });
	journal.mount();
	journal.append(0, 40, bytes(20, 9), Mark.More);
	sell(journal, 1, 400);
	ok(journal.carried > 0);
	equal(setting(journal, 40), 9);
	const again = new Journal(flash, { retainCount: 40 });
	again.mount(() => undefined, limit);
	while (again.isPartlyVisited) again.idle();
	equal(setting(again, 40), 9);
});

test("a partition that is not in use has no settings", () => {
	const journal = new Journal(new FakeFlash({ byteLength: 4096 }));
	journal.mount();
	equal(setting(journal, 16), undefined);
});

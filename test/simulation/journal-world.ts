import { Fault } from "core/fault";
import { Journal, Mark, MountError, type MountReport } from "journal/journal";
import { FakeFlash, PowerCut, type PowerModel } from "test/simulation/fakes/flash";
import { Random } from "test/simulation/fakes/random";

/** A record as the workload wrote it; the payload is made from `id` and `length`. */
interface Written {
	readonly id: number;
	readonly subject: number;
	readonly kind: number;
	readonly mark: number;
	readonly length: number;
}

export interface WorldOptions {
	readonly blocks?: number;
	readonly alignment?: number;
	readonly model?: PowerModel;
	readonly seed: number;
	/** Closed subjects that must be whole after a mount. */
	readonly retainCount?: number;
	/** The newest of them that are checked, where a small partition cannot hold all; default `retainCount`. */
	readonly retainChecked?: number;
	readonly openLimit?: number;
	/** Subjects that the workload leaves open for good. */
	readonly longLived?: number;
	/** Closed subjects are opened again now and then; the ring must have room for that. Default true. */
	readonly reopens?: boolean;
	/** Decides what an interrupted operation leaves; default `seed`. */
	readonly flashSeed?: number;
}

const kindIntent = 1;
const kindState = 2;
const kindReceipt = 3;

/**
 * A journal on a fake flash under a random workload, and beside it what must be true of it: every record
 * whose append returned, in order; what was in flight either for ever or never.
 */
export class JournalWorld {
	flash: FakeFlash;
	journal: Journal;
	report: MountReport | undefined;
	cuts = 0;
	readonly #options: Required<WorldOptions>;
	readonly #random: Random;
	#subjects = new Map<number, Written[]>();
	#open = new Set<number>();
	#closed: number[] = [];
	#settings = new Map<number, Written>();
	#inDoubt: Written[] = [];
	#nextId = 1;
	#newest = 0;
	readonly #long = new Set<number>();

	constructor(options: WorldOptions, base?: JournalWorld) {
		const defaults = {
			blocks: 16,
			alignment: 4,
			model: 1 as PowerModel,
			retainCount: 30,
			retainChecked: options.retainCount ?? 30,
			openLimit: 64,
			longLived: 3,
			reopens: true,
			flashSeed: options.seed,
		};
		this.#options = { ...defaults, ...options };
		this.#random = new Random(options.seed);
		const { blocks, alignment, model, flashSeed } = this.#options;
		if (base === undefined)
			this.flash = new FakeFlash({
				byteLength: blocks * 4096,
				writeAlignment: alignment,
				model,
				seed: flashSeed,
			});
		else {
			this.flash = base.flash.clone(flashSeed, model);
			this.#subjects = new Map(Array.from(base.#subjects, ([s, list]) => [s, [...list]]));
			this.#open = new Set(base.#open);
			this.#closed = [...base.#closed];
			this.#settings = new Map(base.#settings);
			this.#nextId = base.#nextId;
			this.#newest = base.#newest;
		}
		this.journal = this.#newJournal();
	}

	get openCount(): number {
		return this.#open.size;
	}

	/** Boots once without a cut and checks. */
	boot(): void {
		while (!this.bootCut(0));
	}

	/**
	 * Boots after a cut.
	 * @param cutInMount operations after which the power goes again while mounting; 0 no such cut
	 * @returns false when it went; then boot again
	 */
	bootCut(cutInMount: number, whole: "no" | "before" | "after" = "no"): boolean {
		this.journal = this.#newJournal();
		this.flash.powerUp();
		this.flash.cutWhole = whole;
		if (cutInMount > 0) this.flash.cutAt = this.flash.operations + cutInMount;
		return this.#guard(() => this.#mountAndCheck());
	}

	/** Works until the power goes. @returns false when it did not go within `steps` */
	workUntilCut(afterOperations: number, steps: number): boolean {
		this.flash.cutAt = this.flash.operations + afterOperations;
		return !this.#guard(() => {
			for (let i = 0; i < steps; i++) this.step();
		});
	}

	/** Sells until the power goes. */
	sellUntilCut(afterOperations: number): void {
		this.flash.cutAt = this.flash.operations + afterOperations;
		this.#guard(() => {
			for (;;) this.sale();
		});
	}

	/** Works until the power goes in an erase. */
	workUntilEraseCut(steps: number): boolean {
		const { flash } = this;
		flash.cutAtErase = 1 + this.#random.below(4);
		return !this.#guard(() => {
			for (let i = 0; i < steps; i++) this.step();
		});
	}

	/** One random thing that a terminal does. */
	step(): void {
		const random = this.#random;
		const dice = random.below(100);
		if (dice < 30) this.#openOne();
		else if (dice < 75) this.#advanceOne();
		else if (dice < 81) this.#receipt();
		else if (dice < 82) this.#reopen();
		else if (dice < 86) this.#change(0, 16 + random.below(3), Mark.More, 4 + random.below(40));
		else this.journal.idle();
	}

	/** A whole transaction: four records, then idle work. */
	sale(lengths: readonly number[] = [200, 16, 40, 4]): void {
		const subject = ++this.#newest;
		this.#change(subject, kindIntent, Mark.Open, lengths[0]!);
		this.#change(subject, kindState, Mark.More, lengths[1]!);
		this.#change(subject, kindState, Mark.Close, lengths[2]!);
		this.#change(subject, kindReceipt, Mark.More, lengths[3]!);
		this.journal.idle();
	}

	/** Opens a subject that stays open. */
	openLong(): void {
		const subject = ++this.#newest;
		this.#long.add(subject);
		this.#change(subject, kindIntent, Mark.Open, 250);
		this.#change(subject, kindState, Mark.More, 30);
	}

	/** Closes what a cut left open, but for those that are to stay open. */
	closeOthers(): void {
		for (const subject of [...this.#open])
			if (!this.#long.has(subject)) this.#change(subject, kindState, Mark.Close, 40);
	}

	/** Boots and tells what was visited, one text a record, without any check. */
	visitAll(): string[] {
		const texts: string[] = [];
		this.flash.powerUp();
		this.journal = this.#newJournal();
		this.report = this.journal.mount(({ subject, kind, payload }) => {
			texts.push(`${subject} ${kind} ${payload.join()}`);
		});
		return texts;
	}

	/** Whether such a text of `visitAll` stands for a record that was appended. */
	wasWritten(text: string): boolean {
		const [subject, kind, payload] = text.split(" ");
		const bytes = Uint8Array.from(payload!.split(","), Number);
		const id = idOf(bytes, this.#nextId);
		const list = this.#subjects.get(Number(subject));
		// Of the settings only the newest are remembered here.
		if (list === undefined) return subject === "0" && id < this.#nextId;
		const written = list.find((w) => w.id === id && w.kind === Number(kind));
		return written !== undefined && same(payloadOf(written), bytes);
	}

	#newJournal(): Journal {
		const { retainCount, openLimit } = this.#options;
		return new Journal(this.flash, { retainCount, openLimit });
	}

	/** @returns false when the power went */
	#guard(body: () => void): boolean {
		try {
			body();
			return true;
		} catch (error) {
			if (!(error instanceof PowerCut)) throw error;
			this.cuts++;
			return false;
		}
	}

	#openOne(): void {
		if (!this.journal.canOpen() || this.#open.size >= this.#options.longLived + 4)
			return this.#advanceOne();
		this.#change(++this.#newest, kindIntent, Mark.Open, 60 + this.#random.below(261));
	}

	/** The oldest open ones are the long-lived: they are closed rarely. */
	#advanceOne(): void {
		if (this.#open.size === 0) return;
		const all = [...this.#open];
		const { longLived } = this.#options;
		const index = this.#random.below(all.length);
		const subject = all[index]!;
		const rarely = index < longLived && !this.#random.oneIn(20);
		if (rarely && !this.#random.oneIn(6)) return;
		const mark = rarely || this.#random.oneIn(2) ? Mark.More : Mark.Close;
		this.#change(subject, kindState, mark, 8 + this.#random.below(60));
	}

	#receipt(): void {
		const late = this.#random.oneIn(4) ? 12 : 3;
		const subject = this.#closed[this.#closed.length - 1 - this.#random.below(late)];
		if (subject !== undefined) this.#change(subject, kindReceipt, Mark.More, 2);
	}

	/** The last one that was closed has to be acted upon again. */
	#reopen(): void {
		const subject = this.#closed[this.#closed.length - 1];
		if (subject === undefined || !this.journal.canOpen() || !this.#options.reopens) return;
		this.#change(subject, kindState, Mark.Open, 8 + this.#random.below(60));
	}

	#change(subject: number, kind: number, mark: Mark, length: number): void {
		const written = { id: this.#nextId++, subject, kind, mark, length };
		this.#inDoubt.push(written);
		try {
			this.journal.append(subject, kind, payloadOf(written), mark);
		} catch (error) {
			if (!(error instanceof Fault) || error.code !== "flash.write") throw error;
			// The terminal restarts: the next mount decides.
			throw new PowerCut();
		}
		this.#inDoubt.pop();
		this.#commit(written);
	}

	#commit(written: Written): void {
		const { subject, mark } = written;
		if (subject === 0) {
			this.#settings.set(written.kind, written);
			return;
		}
		const list = this.#subjects.get(subject);
		if (list === undefined) this.#subjects.set(subject, [written]);
		else list.push(written);
		if (mark === Mark.Open) {
			this.#open.add(subject);
			this.#closed = this.#closed.filter((each) => each !== subject);
		} else if (mark === Mark.Close && this.#open.delete(subject)) this.#closed.push(subject);
	}

	#mountAndCheck(): void {
		const visited: { subject: number; kind: number; payload: Uint8Array }[] = [];
		this.report = this.journal.mount((record) => visited.push(record));
		// A worn flash may fail a whole mount; the next one must go well.
		if (this.report.error === MountError.Flash && this.flash.failEvery > 0) throw new PowerCut();
		check(this.report.error === 0, `mount error ${this.report.error}`);
		const byId = new Map<number, Written>();
		for (const list of this.#subjects.values()) for (const w of list) byId.set(w.id, w);
		for (const w of this.#settings.values()) byId.set(w.id, w);
		for (const w of this.#inDoubt) byId.set(w.id, w);
		const found: Written[] = [];
		for (const record of visited) {
			const id = record.payload.length < 2 ? -1 : idOf(record.payload, this.#nextId);
			const written = byId.get(id);
			check(written !== undefined, `a record that was never written, or no longer is: ${id}`);
			check(written.subject === record.subject, `subject of ${id}`);
			check(written.kind === record.kind, `kind of ${id}`);
			check(same(record.payload, payloadOf(written)), `payload of ${id}`);
			found.push(written);
		}
		for (const w of this.#inDoubt) if (found.includes(w)) this.#commit(w);
		this.#inDoubt = [];
		this.#checkOpen();
		this.#checkSettings(found);
		this.#checkSubjects(found);
	}

	#checkOpen(): void {
		check(
			this.journal.openCount === this.#open.size,
			`open ${this.journal.openCount}, should be ${this.#open.size}`,
		);
		for (const subject of this.#open) check(this.journal.isOpen(subject), `${subject} is not open`);
	}

	#checkSettings(found: readonly Written[]): void {
		const settings = found.filter((w) => w.subject === 0);
		check(settings.length === this.#settings.size, "number of settings records");
		for (const w of this.#settings.values()) check(settings.includes(w), `setting ${w.kind} lost`);
	}

	#checkSubjects(found: readonly Written[]): void {
		const bySubject = new Map<number, Written[]>();
		for (const w of found) {
			const list = bySubject.get(w.subject);
			if (list === undefined) bySubject.set(w.subject, [w]);
			else list.push(w);
		}
		for (const [subject, list] of bySubject)
			for (let i = 1; i < list.length; i++)
				check(subject === 0 || list[i - 1]!.id < list[i]!.id, `order in ${subject}: ${ids(list)}`);
		// Whatever a boot tells of a subject is the newest that was committed, never a state before that.
		for (const [subject, have] of bySubject) if (subject !== 0) this.#checkNewest(subject, have);
		const checked = Math.max(
			0,
			this.#options.retainChecked - (this.#newest - this.#closed.length - this.#open.size),
		);
		const recent = this.#closed.slice(Math.max(0, this.#closed.length - checked));
		for (const subject of [...this.#open, ...recent])
			this.#checkNewest(subject, bySubject.get(subject) ?? []);
		for (let i = 0; i < 3; i++) {
			const subject = 1 + this.#random.below(this.#newest + 1);
			this.#checkLookUp(subject, bySubject.get(subject) ?? []);
		}
	}

	/**
	 * A question about one subject is answered as the visit of all has it. Of a closed one nothing may be left by now: behind
	 * the visit a mount makes room.
	 */
	#checkLookUp(subject: number, visited: readonly Written[]): void {
		const found: number[] = [];
		this.journal.visitSubject(subject, ({ payload }) => found.push(idOf(payload, this.#nextId)));
		for (const w of found.length === 0 ? [] : newestOfKind(visited))
			check(found.includes(w.id), `look-up of ${subject}: ${found.join(" ")} of ${ids(visited)}`);
		check(found.length > 0 || !this.#open.has(subject), `look-up of ${subject} found nothing`);
		check(
			visited.length > 0 || found.length === 0,
			`look-up of ${subject} found what is no longer`,
		);
	}

	#checkNewest(subject: number, have: readonly Written[]): void {
		const written = this.#subjects.get(subject)!;
		for (const w of newestOfKind(written)) {
			const closed = this.#closed.slice(-30).join(" ");
			const story = `of ${ids(written)}, has ${ids(have)}; newest ${this.#newest} closed ${closed}`;
			check(have.includes(w), `${subject} lost record ${w.id} ${story}`);
		}
	}
}

/** The first record and the newest of each kind: what a long-lived subject keeps. */
function newestOfKind(list: readonly Written[]): Written[] {
	return list.filter((w, i) => !list.some((other, j) => j > i && other.kind === w.kind));
}

function ids(list: readonly Written[]): string {
	return list.map((w) => `${w.id}:${w.kind}${["?", "o", "m", "c"][w.mark]}`).join(" ");
}

function check(condition: boolean, message: string): asserts condition {
	if (!condition) throw new Error(message);
}

/** At least two bytes: the id, then bytes that follow from it. */
function payloadOf(written: Written): Uint8Array {
	const bytes = new Uint8Array(Math.max(2, written.length));
	let state = Math.imul(written.id, 0x9e3779b1);
	for (let i = 2; i < bytes.length; i++) {
		state = (Math.imul(state, 1664525) + 1013904223) | 0;
		bytes[i] = state >>> 24;
	}
	bytes[0] = written.id & 0xff;
	bytes[1] = (written.id >> 8) & 0xff;
	return bytes;
}

/** The newest id below `next` whose low 16 bits stand in the payload. */
function idOf(payload: Uint8Array, next: number): number {
	const low = payload[0]! | (payload[1]! << 8);
	const id = ((next - 1) & ~0xffff) | low;
	return id < next ? id : id - 0x10000;
}

function same(a: Uint8Array, b: Uint8Array): boolean {
	if (a.length !== b.length) return false;
	for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
	return true;
}

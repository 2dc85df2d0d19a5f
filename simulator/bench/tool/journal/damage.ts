/** What `verify` finds. */

export type DamageCode =
	| "size"
	| "head"
	| "list"
	| "version"
	| "foreign"
	| "duplicate"
	| "missing"
	| "skipped"
	| "torn"
	| "padding"
	| "payload"
	| "sequence";

export interface Damage {
	readonly code: DamageCode;
	/** Number of the block in the image, null when it is the image or a transaction that is damaged. */
	readonly block: number | null;
	/** Byte in the block. */
	readonly offset: number | null;
	/** Transaction, null when it is none or not known. */
	readonly subject: number | null;
	readonly text: string;
}

/** What is unusual and no damage. */
export type Note = string;

export class Findings {
	readonly damage: Damage[] = [];
	readonly notes: Note[] = [];

	image(code: DamageCode, text: string): void {
		this.damage.push({ code, block: null, offset: null, subject: null, text });
	}

	block(code: DamageCode, block: number, text: string): void {
		this.damage.push({ code, block, offset: null, subject: null, text });
	}

	place(code: DamageCode, block: number, offset: number, text: string): void {
		this.damage.push({ code, block, offset, subject: null, text });
	}

	/** @param at where the record stands that shows it */
	subject(
		code: DamageCode,
		subject: number,
		at: { readonly block: number; readonly offset: number },
		text: string,
	): void {
		this.damage.push({ code, block: at.block, offset: at.offset, subject, text });
	}
}

/** "block 3, offset 96: skipped: …" */
export function damageLine({ code, block, offset, subject, text }: Damage): string {
	const where = [
		...(block === null ? [] : [`block ${block}`]),
		...(offset === null ? [] : [`offset ${offset}`]),
		...(subject === null ? [] : [`#${subject}`]),
	].join(", ");
	return `${where === "" ? "image" : where}: ${code}: ${text}`;
}

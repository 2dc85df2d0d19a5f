import { iso87, iso87Binary } from "message/iso87";
import type { Dialect } from "message/dialect";
import { unionpay } from "message/unionpay";
import { UsageError } from "../cli/options";

const dialects: readonly Dialect[] = Object.freeze([unionpay, iso87, iso87Binary]);

/** @throws UsageError for a name that no dialect has */
export function dialectNamed(name: string | undefined): Dialect {
	const found = dialects.find((dialect) => dialect.name === (name ?? unionpay.name));
	if (found !== undefined) return found;
	const names = dialects.map((dialect) => dialect.name).join(", ");
	throw new UsageError(`no dialect has this name; known: ${names}`);
}

/** All that `decode` knows but this one. */
export function otherDialects(dialect: Dialect): readonly Dialect[] {
	return dialects.filter((other) => other !== dialect);
}

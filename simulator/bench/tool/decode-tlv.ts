import { hexBytes, readArguments } from "./input";
import { printFailure, printJson, printTable } from "./output";
import { objectRows, readObjects, TlvError } from "./tlv-objects";

/** `decode tlv [--json] HEX|-`. @returns exit code */
export async function decodeTlv(args: readonly string[]): Promise<number> {
	const { positionals, json } = readArguments(args);
	const bytes = await hexBytes(positionals, "the template");
	try {
		const objects = readObjects(bytes);
		if (json) printJson({ objects });
		else printTable(objectRows(objects));
		return 0;
	} catch (error) {
		if (!(error instanceof TlvError)) throw error;
		return printFailure({ code: "message.tlv", field: null, offset: error.offset }, json);
	}
}

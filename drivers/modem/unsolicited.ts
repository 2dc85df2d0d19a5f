import { fieldsOf, wholeNumber } from "modem/at-fields";
import type { BringUp } from "modem/bring-up";
import { Urc, type ModemFamily } from "modem/family";
import type { SocketTable } from "modem/socket-table";

/** Tells whom it concerns what the module reports by itself. @returns false when the family has no such line */
export function dispatch(
	line: string,
	family: ModemFamily,
	sockets: SocketTable,
	bringUp: BringUp,
): boolean {
	const pattern = family.urcs.find((one) => line.startsWith(one.start));
	if (pattern === undefined) return false;
	const fields = fieldsOf(line, pattern.start.length);
	const id = wholeNumber(fields[0]);
	const socket = sockets.find(id);
	switch (pattern.kind) {
		case Urc.Received:
			socket?.dataReported();
			break;
		case Urc.Closed:
			socket?.closeReported();
			break;
		case Urc.Opened:
		case Urc.SecureOpened: {
			const error = wholeNumber(fields[1]);
			if (error >= 0) socket?.openReported(pattern.kind === Urc.SecureOpened, error);
			break;
		}
		case Urc.Restarted:
			bringUp.restarted();
			break;
		case Urc.BootLine:
			bringUp.bootLine();
			break;
		case Urc.Deactivated:
			bringUp.deactivated();
			break;
		case Urc.Registration:
			bringUp.registrationReported(id);
			break;
		case Urc.Sim:
			bringUp.simReported(fields[0]!);
			break;
		case Urc.SimHolder:
			if (fields[1] === "0") bringUp.simRemoved();
			break;
		case Urc.Ignored:
			break;
	}
	return true;
}

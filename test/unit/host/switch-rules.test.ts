import { ChannelKind } from "host/channel";
import { nextChannel, SwitchReason, switchRules, type ChannelFacts } from "host/switch-rules";
import { equal, ok, test } from "test/harness";

const { Mqtt, Backup } = ChannelKind;
const calm: ChannelFacts = {
	hasBackup: true,
	kind: Mqtt,
	failures: 0,
	late: false,
	deaf: false,
	returning: false,
};

function next(facts: Partial<ChannelFacts>): readonly (number | undefined)[] {
	const { kind, reason } = nextChannel({ ...calm, ...facts }, switchRules);
	return [kind, reason];
}

test("MQTT is left at its third failure in a row, the backup channel at its second", () => {
	equal(next({ failures: 2 }), [Mqtt, undefined]);
	equal(next({ failures: 3 }), [Backup, SwitchReason.Failures]);
	equal(next({ kind: Backup, failures: 1 }), [Backup, undefined]);
	equal(next({ kind: Backup, failures: 2 }), [Mqtt, SwitchReason.Failures]);
});

test("a connection that was up and broke is tried again on the same channel", () => {
	equal(next({}), [Mqtt, undefined]);
	equal(next({ kind: Backup }), [Backup, undefined]);
});

test("a host that is silent over one channel is looked for on the other at once", () => {
	equal(next({ deaf: true }), [Backup, SwitchReason.Deaf]);
	equal(next({ kind: Backup, deaf: true }), [Mqtt, SwitchReason.Deaf]);
});

test("a channel that does not come up in its time is left, whatever the failures", () => {
	equal(next({ late: true, failures: 1 }), [Backup, SwitchReason.Time]);
	equal(next({ kind: Backup, late: true, failures: 1 }), [Mqtt, SwitchReason.Time]);
});

test("the first failure after the return to MQTT leads back to the backup channel", () => {
	equal(next({ returning: true, failures: 1 }), [Backup, SwitchReason.Failures]);
});

test("without a backup channel MQTT stays, whatever happens", () => {
	const worst = { failures: 99, late: true, deaf: true, returning: true, hasBackup: false };
	equal(next(worst), [Mqtt, undefined]);
});

test("patience is longer than one connection takes, and shorter than two waits of a customer's reply", () => {
	ok(switchRules.patienceMs > 20_000 && switchRules.patienceMs < 120_000);
	ok(switchRules.returnPatienceMs < switchRules.patienceMs);
});

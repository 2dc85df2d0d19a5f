import { crc32 } from "core/crc";
import { Fault } from "core/fault";
import { MountError } from "journal/journal";
import { Vault } from "journal/vault";
import { equal, ok, test, throwsFault } from "test/harness";
import { FakeFlash } from "test/simulation/fakes/flash";
import { Random } from "test/simulation/fakes/random";
import { runVaultSim } from "../../simulation/vault-sim";

const card = (subject: number): Uint8Array => new Uint8Array(80).fill(subject);

function mounted(flash: FakeFlash, stored: readonly number[]): Vault {
	const vault = new Vault(flash);
	equal(vault.mount((subject) => stored.includes(subject)).error, 0);
	return vault;
}

test("an entry comes back, also after a boot", () => {
	const flash = new FakeFlash({ byteLength: 65536, writeAlignment: 16 });
	const vault = mounted(flash, []);
	vault.put(7, card(7));
	vault.put(9, card(9));
	equal(vault.get(9), card(9));
	equal(vault.get(8), undefined);
	const again = mounted(flash, [7, 9]);
	equal(again.count, 2);
	equal(again.get(7), card(7));
});

test("what no stored sale needs is wiped at mount, the rest stays", () => {
	const flash = new FakeFlash({ byteLength: 65536 });
	const vault = mounted(flash, []);
	for (const subject of [3, 4, 5]) vault.put(subject, card(subject));
	const again = mounted(flash, [4]);
	equal(again.get(4), card(4));
	equal([again.count, again.get(3)], [1, undefined]);
	ok(!contains(flash.image, card(3)));
	ok(!contains(flash.image, card(5)));
});

test("after the drain no byte of it is left", () => {
	const flash = new FakeFlash({ byteLength: 65536, writeAlignment: 32 });
	const vault = mounted(flash, []);
	for (let subject = 1; subject <= 60; subject++) vault.put(subject, card(subject));
	for (let subject = 1; subject <= 60; subject++) vault.release(subject);
	while (vault.idle());
	ok(flash.image.every((byte) => byte === 0xff));
	equal(vault.count, 0);
});

test("a released entry is gone before the next put at the latest", () => {
	const flash = new FakeFlash({ byteLength: 65536 });
	const vault = mounted(flash, []);
	vault.put(1, card(1));
	vault.release(1);
	vault.put(2, card(2));
	ok(!contains(flash.image, card(1)));
});

test("it refuses what is too long, and more than it can hold", () => {
	const flash = new FakeFlash({ byteLength: 65536 });
	const vault = mounted(flash, []);
	throwsFault("vault.size", () => vault.put(1, new Uint8Array(129)));
	let subject = 0;
	while (vault.canPut()) vault.put(++subject, new Uint8Array(128));
	equal(subject, 128);
	throwsFault("vault.full", () => vault.put(999, card(1)));
	const stored = Array.from({ length: subject }, (_, i) => i + 1);
	equal(mounted(flash, stored).count, 128);
});

test("a vault on a partition that cannot be used refuses", () => {
	const vault = new Vault(new FakeFlash({ byteLength: 8192 }));
	equal(vault.mount(() => true).error, 1);
	ok(!vault.canPut());
	throwsFault("vault.full", () => vault.put(1, card(1)));
});

test("a block whose erase fails is erased at a later try", () => {
	const flash = new FakeFlash({ byteLength: 65536 });
	const vault = mounted(flash, []);
	vault.put(1, card(1));
	vault.release(1);
	const eraseBlock = flash.eraseBlock.bind(flash);
	let failing = 3;
	flash.eraseBlock = (block) => {
		if (failing-- > 0) throw new Fault("flash.erase", block);
		eraseBlock(block);
	};
	while (vault.idle());
	ok(!contains(flash.image, card(1)));
});

test("a block that is never erased again is passed over, and idle work comes to an end", () => {
	const flash = new FakeFlash({ byteLength: 65536 });
	const vault = mounted(flash, []);
	for (let block = 1; block < 5; block++) flash.deadBlocks.add(block);
	for (let subject = 1; subject <= 90; subject++) {
		vault.put(subject, card(subject));
		if (subject % 2 === 0) vault.release(subject);
		let calls = 0;
		while (vault.idle()) ok(++calls < 100);
	}
	for (let subject = 1; subject <= 90; subject += 2) equal(vault.get(subject), card(subject));
});

test("a vault of a newer firmware is an error and stays untouched", () => {
	const flash = new FakeFlash({ byteLength: 65536 });
	mounted(flash, []).put(7, card(7));
	flash.image[3] = 2;
	new DataView(flash.image.buffer).setUint32(28, crc32(flash.image, 0, 28), true);
	const before = flash.image.slice();
	flash.resetCounters();
	const vault = new Vault(flash);
	equal(vault.mount(() => true).error, MountError.Version);
	ok(!vault.canPut() && !vault.idle());
	equal([flash.operations, flash.image], [0, before]);
});

const contents: readonly (readonly [string, (image: Uint8Array) => void])[] = [
	["all zeros", (image) => image.fill(0)],
	["random bytes", (image) => new Random(3).fill(image)],
	["text of somebody else", (image) => image.forEach((_, i) => (image[i] = 32 + (i % 90)))],
];
for (const [name, fill] of contents)
	test(`${name} in a vault are reported, wiped in idle time, and in nobody's way`, () => {
		const flash = new FakeFlash({ byteLength: 65536 });
		const image = new Uint8Array(65536);
		fill(image);
		flash.load(image);
		const vault = new Vault(flash);
		const { error, kept, damaged } = vault.mount(() => true);
		equal([error, kept, damaged], [0, 0, 16]);
		vault.put(1, card(1));
		equal(vault.get(1), card(1));
		vault.release(1);
		while (vault.idle());
		ok(flash.image.every((byte) => byte === 0xff));
	});

test("random damage never makes a mount of the vault throw, nor shows a false entry", () => {
	for (let seed = 1; seed <= 20; seed++) {
		const flash = new FakeFlash({ byteLength: 65536 });
		const vault = mounted(flash, []);
		for (let subject = 1; subject <= 40; subject++) vault.put(subject, card(subject));
		const random = new Random(seed);
		for (let i = 0; i < 8; i++) {
			const at = random.below(65536 - 200);
			random.fill(flash.image.subarray(at, at + random.below(200)));
		}
		const again = new Vault(flash);
		equal(again.mount(() => true).error, 0);
		for (let subject = 1; subject <= 40; subject++) {
			const entry = again.get(subject);
			if (entry !== undefined) equal(entry, card(subject));
		}
	}
});

test("a program that fails is repeated in the next place", () => {
	const flash = new FakeFlash({ byteLength: 65536 });
	const vault = mounted(flash, []);
	let calls = 0;
	const write = flash.write.bind(flash);
	flash.write = (source, byteOffset) => {
		write(source, byteOffset);
		if (++calls === 2) throw new Fault("flash.write", byteOffset);
	};
	vault.put(1, card(1));
	equal(vault.get(1), card(1));
	equal(calls, 3);
});

for (const model of [1, 2] as const)
	test(`power cuts lose no entry that is needed and leave none that is not: model ${model}`, () => {
		const list: string[] = [];
		const onFailure = (seed: number, reason: string): void => {
			list.push(`${seed} ${reason}`);
		};
		runVaultSim({ seeds: 5, model, alignment: 16, onFailure });
		equal(list, []);
	});

function contains(image: Uint8Array, part: Uint8Array): boolean {
	for (let at = 0; at + part.length <= image.length; at++) {
		let i = 0;
		while (i < part.length && image[at + i] === part[i]) i++;
		if (i === part.length) return true;
	}
	return false;
}

import type { FaultName } from "test/simulation/faults";
import type { World } from "test/simulation/world";

const consoleLines: readonly string[] = Object.freeze([
	"help\r\n",
	"status\r\n",
	"status --json\r\n",
	"queue\r\n",
	"queue --json\r\n",
	"list\r\n",
	"list 3 --json\r\n",
	"show 2\r\n",
	"show 2 --json\r\n",
	"why 1\r\n",
	"why 5 --json\r\n",
	"log\r\n",
	"log --json\r\n",
	"show -1\r\nwhy x\r\n",
	"\x00\xff\x1b[A\r",
	`${"x".repeat(300)}\n`,
]);

/** Lets every timed fault come again and again until the world heals. */
export function startWeather(world: World): void {
	for (const [name, strike] of Object.entries(strikes) as [FaultName, Strike][])
		again(world, name, strike);
}

type Strike = (world: World) => void;

function again(world: World, name: FaultName, strike: Strike): void {
	const pauseMs = world.faults.pauseMs(name);
	if (pauseMs === undefined) return;
	world.scheduler.after(pauseMs, () => {
		if (world.faults.healed) return;
		world.faults.count(name);
		strike(world);
		again(world, name, strike);
	});
}

const strikes: Readonly<Partial<Record<FaultName, Strike>>> = Object.freeze({
	powerCut(world) {
		const dice = world.faults.dice("powerCut");
		const kind = dice.below(6);
		if (kind === 0) world.cutPower();
		else if (kind === 1) world.power.cutAtSend = true;
		else if (kind === 2) world.power.cutAfterErase = true;
		else world.power.cutAt(1 + dice.below(30));
	},
	connectionLost(world) {
		world.trail.note("connection breaks");
		world.network.breakAll(true);
	},
	halfOpen(world) {
		world.trail.note("connection is half open: bytes vanish");
		world.network.blackHole();
	},
	stalled(world) {
		const ms = world.faults.dice("stalled").below(200_000);
		world.trail.note(`network stalls for ${Math.round(ms / 1000)} s`);
		world.network.stall(ms);
	},
	carrierLost(world) {
		const dice = world.faults.dice("carrierLost");
		world.carrier(false);
		world.scheduler.after(1000 + dice.below(dice.oneIn(3) ? 300_000 : 20_000), () =>
			world.carrier(true),
		);
	},
	brokerRestart(world) {
		world.broker.restart(500 + world.faults.dice("brokerRestart").below(30_000));
	},
	brokerAway(world) {
		world.broker.restart(20_000 + world.faults.dice("brokerAway").below(600_000));
	},
	backupAway(world) {
		const ms = world.faults.dice("backupAway").below(900_000);
		world.trail.note(`the backup channel is away for ${Math.round(ms / 1000)} s`);
		world.front.up = false;
		world.scheduler.after(ms, () => (world.front.up = true));
	},
	notice(world) {
		world.host.notices.add();
	},
	noticeForged(world) {
		world.host.notices.forge();
	},
	hostDown(world) {
		world.host.down(1000 + world.faults.dice("hostDown").below(120_000), "goes down");
	},
	paperOut(world) {
		world.paper.out = true;
		world.trail.note("paper is out");
		world.call((terminal) => terminal.printerChanged());
		world.scheduler.after(world.faults.dice("paperOut").below(90_000), () => paperIn(world));
	},
	clockJump(world) {
		const dice = world.faults.dice("clockJump");
		const reach = dice.oneIn(2) ? 90_000 : 86_400_000;
		const jumpMs = dice.below(2 * reach) - reach;
		setClock(world, jumpMs);
		world.scheduler.after(dice.below(300_000), () => setClock(world, 0));
	},
	flashFails(world) {
		const dice = world.faults.dice("flashFails");
		world.flashFailing = world.flashFailedInBoot = true;
		world.journal.failEvery = world.vault.failEvery = 1 + dice.below(8);
		world.trail.note("flash begins to fail");
		world.scheduler.after(1000 + dice.below(40_000), () => flashHeals(world));
	},
	technician(world) {
		const line = consoleLines[world.faults.dice("technician").below(consoleLines.length)]!;
		world.console?.type(line);
	},
});

function setClock(world: World, offMs: number): void {
	if (!world.network.up) return;
	world.trail.note(`network time is off by ${Math.round(offMs / 1000)} s`);
	world.call((terminal) => terminal.networkTime(world.wallMs + offMs));
}

function paperIn(world: World): void {
	world.paper.out = false;
	world.call((terminal) => terminal.printerChanged());
}

function flashHeals(world: World): void {
	if (!world.flashFailing) return;
	world.flashFailing = false;
	world.journal.failEvery = world.vault.failEvery = 0;
	world.trail.note("flash is well again");
}

/** All faults end: carrier, broker, host, paper, flash and time are as they should be. */
export function heal(world: World): void {
	world.trail.note("all faults end");
	world.faults.heal();
	flashHeals(world);
	world.power.cutAt(0);
	world.power.cutAtSend = world.power.cutAfterErase = false;
	paperIn(world);
	world.host.up();
	world.host.notices.signedOn();
	world.broker.up = true;
	world.front.up = true;
	// A journal that flash has failed stops until the next boot: somebody switches the terminal off and on.
	if ("flashFails" in world.faults.counts) world.cutPower();
	if (!world.power.on) return;
	world.scheduler.after(5000, () => {
		if (!world.network.up) world.carrier(true);
		setClock(world, 0);
	});
}

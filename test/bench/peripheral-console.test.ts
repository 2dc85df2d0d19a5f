import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { ConsoleClient } from "../../simulator/bench/peripheral/console";
import type { ConsoleAnswer } from "../../simulator/bench/peripheral/console";
import { Bench } from "./peripheral-support";

async function makeConsole() {
	const bench = new Bench(new ConsoleClient());
	await bench.boot(100);
	const answers: ConsoleAnswer[] = [];
	const run = (line: string, timeoutMs?: number) =>
		bench.device.run(line, (answer) => answers.push(answer), timeoutMs);
	return { bench, answers, run, client: bench.device };
}

test("an answer ends with the prompt at the start of a line; echo and prompt are dropped", async () => {
	const { bench, answers, run } = await makeConsole();
	run("queue");
	await bench.run(1);
	equal(bench.take().toString(), "queue\r");
	bench.give("queue\r\nno > sale\r\n> in the queue\r\n");
	await bench.run(50);
	equal(answers.length, 0);
	bench.give("> ");
	await bench.run(4);
	equal(answers.length, 0);
	await bench.run(4);
	deepEqual(answers, [{ complete: true, text: "no > sale\n> in the queue" }]);
});

test("commands wait for each other", async () => {
	const { bench, answers, run } = await makeConsole();
	run("one");
	run("two");
	await bench.run(10);
	equal(bench.take().toString(), "one\r");
	bench.give("1\r\n> ");
	await bench.run(10);
	equal(bench.take().toString(), "two\r");
	bench.give("2\r\n> ");
	await bench.run(10);
	deepEqual(
		answers.map((answer) => answer.text),
		["1", "2"],
	);
});

test("UTF-8 that comes in pieces is put together", async () => {
	const { bench, answers, run, client } = await makeConsole();
	run("why 1");
	await bench.run(1);
	for (const byte of Buffer.from("钱在银行\r\n> ")) bench.give(Buffer.of(byte));
	await bench.run(10);
	equal(answers[0]?.text, "钱在银行");
	equal(client.text, "钱在银行\r\n> ");
});

test("without a prompt the answer is incomplete after its time, and the next command runs", async () => {
	const { bench, answers, run } = await makeConsole();
	run("hang", 500);
	run("next");
	await bench.run(1);
	bench.give("half");
	await bench.run(600);
	deepEqual(answers, [{ complete: false, text: "half" }]);
	equal(bench.take().toString(), "hang\rnext\r");
});

test("power loss ends all commands", async () => {
	const { bench, answers, run, client } = await makeConsole();
	run("one");
	run("two");
	await bench.run(1);
	bench.give("par");
	client.power(false);
	await bench.run(1);
	deepEqual(answers, [
		{ complete: false, text: "par" },
		{ complete: false, text: "" },
	]);
});

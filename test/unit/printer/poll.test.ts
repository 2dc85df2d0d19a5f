import { StatusPoll } from "printer/poll";
import type { RawStatus } from "printer/status";
import { equal, test } from "test/harness";
import { FakeBoard } from "../card-reader/fake-port";

function setup() {
	const board = new FakeBoard();
	const asked: number[] = [];
	const rounds: RawStatus[] = [];
	let missed = 0;
	const poll = new StatusPoll({
		...board,
		ask: (kind) => asked.push(kind),
		onRound: (raw) => rounds.push(raw),
		onMissed: () => missed++,
	});
	return { board, asked, rounds, poll, missed: () => missed };
}

test("a round asks 1, 2, 4, one after the other", () => {
	const { board, asked, rounds, poll } = setup();
	board.advance(0);
	equal(asked, [1]);
	poll.answer(0x12);
	equal(asked, [1, 2]);
	poll.answer(0x16);
	poll.answer(0x1e);
	equal(asked, [1, 2, 4]);
	equal(rounds, [{ printer: 0x12, offline: 0x16, paper: 0x1e }]);
});

test("a fresh round does not take the answer that was on its way", () => {
	const { board, asked, rounds, poll } = setup();
	board.advance(0);
	poll.answer(0x12);
	poll.begin(true);
	poll.answer(0x32);
	equal(asked, [1, 2, 1]);
	for (const byte of [0x1a, 0x32, 0x7e]) poll.answer(byte);
	equal(rounds, [{ printer: 0x1a, offline: 0x32, paper: 0x7e }]);
});

test("what is not answered is asked again, and silence is measured", () => {
	const { board, asked, poll, missed } = setup();
	board.advance(0);
	poll.answer(0x12);
	board.advance(1_100);
	equal(asked, [1, 2, 2, 2]);
	equal(missed(), 2);
	equal(poll.silentMs, 1_100);
	poll.heard();
	equal(poll.silentMs, 0);
});

test("an answer that nobody awaits is refused", () => {
	const { board, poll } = setup();
	equal(poll.answer(0x12), false);
	board.advance(0);
	equal(poll.answer(0x12), true);
	poll.close();
	equal(board.timerCount, 0);
});

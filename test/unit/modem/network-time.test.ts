import { equipmentError, fieldsOf, wholeNumber } from "modem/at-fields";
import { parseNetworkTime } from "modem/network-time";
import { equal, test } from "test/harness";

test("network time is brought to UTC", () => {
	equal(parseNetworkTime("24/01/01,00:00:00+00"), 1_704_067_200_000);
	equal(parseNetworkTime("24/01/01,08:00:00+32"), 1_704_067_200_000);
	equal(parseNetworkTime("23/12/31,19:00:00-20"), undefined);
	equal(parseNetworkTime("24/02/29,23:59:59-20"), 1_709_269_199_000);
	equal(parseNetworkTime("26/11/22,10:30:00+32"), 1_795_314_600_000);
	equal(parseNetworkTime("69/12/31,23:59:59+00"), 3_155_759_999_000);
});

test("what is no time after 2023 is refused", () => {
	for (const text of [
		"",
		"80/01/06,00:00:10+00",
		"00/01/01,00:00:00+00",
		"70/01/01,00:00:00+00",
		"23/12/31,23:59:59+00",
		"25/02/29,00:00:00+00",
		"26/13/01,00:00:00+00",
		"26/00/01,00:00:00+00",
		"26/01/32,00:00:00+00",
		"26/01/00,00:00:00+00",
		"26/01/01,24:00:00+00",
		"26/01/01,00:60:00+00",
		"26/01/01,00:00:00+99",
		"26/01/01,00:00:00*32",
		"26-01-01,00:00:00+00",
		"26/01/01 00:00:00+00",
		"ab/cd/ef,gh:ij:kl+mn",
	])
		equal(parseNetworkTime(text), undefined, text);
});

test("fields are cut at commas outside quotes", () => {
	equal(fieldsOf('+X: "recv",0', 3), ["recv", "0"]);
	equal(fieldsOf('+X: "26/11/22,10:30:00+32"', 3), ["26/11/22,10:30:00+32"]);
	equal(fieldsOf("+X: 1, 2 ,,3", 3), ["1", "2", "", "3"]);
	equal(fieldsOf('+X: 0,"TCP","10.0.0.1",80', 3), ["0", "TCP", "10.0.0.1", "80"]);
	equal(fieldsOf("+X:", 3), [""]);
	equal(fieldsOf('+X: "open,1', 3), ["open,1"]);
});

test("numbers are digits and nothing else", () => {
	equal(["0", "007", "999999999"].map(wholeNumber), [0, 7, 999_999_999]);
	for (const text of ["", "-1", "1.5", "1e3", " 1", "0x1", "2147483647", undefined])
		equal(wholeNumber(text), -1, text);
});

test("equipment errors are understood as numbers and as words", () => {
	equal(equipmentError(" 14"), 14);
	equal(equipmentError(" SIM not inserted"), 10);
	equal(equipmentError(" something new"), -1);
});

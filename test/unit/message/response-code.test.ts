import { ResponseClass, responseOf, responses } from "message/response-code";
import { equal, ok, test } from "test/harness";

function codesOf(responseClass: ResponseClass): string {
	return responses
		.filter((response) => response.class === responseClass)
		.map((response) => response.code)
		.join(" ");
}

test("only these codes approve, pick up, ask for sign-on, leave doubt or allow a new try", () => {
	equal(codesOf(ResponseClass.Approved), "00 10 11 A2 A4 A5 A6");
	equal(codesOf(ResponseClass.PickUp), "04 07 33 34 35 36 37 38 41 43 67");
	equal(codesOf(ResponseClass.SignOn), "77 99 A0");
	equal(codesOf(ResponseClass.InDoubt), "09 22 68 94 96 98");
	equal(codesOf(ResponseClass.Retry), "19 90 91 92");
});

test("a reversal or stored sale is sent again after exactly these codes", () => {
	const codes = responses.filter((response) => response.sendAgain).map(({ code }) => code);
	equal(codes.join(" "), "09 22 68 90 91 92 96 98");
});

test("an unknown code is declined and kept", () => {
	for (const code of ["ZZ", "", "000", "a0", "constructor"]) {
		const response = responseOf(code);
		equal(response.code, code);
		equal(response.class, ResponseClass.Declined);
		ok(!response.sendAgain);
	}
});

test("every code stands once, has two characters and a text in both languages", () => {
	for (const response of responses) {
		ok(/^[0-9A-Z]{2}$/.test(response.code), response.code);
		ok(response.en.length > 4 && response.zh.length >= 3, response.code);
		equal(responses.filter(({ code }) => code === response.code).length, 1, response.code);
		equal(responseOf(response.code), response);
	}
});

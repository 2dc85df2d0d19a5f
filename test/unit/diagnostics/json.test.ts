import { defaultParameters } from "core/parameters";
import { jsonOf } from "diagnostics/json";
import { equal, test } from "test/harness";
import { menuPages } from "terminal/menu";

test("tables that stand in ROM on the device become JSON like anything else", () => {
	equal((JSON.parse(jsonOf(defaultParameters)) as typeof defaultParameters).batchCountMax, 500);
	equal((JSON.parse(jsonOf(menuPages)) as string[][])[1]?.length, 4);
});

test("nested data comes out as it is", () => {
	const data = { a: [1, "二", null, true, { b: [] }], c: "" };
	equal(jsonOf(data), '{"a":[1,"二",null,true,{"b":[]}],"c":""}');
	equal(jsonOf(undefined), "null");
});

/** Values as Python prints and reads them; each row was taken from Python 3.11. */
import test from "ava";
import { printFloat, quote, readInt } from "../../../src/gateway/requests/python.js";

test("floats are printed as Python prints them", (t) => {
  for (const [value, printed] of [
    [1, "1.0"],
    [-0, "-0.0"],
    [0.1, "0.1"],
    [-3.5, "-3.5"],
    [1e-4, "0.0001"],
    [1e-5, "1e-05"],
    [1.5e-7, "1.5e-07"],
    [123456789012345, "123456789012345.0"],
    [1e15, "1000000000000000.0"],
    [1e16, "1e+16"],
    [1.25e22, "1.25e+22"],
    [1e100, "1e+100"],
    [5e-324, "5e-324"],
    [Number.MAX_VALUE, "1.7976931348623157e+308"],
    [0.30000000000000004, "0.30000000000000004"],
  ] as const)
    t.is(printFloat(value), printed);
});

test("texts are quoted as Python quotes them", (t) => {
  for (const [text, quoted] of [
    ["a", "'a'"],
    ["it's", '"it\'s"'],
    [`'"`, `'\\'"'`],
    ["a\\\n\t\r", "'a\\\\\\n\\t\\r'"],
    ["\u0000\u007f\u00a0é漢", "'\\x00\\x7f\\xa0é漢'"],
    ["\u2028\ufeff😀\u{e0001}", "'\\u2028\\ufeff😀\\U000e0001'"],
  ] as const)
    t.is(quote(text), quoted);
});

test("integers are read as Python reads them", (t) => {
  for (const text of [" 1 ", "+1", "0001", "\u0661", "1\n"]) t.is(readInt(text), 1n, JSON.stringify(text));
  t.is(readInt("1_000"), 1000n);
  t.is(readInt("-99999999999999999999"), -99999999999999999999n);
  for (const text of ["", "1.0", "1e3", "x", "_1", "1__0", "0x1"]) t.is(readInt(text), undefined, text);
});

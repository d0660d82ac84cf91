import test from "ava";
import { codePoints, keyFault } from "../../src/model/names.js";

test("keys that MLflow takes pass: any script's letters, 250 code points, inner slashes", (t) => {
  for (const key of ["loss", "val/loss", "a b.c-d_e:f", "é漢字", "a..b", "𝔘".repeat(250), "a".repeat(250)]) {
    t.is(keyFault(key), undefined, key);
  }
});

test("keys that MLflow refuses are refused with a reason", (t) => {
  for (const key of [
    "",
    "a*b",
    "/a",
    "../a",
    "a//b",
    "a/./b",
    "a/",
    ".",
    "..",
    "a\nb",
    "\ud800",
    "a".repeat(251),
  ]) {
    t.is(typeof keyFault(key), "string", JSON.stringify(key));
  }
});

test("lengths are code points, not UTF-16 units", (t) => {
  t.is(codePoints("a𝔘é"), 3);
});

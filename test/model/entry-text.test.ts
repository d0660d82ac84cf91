import { readFileSync } from "node:fs";
import test from "ava";
import { codePoints, isModelId, keyFault } from "../../src/model/entry-text.js";

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

interface Vector {
  readonly name: string;
  readonly text: string;
  readonly times?: number;
  readonly code?: string;
}

test("keys and ids are judged as the contract of the clients has it", (t) => {
  const vectors = JSON.parse(readFileSync("clients/contract/vectors.json", "utf8")) as Record<
    string,
    Vector[]
  >;
  const { keys = [], model_ids: modelIds = [] } = vectors;
  t.true(keys.length > 20 && modelIds.length > 3);
  for (const { name, text, times = 1, code } of keys)
    t.is(keyFault(text.repeat(times)) !== undefined, code !== undefined, name);
  for (const { name, text, times = 1, code } of modelIds)
    t.is(!isModelId(text.repeat(times)), code !== undefined, name);
});

import { readFileSync } from "node:fs";
import test from "ava";
import { VERSION } from "../../src/model/version.js";

test("the version constant is the package's version", (t) => {
  const text = readFileSync(new URL("../../../package.json", import.meta.url), "utf8");
  t.is(VERSION, (JSON.parse(text) as { version: string }).version);
});

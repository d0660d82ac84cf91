import test from "ava";
import { readSetting, referencesIn, referenceTo } from "../../src/model/secret-reference.js";

const REFERENCES: readonly [string, string, string][] = [
  ["{{a.b}}", "a", "b"],
  ["{{ a.b\t\n}}", "a", "b"],
  ["{{a.b.c}}", "a", "b.c"],
  ["{{my-secret_1.pass-word}}", "my-secret_1", "pass-word"],
];

for (const [text, name, key] of REFERENCES) {
  test(`${JSON.stringify(text)} is a reference to the key ${key} of ${name}`, (t) => {
    t.deepEqual(readSetting(text), { kind: "reference", reference: { name, key } });
  });
}

const OTHERS: readonly [string, ReturnType<typeof readSetting>["kind"]][] = [
  ["text", "text"],
  ["", "text"],
  ["{a.b}", "text"],
  ["x{{a.b}}", "nearMiss"],
  [" {{a.b}}", "nearMiss"],
  ["{{a.b}}\n", "nearMiss"],
  ["{{a b.c}}", "nearMiss"],
  ["{{a}}", "nearMiss"],
  ["{{.b}}", "nearMiss"],
  ["{{a.}}", "nearMiss"],
  ["{{{a.b}}}", "oddBraces"],
  ["{{a.b}}}", "oddBraces"],
];

for (const [text, kind] of OTHERS) {
  test(`${JSON.stringify(text)} is ${kind}`, (t) => {
    t.is(readSetting(text).kind, kind);
  });
}

test("a reference is written as it is read, and found by its setting", (t) => {
  const reference = { name: "a", key: "b" };
  t.deepEqual(referencesIn({ one: referenceTo(reference), two: "text" }), { one: reference });
});

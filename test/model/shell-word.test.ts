import { execFileSync } from "node:child_process";
import test from "ava";
import { posixWord, shellWord } from "../../src/model/shell-word.js";

const WORDS = [
  "/tmp/x y",
  "/a'b",
  '/a"b',
  "/a\nb",
  "/$(touch x)",
  "/a\\b",
  "~",
  "-n",
  "",
  "/ä🙂",
  "/a\u001b[31mb'\\n",
  "a;b",
  "/%20?#&",
];

test("bash reads each word as it was", (t) => {
  for (const word of WORDS)
    t.is(execFileSync("bash", ["-c", `printf '%s' ${shellWord(word)}`], { encoding: "utf8" }), word);
});

test("a POSIX shell reads each word as it was", (t) => {
  for (const word of WORDS)
    t.is(execFileSync("sh", ["-c", `printf '%s' ${posixWord(word)}`], { encoding: "utf8" }), word);
});

test("nothing that a terminal hides is shown raw", (t) => {
  t.is(shellWord("/a\nb"), "$'/a\\x0ab'");
  t.is(shellWord("/plain/path"), "/plain/path");
});

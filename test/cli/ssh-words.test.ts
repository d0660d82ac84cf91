import test from "ava";
import { sshWords } from "../../src/cli/commands/ssh-words.js";

const URL_THERE = "http://127.0.0.1:41234/pass-of-the-home/";
const machine = { user: "ada", name: "gpu-7", addresses: ["127.0.0.1", "192.0.2.7", "2001:db8::7"] };
const wordsOf = (connection: string, more: Partial<typeof machine> = {}) =>
  sshWords({ SSH_CONNECTION: connection }, URL_THERE, { ...machine, ...more });
/** The lines to be pasted, without what they begin with. */
const typed = (connection: string, more?: Partial<typeof machine>) =>
  [...(wordsOf(connection, more) ?? "").matchAll(/^ {2}ssh -o ExitOnForwardFailure=yes -NL (.*)$/gm)].map(
    ([, rest]) => rest,
  );

test("who came by SSH is told two lines, for a port that is free where they sit and for one that is not", (t) => {
  t.deepEqual(typed("198.51.100.1 50000 192.0.2.7 22"), [
    "127.0.0.1:41234:127.0.0.1:41234 ada@192.0.2.7",
    "127.0.0.1:41235:127.0.0.1:41234 ada@192.0.2.7",
  ]);
  const words = wordsOf("198.51.100.1 50000 192.0.2.7 22") ?? "";
  t.regex(words, /and open http:\/\/127\.0\.0\.1:41235\/pass-of-the-home\/\n/);
  t.is(words.split("\n").filter((line) => line.length > 120).length, 0);
});

test("the way is the one by which they came", (t) => {
  const way = (connection: string, more?: Partial<typeof machine>) =>
    typed(connection, more)[0]?.replace("127.0.0.1:41234:127.0.0.1:41234 ", "");
  t.is(way("::1 50000 2001:db8::7 2222"), "-p 2222 ada@2001:db8::7");
  t.is(way("::ffff:198.51.100.1 50000 ::ffff:192.0.2.7 22"), "ada@192.0.2.7");
  t.is(way("198.51.100.1 50000 192.0.2.7 22", { user: "" }), "192.0.2.7");
  t.is(way("198.51.100.1 50000 192.0.2.7 22", { user: "a b;c" }), "'a b;c@192.0.2.7'");
  // A job's node has the variables of the login node.
  t.is(way("198.51.100.1 50000 192.0.2.1 22"), "-J ada@192.0.2.1 ada@gpu-7");
  t.is(way("198.51.100.1 50000 192.0.2.1 2222"), "-J ada@192.0.2.1:2222 ada@gpu-7");
});

test("nobody else is told, and what is no address says nothing", (t) => {
  t.is(sshWords({}, URL_THERE, machine), undefined);
  for (const odd of ["", "a", "1 2 3", "198.51.100.1 50000 192.0.2.7 x"]) t.is(wordsOf(odd), undefined, odd);
});

/** What the environment says of a terminal. */
import test from "ava";
import { screenOf } from "../../src/cli/output/screen.js";

const TERMINAL = { isTTY: true, columns: 100 } as const;

test("NO_COLOR takes colours away; a dumb terminal has none, and nothing is drawn over", (t) => {
  t.like(screenOf(TERMINAL, {}), { columns: 100, hasColor: true, canRedraw: true });
  t.like(screenOf(TERMINAL, { NO_COLOR: "1", TERM: "xterm" }), { hasColor: false, canRedraw: true });
  t.like(screenOf(TERMINAL, { TERM: "dumb" }), { hasColor: false, canRedraw: false });
  t.is(screenOf({ ...TERMINAL, isTTY: false }, {}), undefined);
});

test("curves are more than ASCII where the first of LC_ALL, LC_CTYPE and LANG that is set says UTF-8", (t) => {
  const isUnicode = (env: Readonly<Record<string, string>>) => screenOf(TERMINAL, env)?.isUnicode;
  t.false(isUnicode({}));
  t.true(isUnicode({ LANG: "de_DE.UTF-8" }));
  t.false(isUnicode({ LANG: "de_DE.UTF-8", LC_CTYPE: "C" }));
  t.true(isUnicode({ LANG: "C", LC_CTYPE: "en_US.utf8" }));
  t.false(isUnicode({ LANG: "C.UTF-8", LC_CTYPE: "C.UTF-8", LC_ALL: "POSIX" }));
  t.true(isUnicode({ LC_CTYPE: "C", LC_ALL: "C.UTF-8" }));
});

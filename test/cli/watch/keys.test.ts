/** What keys and clicks do to the page. */
import test from "ava";
import { clicked, pressed } from "../../../src/cli/watch/keys.js";
import { layoutOf } from "../../../src/cli/watch/layout.js";
import { extentOf, type WatchState, withKeys, withRuns } from "../../../src/cli/watch/state.js";
import { keyOf, pageOf, runOf } from "./told.js";

const SIZE = { columns: 120, rows: 30 };
const KEYS = ["a10", "a2", "loss", "system/cpu", "val/loss"];

function after(state: WatchState, ...keys: readonly string[]): WatchState {
  return keys.reduce((before, key) => pressed(before, key, SIZE), state);
}

test("the newest run is shown until somebody chooses; f follows again", (t) => {
  const page = pageOf(["c", "b"], KEYS);
  t.deepEqual(page.chosen, ["c"]);
  const newer = withRuns(page, [runOf("d", { startTimeMs: 2_000n })]);
  t.deepEqual(newer.chosen, ["d"]);
  t.is(newer.keys.size, 0, "what the other had is gone");
  const both = after(page, "TAB", "DOWN", " ");
  t.deepEqual(both.chosen, ["c", "b"]);
  t.deepEqual(withRuns(both, [runOf("d", { startTimeMs: 2_000n })]).chosen, ["c", "b"]);
  t.deepEqual(after(both, " ").chosen, ["c"]);
  t.deepEqual(after(both, "ENTER").chosen, ["b"]);
  t.deepEqual(after(both, "f").chosen, ["c"]);
});

test("metrics stand by number, those of the system apart; a filter is typed, kept and dropped", (t) => {
  const page = pageOf(["a"], KEYS);
  t.deepEqual(page.metrics, ["a2", "a10", "loss", "val/loss"]);
  t.deepEqual(page.system, ["system/cpu"]);
  t.true(after(page, "m").metrics.includes("system/cpu"));
  t.deepEqual(after(page, "m", "m").system, []);
  const typing = after(page, "/", "L", "O", "S", "S", "q", "BACKSPACE");
  t.deepEqual(typing.metrics, ["loss", "val/loss"], "q is text here");
  t.is(after(typing, "ENTER").filterBefore, undefined);
  t.is(after(typing, "ESCAPE").filter, "");
  const none = after(page, "/", "[");
  t.is(none.filterFault, "invalid");
  t.is(none.metrics.length, 4);
  t.is(after(page, "/", "UP", "PAGE_DOWN").filter, "", "keys with names are no text");
});

test("an expression that goes back and forth for ever holds the page for a moment, once, and shows all", (t) => {
  const page = pageOf(["a"], [`${"a".repeat(60)}!`, "loss"]);
  for (const pattern of ["(a+)+$", "(a|a)*$", "(a+a+)+b", "^(([a-z])+.)+[A-Z]$"]) {
    const begunMs = performance.now();
    const typed = pressed(
      { ...page, filter: pattern.slice(0, -1), filterBefore: "" },
      pattern.slice(-1),
      SIZE,
    );
    t.deepEqual([typed.filterFault, typed.metrics.length], ["slow", 2], pattern);
    // Whoever shares the machine makes it longer; without a bound it takes years.
    t.true(performance.now() - begunMs < 10_000, pattern);
    const againMs = performance.now();
    const more = withKeys(typed, [keyOf("a", "new")], []);
    t.deepEqual([more.filterFault, more.metrics.length], ["slow", 3]);
    t.true(performance.now() - againMs < 200, "it is not tried again");
    const other = pressed({ ...more, filterBefore: "" }, "CTRL_U", SIZE);
    t.deepEqual([other.filterFault, other.slowFilter], ["", ""]);
  }
  const fine = pressed({ ...page, filter: "(lo|a+)s{1,2", filterBefore: "" }, "}", SIZE);
  t.deepEqual([fine.filterFault, fine.metrics], ["", ["loss"]]);
});

test("more runs than can be told apart are not drawn, and that is said until the next key", (t) => {
  const names = Array.from({ length: 12 }, (_, at) => `r${at}`);
  const page = pageOf(names, ["loss"]);
  let ten = page;
  for (const runAt of names.slice(1, 10)) ten = pressed({ ...ten, runAt }, " ", SIZE);
  t.is(ten.chosen.length, 10);
  const more = pressed({ ...ten, runAt: "r11" }, " ", SIZE);
  t.deepEqual(more.chosen, ten.chosen);
  t.regex(more.notice, /At most 10 runs/);
  t.is(pressed(more, "s", SIZE).notice, "");
  t.is(pressed({ ...more, runAt: "r3" }, " ", SIZE).chosen.length, 9);
});

test("pages turn, the mark moves, pins stand first, and one curve is large", (t) => {
  const many = pageOf(
    ["a"],
    Array.from({ length: 50 }, (_, at) => `k${at}`),
  );
  const { perPage } = layoutOf(many, SIZE);
  t.is(after(many, "n").keyAt, `k${perPage}`);
  t.is(after(many, "n", "b").keyAt, "k0");
  t.is(after(many, "b").keyAt, "k0");
  t.is(layoutOf(after(many, "END"), SIZE).cards.at(-1)?.key, "k49");
  const pinned = after(many, "RIGHT", "DOWN", "p");
  t.is(pinned.metrics[0], pinned.keyAt);
  t.is(after(pinned, "p").metrics[0], "k0");
  const large = after(many, "RIGHT", "ENTER");
  t.deepEqual(
    layoutOf(large, SIZE).cards.map(({ key }) => key),
    ["k1"],
  );
  t.is(layoutOf(after(large, "RIGHT"), SIZE).cards[0]?.key, "k2");
  t.false(after(large, "ESCAPE").isLarge);
});

test("zoom halves what is shown, pan moves it, an axis of its own begins with all", (t) => {
  const page = pageOf(["a"], ["loss"]);
  t.deepEqual(extentOf(page), [0, 100]);
  t.deepEqual(after(page, "+").range, [25, 75]);
  t.deepEqual(after(page, "+", ".").range, [37.5, 87.5]);
  t.is(after(page, "+", "-").range, undefined);
  t.is(after(page, "+", "0").range, undefined);
  t.deepEqual(after(page, "x", "+").range, [25_000, 75_000], "from the run's start");
  t.is(after(page, "+", "x").range, undefined);
  const deep = after(page, ...new Array<string>(40).fill("+"));
  t.true((deep.range?.[1] ?? 0) - (deep.range?.[0] ?? 0) >= 2);
  const far = after(deep, ...new Array<string>(100).fill("."));
  t.true((far.range?.[0] ?? 0) <= 100);
});

test("smoothing has bounds, help is closed by any key, and keys that mean nothing change nothing", (t) => {
  const page = pageOf(["a"], KEYS);
  t.is(after(page, ...new Array<string>(20).fill("s")).smoothing, 0.99);
  t.is(after(page, "s", "S", "S").smoothing, 0);
  t.true(after(page, "?").isHelp);
  t.false(after(page, "?", "s").isHelp);
  t.is(after(page, "?", "s").smoothing, 0);
  t.is(after(page, "Z"), page);
  t.is(after(page, "UNKNOWN"), page);
});

test("a click chooses a run, marks a curve and makes it large; the wheel pages, and zooms where the mouse is", (t) => {
  const page = pageOf(
    ["c", "b"],
    Array.from({ length: 50 }, (_, at) => `k${at}`),
  );
  const click = (state: WatchState, kind: "press" | "up" | "down", x: number, y: number) =>
    clicked(state, { kind, x, y }, SIZE);
  t.deepEqual(click(page, "press", 5, 3).chosen, ["c", "b"]);
  const [, second] = layoutOf(page, SIZE).cards;
  if (!second) return t.fail("there is one card only");
  const marked = click(page, "press", second.plot.x, second.plot.y);
  t.is(marked.keyAt, "k1");
  t.false(marked.isLarge);
  const large = click(marked, "press", second.plot.x, second.plot.y);
  t.true(large.isLarge);
  const [card] = layoutOf(large, SIZE).cards;
  const zoomed = click(large, "up", card?.plot.x ?? 0, 8);
  t.is(zoomed.range?.[0], 0, "its left end stays");
  t.true((zoomed.range?.[1] ?? 0) < 100);
  t.is(click(page, "down", second.plot.x, second.plot.y).keyAt, `k${layoutOf(page, SIZE).perPage}`);
  t.is(click(page, "press", 60, 0), page);
});

test("keys of runs that nobody chose are passed over, and the mark stays at what is there", (t) => {
  const page = pageOf(["c", "b"], ["x", "y"]);
  t.is(withKeys(page, [keyOf("b", "z")], []).keys.has("z"), false);
  const more = withKeys(after(page, "RIGHT"), [keyOf("c", "aa")], []);
  t.deepEqual(more.metrics, ["aa", "x", "y"]);
  t.is(more.keyAt, "y");
});

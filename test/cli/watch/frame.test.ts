/** The page as cells: of every size whole, and of nobody's data anything that steers a terminal. */
import test from "ava";
import fc from "fast-check";
import { widthOf } from "../../../src/cli/output/text-width.js";
import { frameOf } from "../../../src/cli/watch/frame.js";
import { pressed } from "../../../src/cli/watch/keys.js";
import { layoutOf } from "../../../src/cli/watch/layout.js";
import { signsOf } from "../../../src/cli/watch/palette.js";
import { begun, withKeys, withNames, withRuns } from "../../../src/cli/watch/state.js";
import { curveOf, keyOf, pageOf, runOf, SIGNS } from "./told.js";

const NONE = () => undefined;
const KEYS = ["loss", "acc", "精度/top5", "system/cpu_utilization_percentage", "e\u0301tat"];

test("any size is filled to its last cell, whatever was typed", (t) => {
  const pages = [
    begun([]),
    pageOf(["a", "b"], KEYS),
    pageOf(
      ["a"],
      Array.from({ length: 90 }, (_, at) => `k${at}`),
    ),
  ];
  const keys = fc.array(
    fc.constantFrom(
      ..."s S l x p m r f + - . , 0 ? /".split(" "),
      " ",
      "ENTER",
      "TAB",
      "DOWN",
      "RIGHT",
      "n",
      "ESCAPE",
    ),
    { maxLength: 12 },
  );
  const curve = (key: string, runId: string) => curveOf(key, [[1, 2], [Number.NaN], [5, 0]], runId);
  fc.assert(
    fc.property(
      fc.record({ columns: fc.integer({ min: 1, max: 300 }), rows: fc.integer({ min: 1, max: 100 }) }),
      fc.constantFrom(...pages),
      keys,
      fc.boolean(),
      (size, page, typed, isUnicode) => {
        const state = typed.reduce((before, key) => pressed(before, key, size), page);
        const frame = frameOf(state, size, curve, signsOf(isUnicode));
        const lines = frame.toString().split("\n");
        return (
          lines.length === size.rows &&
          lines.every((line) => widthOf(line) <= size.columns) &&
          frame.changesFrom().every(({ x, y, text }) => x + widthOf(text) <= size.columns && y < size.rows)
        );
      },
    ),
    { numRuns: 40 },
  );
  t.pass();
});

test("on a screen of any size curves leave head and foot alone, and help fits", (t) => {
  const sizes = [1, 2, 3, 4, 5, 8, 12, 20, 40].flatMap((rows) =>
    [1, 2, 8, 20, 60, 120].map((columns) => ({ columns, rows })),
  );
  const curve = (key: string, runId: string) =>
    curveOf(
      key,
      [
        [1, 2],
        [5, 0],
      ],
      runId,
    );
  for (const size of sizes) {
    const page = pageOf(["a", "b"], KEYS);
    const { foot } = layoutOf(page, size);
    const of = (state: typeof page) => frameOf(state, size, curve, SIGNS).toString().split("\n");
    const feet = [page, { ...page, metrics: [], system: [] }].map((state) => of(state).slice(foot.y));
    t.deepEqual(feet[0], feet[1], `${size.columns} x ${size.rows}`);
    t.regex(of(page)[0] ?? "", size.columns > 8 ? /^stepwell/ : /^s?/);
    t.is(of({ ...page, isHelp: true }).length, size.rows);
    if (size.columns >= 20) t.regex(of(page)[0] ?? "", / ru/);
    if (size.columns >= 20 && size.rows === 5) t.regex(of(page).join("\n"), / 5 ┤/);
    if (size.columns >= 60)
      t.regex(
        of({ ...page, fault: "It is away." })
          .slice(foot.y)
          .join(),
        size.rows > 1 ? /away/ : /^/,
      );
  }
});

test("the largest numbers there are are no infinities, and no label loses its exponent", (t) => {
  const most = Number.MAX_VALUE;
  const page = pageOf(["a"], ["loss"]);
  const state = withKeys(page, [keyOf("a", "loss", { lastValue: most, lastStep: 2n ** 63n - 1n })], []);
  const ends = { xFirst: [-(2n ** 63n)], xLast: [2n ** 63n - 1n] };
  const text = frameOf(
    state,
    { columns: 100, rows: 20 },
    () => ({ ...curveOf("loss", [[-most, most]]), ...ends }),
    SIGNS,
  ).toString();
  t.notRegex(text, /Infinity/);
  t.regex(text, /1\.80e\+308/);
  t.regex(text, / 1\.8e308 ┤/);
  t.regex(text, / -2e308 ┤/);
  t.regex(text, /-9\.22e\+18 +9\.22e\+18/);
});

test("cards stand in the grid and beside one another, from 60 to 300 columns", (t) => {
  for (let columns = 60; columns <= 300; columns += 20)
    for (const count of [1, 2, 5, 12, 200]) {
      const page = pageOf(
        ["a"],
        Array.from({ length: count }, (_, at) => `k${at}`),
      );
      const { cards, grid } = layoutOf(page, { columns, rows: 40 });
      t.true(cards.length > 0);
      const taken = new Set<string>();
      for (const { box, plot } of cards) {
        t.true(box.x >= grid.x && box.x + box.width <= columns && box.y + box.height <= grid.y + grid.height);
        t.true(plot.width >= 20 && plot.height >= 3, `${columns} ${count}: ${plot.width} x ${plot.height}`);
        for (let y = box.y; y < box.y + box.height; y++)
          for (let x = box.x; x < box.x + box.width; x++) {
            t.false(taken.has(`${x} ${y}`));
            taken.add(`${x} ${y}`);
          }
      }
    }
});

test("nothing of a name, a key or an error steers the terminal", (t) => {
  const hostile = "\u001b]0;owned\u0007\u001b[2J\u202e\u200d\u0300x\u009b31m\r\n\ud83d";
  const run = runOf("a", { runName: hostile });
  const base = withRuns({ ...begun([]), isCurrent: true, fault: hostile }, [run]);
  const page = withKeys(base, [keyOf("a", hostile), keyOf("a", `system/${hostile}`)], [], true);
  const gap = { runId: "a", missingPoints: 3n, isBeingRead: false, reason: hostile };
  for (const state of [page, { ...page, filter: hostile }, withKeys(base, [], [gap], true)])
    for (const isUnicode of [true, false]) {
      const text = frameOf(state, { columns: 120, rows: 30 }, NONE, signsOf(isUnicode)).toString();
      t.notRegex(text.replaceAll("\n", ""), /[\p{Cc}\p{Cf}\p{Cs}\p{M}\u2028\u2029]/u);
      t.true(text.includes("\\u{1b}]0;owned"));
    }
});

test("what is missing is said", (t) => {
  const size = { columns: 100, rows: 20 };
  const text = (state: ReturnType<typeof begun>) => frameOf(state, size, NONE, SIGNS).toString();
  t.regex(text({ ...begun([]), isCurrent: true }), /No run yet/);
  const empty = withRuns({ ...begun([]), isCurrent: true }, [runOf("a")]);
  t.regex(text(empty), /No metric was logged yet/);
  t.regex(text({ ...empty, chosen: [] }), /No run is chosen/);
  t.regex(text({ ...empty, fault: "The daemon is away." }), /The daemon is away/);
  const filtered = pressed(pressed(pageOf(["a"], ["loss"]), "/", size), "z", size);
  t.regex(text(filtered), /No metric fits the filter/);
  const one = pageOf(["a"], ["system/cpu"]);
  t.regex(text(one), /Only system metrics were logged yet/);
});

test("the title has the last values, the axes what they are, and a run's curve its dots", (t) => {
  const state = pageOf(["a"], ["loss"]);
  const curve = curveOf(
    "loss",
    Array.from({ length: 101 }, (_, at) => [at / 100]),
  );
  const text = frameOf(state, { columns: 100, rows: 20 }, () => curve, SIGNS).toString();
  t.regex(text, /▌loss +0\.5\n/);
  t.regex(text, / 1 ┤/);
  t.regex(text, /0 +100\n/);
  t.regex(text, /[⠁-⣿]/u);
  const ascii = frameOf(state, { columns: 100, rows: 20 }, () => curve, signsOf(false)).toString();
  t.regex(ascii, /^[\x20-\x7e\n]*$/);
});

test("where colours do not tell runs apart, letters do: in the list, at the values and on the curves", (t) => {
  const names = Array.from({ length: 10 }, (_, at) => `r${at}`);
  const state = withKeys(
    { ...pageOf(names, ["loss"]), chosen: names },
    names.map((runId) => keyOf(runId, "loss")),
    [],
    true,
  );
  const flat = (key: string, runId: string) =>
    curveOf(
      key,
      Array.from({ length: 100 }, () => [Number(runId.slice(1))]),
      runId,
    );
  const text = (hasRunColors: boolean, shown = state) =>
    frameOf(shown, { columns: 200, rows: 60 }, flat, signsOf(true, hasRunColors)).toString();
  const marked = text(false);
  for (const [at, letter] of Array.from("abcdefghij").entries()) {
    t.regex(marked, new RegExp(`^${letter}.● run r${at}`, "m"));
    t.regex(marked, new RegExp(`⣀${letter}⣀|⠉${letter}⠉|⠒${letter}⠒|⠤${letter}⠤`));
  }
  t.regex(marked, /a 0\.5 {2}b 0\.5 {2}c 0\.5/);
  t.notRegex(text(true), /⠒[a-j]⠒|a 0\.5/);
  t.notRegex(text(false, { ...state, chosen: ["r0"] }), /[⣀⠉⠒⠤][a-j]/u, "one run needs none");
});

test("on a screen that shows ASCII alone nothing else is written, whatever names are", (t) => {
  const base = withRuns({ ...begun([]), isCurrent: true }, [
    runOf("a", { runName: "Ünïcode 名前 😀".repeat(9) }),
  ]);
  const state = withKeys(
    base,
    [keyOf("a", "präzision"), keyOf("a", `system/温度${"x".repeat(80)}`)],
    [],
    true,
  );
  const text = frameOf(state, { columns: 100, rows: 30 }, NONE, signsOf(false)).toString();
  t.regex(text, /^[\x20-\x7e\n]*$/);
  t.regex(text, /pr\?zision/);
  t.regex(text, /\.\./);
});

test("of keys whose names alone are known curves are drawn, with the last value that they have; what is told then stands", (t) => {
  const size = { columns: 120, rows: 30 };
  const curve = (key: string, runId: string) => curveOf(key, [[1], [2, 0.25]], runId);
  const run = withRuns({ ...begun([]), isCurrent: true }, [runOf("a")]);
  const named = withNames(run, ["k10", "k2", "system/cpu_watts"], []);
  t.deepEqual([named.metrics, named.system, named.keyAt], [["k2", "k10"], ["system/cpu_watts"], "k2"]);
  const shown = frameOf(named, size, curve, SIGNS).toString();
  t.regex(shown, /k2 +0\.25\n[\s\S]*k10 +0\.25\n/);
  t.regex(shown, /cpu +0\.25 W/);
  // Of a part the last value is not the curve's.
  t.regex(frameOf({ ...named, range: [0, 1] }, size, curve, SIGNS).toString(), /k2 *\n/);
  const told = withKeys(named, [keyOf("a", "k2", { lastValue: 0.75 })], []);
  t.is(told.metrics, named.metrics);
  t.regex(frameOf(told, size, curve, SIGNS).toString(), /k2 +0\.75\n[\s\S]*k10 +0\.25\n/);
  // A list of all names keeps what is known, and drops keys that are gone.
  const again = withNames(told, ["k2", "k3"], []);
  t.deepEqual([again.metrics, again.keys.get("k2")?.get("a")?.lastValue], [["k2", "k3"], 0.75]);
});

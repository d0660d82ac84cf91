/** What the command shows in terminals of 80 and of 60 columns. */
import { setTimeout as sleep } from "node:timers/promises";
import { stripVTControlCharacters } from "node:util";
import anyTest from "ava";
import type { RunStart } from "../../src/gen/stepwell/v1/ingest.js";
import { RunStatus } from "../../src/gen/stepwell/v1/types.js";
import { homeForAll } from "../support/home-for-all.js";
import { isPage, plainPage, terminalOf } from "../support/pages.js";
import { RawProducer, startOf } from "../support/producer.js";
import { hasTerminal, onTerminal } from "../support/terminal.js";
import { until } from "../support/until.js";

// One after the other: each starts a process.
const test = hasTerminal() ? anyTest.serial : anyTest.serial.skip;
const ESCAPE = "\u001b";
/** What no answer may hold: anything but colours, and what draws a text over the one before. */
const STEERS = new RegExp(`\u009b|${ESCAPE}(?!\\[[\\d;]*[mAJ])`);
/** What has a style, up to the next one; what ends a style begins none. */
const STYLED = new RegExp(`${ESCAPE}\\[(?!39m|22m)[\\d;]*m[^${ESCAPE}]*`, "g");

const runIds = { ended: "aaaa".padEnd(32, "1"), held: "bbbb".padEnd(32, "2"), wide: "cccc".padEnd(32, "3") };

/** A tracker, a run that is delivered, one with names that would steer a terminal, and one that nobody takes. */
const prepared = homeForAll(anyTest, async (home) => {
  await home.json(["experiment-tracker", "register", "local", "--flavor=mlflow"]);
  await home.json(["stack", "register", "team", "-e", "local", "--set"]);
  const producer = new RawProducer(await home.startDaemonOrFind());
  producer.hello();
  const values = Array.from({ length: 64 }, (_, step) => Math.exp(-step / 16));
  const metrics = [
    {
      ...{ key: "loss", modelId: "", values, steps: values.map((_, step) => BigInt(step)) },
      timestampsMs: values.map((_, step) => BigInt(1_000 + step)),
    },
    { key: "epoch", modelId: "", values: [1], steps: [0n], timestampsMs: [1_000n] },
  ];
  const start = (tracker: string, runName: string) =>
    ({ ...startOf([tracker]), runName, experimentName: "mnist" }) as RunStart;
  producer.batch(1, runIds.ended, {
    ...{ runStart: start("local", "baseline"), metrics, params: [{ key: "lr", value: "0.1" }] },
    tags: [{ key: "kind", value: "first try" }],
  });
  producer.batch(2, runIds.ended, { runEnd: { status: RunStatus.RUN_STATUS_FAILED, endTimeMs: 95_000n } });
  await producer.acknowledged(2);
  // Runs are told in the order of the milliseconds in which they came.
  await sleep(5);
  const hostile = `実験🚀 \u001b[31mred\u009b2J ${"long ".repeat(12)}`;
  producer.batch(3, runIds.wide, {
    ...{ runStart: start("local", hostile), metrics: metrics.slice(1) },
    params: [{ key: "lr", value: "0.3" }],
  });
  await producer.acknowledged(3);
  await sleep(5);
  producer.batch(4, runIds.held, { runStart: start("teem", "waits"), metrics: metrics.slice(1) });
  await producer.acknowledged(4);
  producer.close();
  await home.here(["flush", "--timeout=2"]);
  const lanes = async () => ((await home.json(["status"])) as { lane_count: number }).lane_count;
  await until("all but the held run is delivered", lanes, (count) => count === 1);
});

const LINES = [
  "status",
  "status -v",
  "runs list",
  `runs list --filter "metrics.loss<1 and params.lr='0.1'" --order-by "metrics.loss ASC"`,
  `runs list --order-by "params.lr DESC"`,
  "runs show aaaa",
  "runs tail aaaa",
  "runs show aaaa --curve loss",
  "runs show bbbb",
  "stack list",
  "doctor",
  "flush --timeout=0.1",
  "experiment-tracker register x --flavour=mlflow",
];

for (const columns of [80, 60])
  test(`a terminal of ${columns} columns`, async (t) => {
    const home = prepared();
    const env = terminalOf(columns);
    const parts: string[] = [];
    for (const line of LINES) {
      const { code, shown } = await onTerminal(home, wordsOf(line), [], env);
      const text = shown.replaceAll("\r\n", "\n");
      t.false(STEERS.test(text), `${line} steers the terminal`);
      const page = plainPage(text, { HOME: home.paths.home }, Object.values(runIds));
      // Where it is broken depends on how long it waits.
      const whole = page.replace(/^(1 point waits.*)\n(.*teem\.)$/gm, "$1 $2");
      parts.push(`$ stepwell ${line}\n${whole}[${code}]\n`);
    }
    isPage(t, `terminal-${columns}`, parts.join("\n"));
    const colored = await onTerminal(home, ["runs", "list"], [], env);
    // Titles are bold; of what stands below them only what wants a look has a colour.
    const [, ...rows] = colored.shown.split("\n");
    t.deepEqual(rows.join("\n").match(STYLED), [`${ESCAPE}[31mheld`, `${ESCAPE}[31mFAILED`]);
    const plain = await onTerminal(home, ["runs", "list"], [], { ...env, NO_COLOR: "1" });
    t.is(stripVTControlCharacters(plain.shown), plain.shown);
  });

/** What each command that waits has shown when Ctrl-C is typed; the first has hardly begun. */
const WAITING: readonly (readonly [line: string, shown: string])[] = [
  ["status --watch", ""],
  // What is drawn the second time, over the first one.
  ["status --watch", `A\r${ESCAPE}[J`],
  ["runs tail bbbb", "epoch"],
  ["flush", "Waiting for 1 point of 1 lane; 66 delivered"],
  ["daemon logs --follow", "{"],
  ["secret create typed -i", " key"],
  ["secret delete kept", "[y/N]"],
  [`run -- sh -c "echo begun; sleep 60"`, "begun"],
];

test("Ctrl-C is 130 wherever a command waits, and nothing is said of it", async (t) => {
  const home = prepared();
  await home.json(["secret", "create", "kept", "--token=x"]);
  for (const [line, shown] of WAITING) {
    const ended = await onTerminal(home, wordsOf(line), [[shown, "\u0003"]], terminalOf(80));
    // What a signal ended is 130 to a shell, and minus two to Python.
    t.true([130, 254].includes(ended.code), `${line}: ${ended.code} ${ended.shown}`);
    t.notRegex(ended.shown, /error|at .*:\d+:\d+/, line);
  }
});

test("help has one width, in each terminal and in a pipe", async (t) => {
  const home = prepared();
  // An answer, and what is said of a group without its command.
  for (const words of [["runs", "list", "--help"], ["runs"]]) {
    const { stdout, stderr } = await home.here(words);
    for (const columns of [60, 160]) {
      const { shown } = await onTerminal(home, words, [], terminalOf(columns));
      t.is(shown.replaceAll("\r\n", "\n"), stdout + stderr, `${words.join(" ")} in ${columns} columns`);
    }
  }
});

/** A line's words, as a shell has them. */
function wordsOf(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? "");
}

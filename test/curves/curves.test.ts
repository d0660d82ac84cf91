import { existsSync } from "node:fs";
import { mkdir, readFile, rm, rmdir, truncate, writeFile } from "node:fs/promises";
import { setImmediate as nextTurn } from "node:timers/promises";
import test, { type ExecutionContext } from "ava";
import fc from "fast-check";
import type { Curve } from "../../src/curves/curve.js";
import { scratchFolder } from "../support/folder.js";
import { keptLog } from "../support/logs.js";
import { until } from "../support/until.js";
import { bucketsOf, faultOf, type LoggedPoint, loggedPieces } from "./logged-points.js";
import { LoggedRuns } from "./logged-runs.js";

/** Waits until nothing is missing, or is not being read any more, and answers what is missing. */
async function settled({ curves, run }: Pick<LoggedRuns, "curves" | "run">): Promise<number> {
  for (;;) {
    const gap = await curves.gap(run);
    if (!gap?.isBeingRead) return gap?.missingPoints ?? 0;
    await nextTurn();
  }
}

/** A curve once it says itself that nothing of its run is being read again: the answer to a read may come before. */
async function wholeCurve(runs: LoggedRuns, key: string): Promise<Curve | undefined> {
  for (;;) {
    const read = await runs.curves.read(runs.run, key);
    if (!read?.gap?.isBeingRead) return read?.curve;
    await settled(runs);
  }
}

/** What is wrong with what is shown of all that was logged. */
async function faultsOf(runs: LoggedRuns): Promise<string[]> {
  const faults: string[] = [];
  for (const [key, points] of runs.points)
    for (const axis of ["step", "time"] as const) {
      const curve = await wholeCurve(runs, key);
      const fault = curve ? faultOf(bucketsOf(curve, axis), points, axis) : "there is no curve";
      if (fault) faults.push(`${key}: ${fault}`);
    }
  // Damage of a curve is seen when that is read: nothing of it is left by now.
  const missing = await settled(runs);
  if (missing > 0) faults.push(`${missing} points are missing`);
  const summaries = await runs.curves.summaries(runs.run);
  for (const [key, { points }] of summaries)
    if (points !== runs.points.get(key)?.length) faults.push(`${key}: a summary says ${points} points`);
  return faults;
}

const rising = (from: number, count: number): LoggedPoint[] =>
  Array.from({ length: count }, (_, index) => ({
    step: BigInt(from + index),
    timestampMs: BigInt(1_000 + from + index),
    value: Math.sin(from + index),
  }));

const logRising = (runs: LoggedRuns, from: number, count: number) =>
  runs.log(new Map([["loss", rising(from, count)]]));

async function loggedRuns(t: ExecutionContext, quotaBytes?: number) {
  const { log, messages } = keptLog();
  return { runs: new LoggedRuns(await scratchFolder(t), log, quotaBytes), messages };
}

const action = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("log" as const),
      pieces: loggedPieces,
      key: fc.nat({ max: 2 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom(...(["save", "restart", "kill", "look", "again", "beginSave", "beginLook"] as const))
      .map((kind) => ({ kind })),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constantFrom("cut" as const, "flip" as const), at: fc.nat() }),
  },
);

test("whatever is killed, damaged and read in between, what is shown is what was logged, each point once", async (t) => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(action, { minLength: 4, maxLength: 14 }),
      fc.boolean(),
      async (actions, isStored) => {
        const { runs } = await loggedRuns(t);
        const begun: Promise<unknown>[] = [];
        for (const each of actions) {
          if (each.kind === "log")
            for (const piece of each.pieces) runs.log(new Map([[`key/${each.key}`, piece]]));
          else if (each.kind === "save") await runs.curves.save();
          else if (each.kind === "restart") await runs.restart();
          else if (each.kind === "kill") {
            await Promise.all(begun);
            await runs.kill();
          } else if (each.kind === "again") runs.log(new Map([["key/0", rising(0, 3)]]), "one");
          else if (each.kind === "look") await settled(runs);
          else if (each.kind === "beginSave") begun.push(runs.curves.save());
          // Who looks does not wait to the end, and one that is killed writes nothing any more.
          else if (each.kind === "beginLook") {
            const { curves, run } = runs;
            begun.push(curves.read(run, "key/0").then(() => settled({ curves, run })));
          } else if ("at" in each) await damage(runs, each.kind, each.at);
          // What every backend has goes from the journal, and is in the store by then.
          if (isStored && each.kind === "kill")
            runs.forgottenThrough = runs.storedThrough = runs.records.length;
        }
        t.deepEqual(await faultsOf(runs), []);
        await runs.curves.close();
      },
    ),
    // What fails here may hang on how busy the machine is: a smaller example would be looked for without an end.
    { numRuns: 40, endOnFailure: true },
  );
});

/** Cuts the run's file off, or turns one of its bytes around; the daemon reads it anew. */
async function damage(runs: LoggedRuns, kind: "cut" | "flip", at: number): Promise<void> {
  await runs.restart();
  const bytes = await readFile(runs.file).catch(() => undefined);
  if (!bytes || bytes.length === 0) return;
  if (kind === "cut") return await truncate(runs.file, at % bytes.length);
  bytes[at % bytes.length] = (bytes[at % bytes.length] ?? 0) ^ 0x10;
  await writeFile(runs.file, bytes);
}

test("after a kill only what came since the last save is read again", async (t) => {
  const { runs } = await loggedRuns(t);
  logRising(runs, 0, 500);
  await runs.curves.save();
  logRising(runs, 500, 10);
  await runs.kill();
  runs.forgottenThrough = 1;
  t.deepEqual(await faultsOf(runs), []);
});

test("of a run that ended before a kill all is saved before the journal forgets it, though nobody looks", async (t) => {
  const { runs } = await loggedRuns(t);
  logRising(runs, 0, 100);
  runs.end();
  await runs.kill();
  await until(
    "its file",
    () => existsSync(runs.file),
    (isThere) => isThere,
    { withinMs: 60_000 },
  );
  runs.forgottenThrough = runs.records.length;
  t.deepEqual(await faultsOf(runs), []);
});

test("a short run that ended and is in a local store has no file before somebody looks", async (t) => {
  const { runs: short } = await loggedRuns(t);
  const { runs: long } = await loggedRuns(t);
  short.storedThrough = 1;
  logRising(short, 0, 1_000);
  short.end();
  long.storedThrough = 2;
  logRising(long, 0, 1_000);
  logRising(long, 1_000, 1);
  long.end();
  await until(
    "the file of the long one, which came later",
    () => existsSync(long.file),
    (isThere) => isThere,
    { withinMs: 60_000 },
  );
  t.false(existsSync(short.file));
  short.forgottenThrough = 1;
  t.deepEqual(await faultsOf(short), []);
  t.true(existsSync(short.file));
});

test("what nobody has any more is said, and what is there is shown", async (t) => {
  const { runs } = await loggedRuns(t);
  logRising(runs, 0, 100);
  logRising(runs, 100, 20);
  await runs.kill();
  runs.forgottenThrough = 1;
  logRising(runs, 120, 5);
  t.is(await settled(runs), 100);
  const gap = await runs.curves.gap(runs.run);
  t.regex(gap?.reason ?? "", /^The journal does not hold them any more/);
  const read = await runs.curves.read(runs.run, "loss");
  t.is(read?.gap?.missingPoints, 100);
  t.is(read?.curve && faultOf(bucketsOf(read.curve, "step"), rising(100, 25), "step"), undefined);
  await runs.restart();
  t.is(await settled(runs), 100);
});

test("a curve that is read while points of it are read again says itself what is missing", async (t) => {
  const { runs } = await loggedRuns(t);
  logRising(runs, 0, 100);
  await runs.kill();
  logRising(runs, 100, 20);
  let letRead: () => void = () => undefined;
  runs.mayRead = new Promise((resolve) => {
    letRead = resolve;
  });
  const read = await runs.curves.read(runs.run, "loss");
  t.is(read?.curve?.byStep.length, 20);
  letRead();
  t.is(await settled(runs), 0);
  t.like(read?.gap, { missingPoints: 100, isBeingRead: true });
  t.is((await runs.curves.read(runs.run, "loss"))?.gap, undefined);
});

test("what was in a file that was taken away is read again when more is to be saved behind it", async (t) => {
  const { runs } = await loggedRuns(t);
  logRising(runs, 0, 100);
  await runs.curves.save();
  await rm(runs.file);
  logRising(runs, 100, 20);
  await runs.curves.save();
  t.deepEqual(await faultsOf(runs), []);
});

test("a file of another run, of another format or of another history of the home counts for nothing", async (t) => {
  const { runs, messages } = await loggedRuns(t);
  logRising(runs, 0, 10);
  await runs.restart();
  const bytes = await readFile(runs.file);
  for (const change of [
    (copy: Buffer) => copy.write("STWCRV02", 0),
    (copy: Buffer) => copy.fill(0),
    (copy: Buffer) => copy.write("ff", copy.length - 80, "hex"),
  ]) {
    const copy = Buffer.from(bytes);
    change(copy);
    await writeFile(runs.file, copy);
    await runs.kill();
    t.deepEqual(await faultsOf(runs), []);
    await runs.curves.close();
  }
  t.is(messages.filter((each) => each.includes("damaged")).length, 3);
});

test("a curve in memory and ones in files make one, under a quota that is nearly nothing", async (t) => {
  const { runs } = await loggedRuns(t, 2_000);
  for (let from = 0; from < 300; from += 10) {
    logRising(runs, from, 10);
    if (from % 50 === 0) await runs.curves.save();
  }
  t.deepEqual(await faultsOf(runs), []);
});

test("what can't be written is said, and tried again a while later", async (t) => {
  const { runs, messages } = await loggedRuns(t);
  logRising(runs, 0, 10);
  await runs.kill();
  const inTheWay = `${runs.file}.new`;
  await settled(runs);
  await rm(runs.file);
  await mkdir(inTheWay);
  await runs.kill();
  t.is(await settled(runs), 10);
  t.regex((await runs.curves.gap(runs.run))?.reason ?? "", /could not be read again/);
  t.true(messages.some((each) => each.includes("curves could not be kept")));
  await rmdir(inTheWay);
  t.is(await settled(runs), 10);
  runs.pass(10_000);
  t.deepEqual(await faultsOf(runs), []);
});

test("without room for curves none are kept, and that is said", async (t) => {
  const { runs } = await loggedRuns(t, 0);
  logRising(runs, 0, 10);
  t.is(await runs.curves.read(runs.run, "loss"), undefined);
  const gap = await runs.curves.gap(runs.run);
  t.deepEqual([gap?.missingPoints, gap?.isBeingRead], [10, false]);
  t.regex(gap?.reason ?? "", /STEPWELL_CURVES_BYTES/);
});

test("who listens hears which keys of which run changed", async (t) => {
  const { runs } = await loggedRuns(t);
  const heard: string[] = [];
  const leave = runs.curves.listen((run, keys) => heard.push(`${run} ${[...keys].join(" ")}`));
  runs.log(
    new Map([
      ["loss", rising(0, 2)],
      ["acc", rising(0, 2)],
    ]),
  );
  await settled(runs);
  leave();
  logRising(runs, 2, 1);
  await settled(runs);
  t.deepEqual(heard, ["7 loss acc"]);
});

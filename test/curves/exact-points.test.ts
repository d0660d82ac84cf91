/** Single points of runs whose buckets hold several: out of the store and of what waits for it, in the order of an axis. */

import { setImmediate as nextTurn } from "node:timers/promises";
import test from "ava";
import fc from "fast-check";
import { scratchFolder } from "../support/folder.js";
import { type Axis, inOrder, type LoggedPoint, loggedPieces } from "./logged-points.js";
import { LoggedRuns } from "./logged-runs.js";

/** More points than a curve has buckets. */
const MANY = 4_000;
const RECORD = 500;

const nameOf = ({ step, timestampMs, value }: LoggedPoint) =>
  `${step} ${timestampMs} ${value === 0 ? 0 : value}`;

/** What is to be answered: what was logged in the range, alike ones once. */
function wanted(points: readonly LoggedPoint[], axis: Axis, from: bigint, to: bigint): string[] {
  const place = (point: LoggedPoint) => (axis === "step" ? point.step : point.timestampMs);
  const some = inOrder(points, axis).filter((point) => place(point) >= from && place(point) <= to);
  return [...new Set(some.map(nameOf))];
}

/** Points of a run, in one order for steps and another for times. */
function pointsIn(order: "both" | "step" | "time" | "neither", from: number, count: number): LoggedPoint[] {
  return Array.from({ length: count }, (_, at) => {
    const mixed = (Math.imul(at, 7_919) >>> 0) % count;
    const [step, ms] = [
      order === "both" || order === "step" ? at : mixed,
      order === "both" || order === "time" ? at : count - mixed,
    ];
    return { step: BigInt(from + step), timestampMs: BigInt(1_000 + from + ms), value: Math.sin(from + at) };
  });
}

/** Logs points in records as large as a program's. */
function log(runs: LoggedRuns, points: readonly LoggedPoint[]): void {
  for (let at = 0; at < points.length; at += RECORD)
    runs.log(new Map([["loss", points.slice(at, at + RECORD)]]));
}

async function answered(runs: LoggedRuns, axis: Axis, from: bigint, to: bigint, most = 50_000) {
  const points = await runs.curves.points(runs.run, "loss", axis, { from, to, origin: 0n, most });
  if (!points || points === "buckets") throw new Error(`${points} was answered`);
  const names = points.steps.map((step, at) =>
    nameOf({ step, timestampMs: points.timestampsMs[at] ?? 0n, value: points.values[at] ?? 0 }),
  );
  return { names, isCut: points.isCut, isStored: points.isStored };
}

test("points of several runs, each logged in another order, are answered along each axis as they were logged", async (t) => {
  const orders = ["both", "step", "time", "neither"] as const;
  const all = await Promise.all(
    orders.map(async (order) => {
      const runs = new LoggedRuns(await scratchFolder(t));
      // A part is in the store, and a part is on its way to it.
      for (const from of [0, MANY]) log(runs, pointsIn(order, from, MANY));
      runs.storedThrough = MANY / RECORD;
      await nextTurn();
      return { order, runs };
    }),
  );
  for (const { order, runs } of all)
    for (const axis of ["step", "time"] as const) {
      const logged = runs.points.get("loss") ?? [];
      const shift = axis === "time" ? 1_000n : 0n;
      for (const [from, to] of [
        [0n, BigInt(2 * MANY)],
        [BigInt(MANY) - 40n, BigInt(MANY) + 40n],
        [17n, 17n],
      ] as const) {
        const { names, isStored } = await answered(runs, axis, from + shift, to + shift);
        t.deepEqual(
          names,
          wanted(logged, axis, from + shift, to + shift),
          `${order}, ${axis}: ${from} to ${to}`,
        );
        t.true(isStored || from === to, `${order}, ${axis}`);
      }
      const { names, isCut } = await answered(runs, axis, shift, shift + BigInt(MANY), 100);
      t.deepEqual(
        names,
        wanted(logged, axis, shift, shift + BigInt(MANY)).slice(0, 100),
        `${order}, ${axis}, cut`,
      );
      t.true(isCut);
    }
  for (const { runs } of all) await runs.curves.close();
});

test("whatever was logged, its single points are those of the range, from whichever end they are read", async (t) => {
  await fc.assert(
    fc.asyncProperty(
      loggedPieces,
      fc.nat({ max: 8 }),
      fc.tuple(fc.integer({ min: -600, max: 2_200 }), fc.nat({ max: 900 })),
      async (pieces, storedThrough, [from, width]) => {
        const runs = new LoggedRuns(await scratchFolder(t));
        for (const piece of pieces) runs.log(new Map([["loss", piece]]));
        // So many buckets that all of them hold several.
        log(runs, pointsIn("both", 5_000, MANY));
        runs.storedThrough = Math.min(storedThrough, runs.records.length);
        await nextTurn();
        for (const axis of ["step", "time"] as const) {
          const [begin, end] = [BigInt(from), BigInt(from + width)];
          const { names, isStored } = await answered(runs, axis, begin, end);
          const all = wanted(runs.points.get("loss") ?? [], axis, begin, end);
          // Buckets of one point each say alike ones twice, and their outermost may reach over the ends.
          if (isStored) t.deepEqual(names.toSorted(), all.toSorted());
          else for (const name of all) t.true(names.includes(name), name);
        }
        await runs.curves.close();
      },
    ),
    { numRuns: 30 },
  );
});

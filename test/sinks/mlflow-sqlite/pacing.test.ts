import test from "ava";
import { FIRST_PACE, type Pace, paceAfter } from "../../../src/sinks/mlflow-sqlite/pacing.js";

/** Transactions of one length without a stop, for a while: the pauses between them. */
function pausesOf(
  tookMs: number,
  forMs: number,
  sawForeignWrite: (nowMs: number) => boolean = () => false,
): number[] {
  const pauses: number[] = [];
  let pace: Pace = FIRST_PACE;
  let nowMs = 5_000;
  while (nowMs < 5_000 + forMs) {
    const transaction = {
      startedMs: nowMs,
      endedMs: nowMs + tookMs,
      sawForeignWrite: sawForeignWrite(nowMs),
    };
    const next = paceAfter(pace, transaction);
    pace = next.pace;
    pauses.push(next.pauseMs);
    nowMs += tookMs + next.pauseMs;
  }
  return pauses;
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);

test("each transaction is followed by a pause", (t) => {
  for (const tookMs of [0, 1, 10, 100, 2_000])
    t.true(Math.min(...pausesOf(tookMs, 10_000)) >= 5, `${tookMs} ms`);
});

for (const tookMs of [3, 30, 150]) {
  test(`with transactions of ${tookMs} ms every second has a pause longer than SQLite's longest wait for a lock`, (t) => {
    const breaths = pausesOf(tookMs, 60_000).filter((pauseMs) => pauseMs > 100);
    t.true(breaths.length >= 60_000 / (1_000 + 2 * 120 + 2 * tookMs), `${breaths.length} in 60 s`);
  });
}

test("alone, the database is written to for more than half of the time", (t) => {
  const pauses = pausesOf(30, 60_000);
  t.true((pauses.length * 30) / (pauses.length * 30 + sum(pauses)) > 0.5);
});

test("when somebody else writes, the database is free for more than half of the time, and for a while after", (t) => {
  const inCompany = pausesOf(30, 60_000, () => true);
  t.true(sum(inCompany) > inCompany.length * 30);
  const once = pausesOf(30, 2_500, (nowMs) => nowMs === 5_000);
  t.true(sum(once) > once.length * 30);
});

test("company that has gone is forgotten", (t) => {
  const pauses = pausesOf(30, 20_000, (nowMs) => nowMs < 6_000);
  t.true(sum(pauses.slice(-50)) < 50 * 30);
});

/** A program sees what it wrote: while it is on its way, while the tracker takes it, and while the tracker is away. */
import test from "ava";
import { RunHistory } from "../../src/gateway/run-history.js";
import { RunViews } from "../../src/gateway/run-views.js";
import { Batch } from "../../src/gen/stepwell/v1/ingest.js";
import type { JournalRecord } from "../../src/journal/record.js";
import { NO_ENTRIES } from "../../src/model/no-entries.js";
import type { Run } from "../../src/runs/run.js";
import { NO_MODELS } from "../support/no-models.js";

const TARGET = {
  trackerId: "t1",
  tracker: "one",
  backend: { kind: "rest", trackerId: "t1", uri: "http://x", settings: {} },
} as const;

/** A journal as it is read: what is released can't be, until somebody wants it back. */
function journalOf(records: readonly JournalRecord[], count = Number.POSITIVE_INFINITY) {
  let released = 0;
  return {
    read: async (_: number, afterSeq: number) =>
      records.filter(({ seq }) => seq > Math.max(afterSeq, released)).slice(0, count),
    recall: async (wanted: ReadonlyMap<number, number>) => {
      released = Math.min(released, wanted.get(1) ?? released);
    },
    release: (_: number, throughSeq: number) => {
      released = Math.max(released, throughSeq);
    },
  };
}

/** A run whose records a test writes and delivers. */
function setUp() {
  const records: JournalRecord[] = [];
  let delivered = 0;
  const journal = journalOf(records);
  const run = () =>
    ({
      runId: "r",
      number: 1,
      targets: [TARGET],
      delivered: { t1: { seq: delivered, points: 0, bytes: 0 } },
    }) as unknown as Run;
  const journaled = () => ({ seq: records.length, points: 0, bytes: 0 });
  const views = new RunViews(journal, { find: run, journaled }, NO_MODELS);
  const log = (key: string, value: string) => {
    const payload = Batch.encode({ ...NO_ENTRIES, runId: "r", params: [{ key, value }] }).finish();
    records.push({ seq: records.length + 1, isGap: false, payload } as unknown as JournalRecord);
  };
  const deliver = () => {
    delivered = records.length;
    journal.release(1, delivered);
  };
  const paramsOf = async (
    shown: Readonly<Record<string, string>> | undefined,
    meanwhile: () => void = () => undefined,
  ) => {
    const held = await views.held(run(), TARGET);
    meanwhile();
    const params = Object.entries(shown ?? {}).map(([key, value]) => ({ key, value }));
    const view = await views.view(run(), TARGET, shown && { run: { data: { params } }, held });
    const { params: seen = [] } = (view?.["data"] ?? {}) as { params?: { key: string; value: string }[] };
    return view && Object.fromEntries(seen.map(({ key, value }) => [key, value]));
  };
  return { views, run, log, deliver, paramsOf };
}

test("what the tracker has not got is laid over what it shows", async (t) => {
  const { log, deliver, paramsOf } = setUp();
  log("a", "1");
  deliver();
  log("b", "2");
  t.deepEqual(await paramsOf({ a: "1" }), { a: "1", b: "2" });
  log("c", "3");
  t.deepEqual(await paramsOf({ a: "1" }), { a: "1", b: "2", c: "3" });
  deliver();
  t.deepEqual(await paramsOf({ a: "1", b: "2", c: "3", d: "of somebody else" }), {
    ...{ a: "1", b: "2", c: "3", d: "of somebody else" },
  });
});

test("what is delivered while the tracker answers is seen, though its answer has it not", async (t) => {
  const { log, deliver, paramsOf } = setUp();
  log("a", "1");
  t.deepEqual(await paramsOf({}, deliver), { a: "1" });
});

test("what was delivered since the last look is seen while the tracker is away", async (t) => {
  const { views, run, log, deliver, paramsOf } = setUp();
  t.is(await paramsOf(undefined), undefined);
  log("a", "1");
  t.deepEqual(await paramsOf({}), { a: "1" });
  log("b", "2");
  deliver();
  log("c", "3");
  t.deepEqual(await paramsOf(undefined), { a: "1", b: "2", c: "3" });
  t.deepEqual(await paramsOf(undefined), { a: "1", b: "2", c: "3" });
  // As after a restart, where nothing was seen.
  views.begun(run(), TARGET, {});
  t.deepEqual(await paramsOf(undefined), { a: "1", b: "2", c: "3" });
});

test("a metric's history is told without the tracker where all of the run was journaled and is there", async (t) => {
  const records: JournalRecord[] = [];
  let mlflowRunId = "theirs";
  const journal = journalOf(records, 2);
  const run = {
    runId: "ours",
    number: 1,
    targets: [TARGET],
    delivered: { t1: { seq: 0 } },
  } as unknown as Run;
  const history = new RunHistory({
    journal,
    runs: { find: () => run },
    backendRuns: { find: async () => ({ kind: "known", mlflowRunId, experimentId: "1", url: "" }) },
    backendModels: NO_MODELS,
  });
  const record = (
    points: readonly (readonly [step: bigint, value: number])[],
    more: Partial<JournalRecord> = {},
  ) => {
    const column = {
      key: "loss",
      modelId: "",
      steps: points.map(([step]) => step),
      values: points.map(([, value]) => value),
    };
    const metrics = [
      { ...column, timestampsMs: points.map(() => 5n) },
      { ...column, key: "other", timestampsMs: points.map(() => 1n) },
    ];
    const payload = Batch.encode({ ...NO_ENTRIES, runId: "ours", metrics }).finish();
    records.push({
      seq: records.length + 1,
      isGap: false,
      startsRun: false,
      payload,
      ...more,
    } as unknown as JournalRecord);
  };
  record([], { startsRun: true });
  record([
    [2n, Number.NaN],
    [1n, 3],
  ]);
  record([
    [2n, Number.NaN],
    [1n, 2],
  ]);
  const point = (step: number, value: number | string) => ({ key: "loss", value, timestamp: 5, step });
  t.deepEqual(await history.of(run, TARGET, "loss"), [point(1, 2), point(1, 3), point(2, "NaN")]);
  t.deepEqual(await history.of(run, TARGET, "none"), []);
  mlflowRunId = "ours";
  t.is(await history.of(run, TARGET, "loss"), undefined, "the tracker began it");
  mlflowRunId = "theirs";
  record([], { isGap: true });
  t.is(await history.of(run, TARGET, "loss"), undefined, "something was lost");
  records.splice(0, 1);
  records.pop();
  t.is(await history.of(run, TARGET, "loss"), undefined, "its beginning was delivered and has gone");
});

/**
 * Whatever is sent, what leaves for MLflow keeps to its limits and is what was sent: batches go
 * through the door, become records, are packed, and are cut into log-batch requests.
 */
import test from "ava";
import fc from "fast-check";
import { packOf, piecesFor } from "../../src/flush/pack.js";
import { Batch } from "../../src/gen/stepwell/v1/ingest.js";
import { admit } from "../../src/ingest/admission.js";
import type { JournalRecord } from "../../src/journal/record.js";
import { viewBatch } from "../../src/model/batch-view.js";
import { NO_ENTRIES } from "../../src/model/no-entries.js";
import type { Pack } from "../../src/model/pack.js";
import { logBatchBody, slicesOf } from "../../src/sinks/mlflow-rest/log-batch.js";

const RUN = "ab".repeat(16);
const START = {
  experimentName: "e",
  runName: "n",
  startTimeMs: 5,
  user: "",
  sourceName: "",
  parentRunId: "",
};
const RUN_OF_PACKS = {
  runId: RUN,
  start: START,
  end: undefined,
  author: { homeId: "h", incarnation: "i" },
  after: undefined,
};
/** From mlflow/utils/validation.py, not from our own table. */
const MLFLOW = { entries: 1000, metrics: 1000, params: 100, tags: 100 };
/** From its _log_model_metrics, which looks up so many that it may have already. */
const MODEL_POINTS = 100;

/** How much of each kind one message carries; the entries themselves follow from their numbers. */
interface Shape {
  readonly columns: readonly number[];
  readonly params: number;
  readonly tags: number;
}

const SHAPE: fc.Arbitrary<Shape> = fc.record({
  columns: fc.array(fc.oneof(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 0, max: 2_600 })), {
    maxLength: 6,
  }),
  params: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 330 })),
  tags: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 330 })),
});

function messageOf(shape: Shape, message: number): Batch {
  const texts = (name: string, count: number) =>
    Array.from({ length: count }, (_, index) => ({ key: `${name} ${message} ${index}`, value: `${index}` }));
  return {
    ...NO_ENTRIES,
    sequence: BigInt(message + 1),
    runId: RUN,
    params: texts("param", shape.params),
    metrics: shape.columns.map((count, column) => ({
      // Two columns of each key: the run's own points, and a model's.
      key: `metric ${column >> 1}`,
      modelId: column % 2 === 0 ? "" : `m-${column}`,
      steps: Array.from({ length: count }, (_, index) => BigInt(message * 10_000 + index)),
      timestampsMs: Array.from({ length: count }, (_, index) => BigInt(index)),
      values: Array.from({ length: count }, (_, index) => index + column / 10),
    })),
    tags: texts("tag", shape.tags),
  };
}

/** The records that the journal would hold. */
function recordsOf(messages: readonly Batch[]): JournalRecord[] {
  const payloads = messages.flatMap((message) => {
    const bytes = Batch.encode(message).finish();
    const { parts, refusals } = admit(viewBatch(bytes), bytes, () => true);
    if (refusals.length > 0) throw new Error(`refused: ${refusals[0]?.message}`);
    return parts;
  });
  return payloads.map((part, index) => ({
    ...part,
    receivedMs: 1,
    seq: index + 1,
    through: { seq: index + 1, points: 0, bytes: 0 },
    isGap: false,
  }));
}

type Point = readonly [key: string, modelId: string, step: number, timestampMs: number, value: number];

function pointsOf({ keys, modelIds, keyIndexes, steps, timestampsMs, values }: Pack["metrics"]): Point[] {
  return Array.from(values, (value, row) => [
    keys[keyIndexes[row] ?? -1] ?? "",
    modelIds[keyIndexes[row] ?? -1] ?? "",
    Number(steps[row]),
    Number(timestampsMs[row]),
    value,
  ]);
}

function sentPoints(messages: readonly Batch[]): Point[] {
  return messages.flatMap(({ metrics }) =>
    metrics.flatMap(({ key, modelId, steps, timestampsMs, values }) =>
      values.map((value, row): Point => [key, modelId, Number(steps[row]), Number(timestampsMs[row]), value]),
    ),
  );
}

interface Body {
  readonly params: readonly { readonly key: string; readonly value: string }[];
  readonly tags: Body["params"];
  readonly metrics: readonly {
    key: string;
    model_id?: string;
    step: number;
    timestamp: number;
    value: number;
  }[];
}

function assertWithin(name: string, count: number, max: number): void {
  if (count > max) throw new Error(`${count} ${name} in one request; MLflow takes ${max}`);
}

function assertSame(name: string, found: unknown, sent: unknown): void {
  if (JSON.stringify(found) !== JSON.stringify(sent)) throw new Error(`${name} are not what was sent`);
}

function checkShapes(shapes: readonly Shape[], recordsMax: number, entriesMax: number): void {
  const messages = shapes.map(messageOf);
  const records = recordsOf(messages);
  for (const { points, params, tags } of records) {
    assertWithin("points of a record", points, MLFLOW.metrics);
    assertWithin("params of a record", params, MLFLOW.params);
    assertWithin("tags of a record", tags, MLFLOW.tags);
  }
  const packs: Pack[] = [];
  for (let from = 0; from < records.length; from += recordsMax)
    packs.push(packOf(RUN_OF_PACKS, piecesFor(records.slice(from, from + recordsMax), "t1")));
  assertSame(
    "the packs' points",
    packs.flatMap((pack) => pointsOf(pack.metrics)),
    sentPoints(messages),
  );
  const bodies = packs.flatMap((pack) =>
    slicesOf(pack, entriesMax).map(
      (slice) => JSON.parse(logBatchBody(RUN, pack.metrics, slice).toString()) as Body,
    ),
  );
  for (const { params, metrics, tags } of bodies) {
    assertWithin(
      "entries",
      params.length + metrics.length + tags.length,
      Math.min(entriesMax, MLFLOW.entries),
    );
    const ofModels = metrics.filter((metric) => metric.model_id !== undefined);
    assertWithin("points of models", ofModels.length, MODEL_POINTS);
    assertWithin("params", params.length, MLFLOW.params);
    assertWithin("tags", tags.length, MLFLOW.tags);
    if (new Set(params.map(({ key }) => key)).size < params.length) throw new Error("a param comes twice");
  }
  const points = bodies.flatMap(({ metrics }) =>
    metrics.map(
      ({ key, model_id, step, timestamp, value }): Point => [key, model_id ?? "", step, timestamp, value],
    ),
  );
  assertSame("the requests' points", points, sentPoints(messages));
  for (const kind of ["params", "tags"] as const) {
    assertSame(
      `the requests' ${kind}`,
      bodies.flatMap((body) => body[kind]),
      messages.flatMap((each) => each[kind]),
    );
  }
}

test("whatever is sent, each record and each request keeps to MLflow's limits, and nothing is lost or moved", (t) => {
  const seed = Date.now() % 2 ** 31;
  t.log(`seed ${seed}`);
  const shapes = fc.array(SHAPE, { minLength: 1, maxLength: 5 });
  const recordsMax = fc.integer({ min: 1, max: 60 });
  const entriesMax = fc.oneof(fc.constant(1000), fc.integer({ min: 1, max: 1000 }));
  fc.assert(fc.property(shapes, recordsMax, entriesMax, checkShapes), { numRuns: 150, seed });
  t.pass();
});

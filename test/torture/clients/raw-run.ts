import type { Batch } from "../../../src/gen/stepwell/v1/ingest.js";
import { RunStatus } from "../../../src/gen/stepwell/v1/types.js";
import { metricKey, seedOf, stepAt, timestampAt, valueAt } from "../points.js";
import type { RunSubject } from "./driver.js";
import type { RawStream } from "./raw-stream.js";

/** One run over a raw stream; its start is sent at once. */
export function rawRun(stream: RawStream, runId: string, trackers: readonly string[]): RunSubject {
  const send = (entries: Partial<Batch>) => stream.send(runId, entries);
  const column = (key: number, from: number, to: number, baseMs: number) => {
    const seed = seedOf(runId, key);
    const indexes = Array.from({ length: to - from }, (_, at) => from + at);
    return {
      key: metricKey(key),
      steps: indexes.map((index) => BigInt(stepAt(index))),
      timestampsMs: indexes.map((index) => BigInt(timestampAt(baseMs, index))),
      values: indexes.map((index) => valueAt(seed, index)),
      modelId: "",
    };
  };
  const runStart = {
    experimentName: "",
    runName: "",
    trackers: [...trackers],
    startTimeMs: 1n,
    user: "",
    sourceName: "",
    parentRunId: "",
  };
  send({ runStart });
  return {
    series: (key, from, to, baseMs) => send({ metrics: [column(key, from, to, baseMs)] }),
    point: (key, index, baseMs) => send({ metrics: [column(key, index, index + 1, baseMs)] }),
    param: (key, value) => send({ params: [{ key, value }] }),
    tag: (key, value) => send({ tags: [{ key, value }] }),
    end: (status) =>
      send({
        runEnd: {
          status: status === "FINISHED" ? RunStatus.RUN_STATUS_FINISHED : RunStatus.RUN_STATUS_FAILED,
          endTimeMs: 2n,
        },
      }),
  };
}

/**
 * One pack on its way: its removed tags, its entries request by request, its end. What a
 * server will never take is found by halving, and answered; all the rest goes through.
 */
import type { ErrorCode } from "../../errors/table.js";
import { type BadVerdict, runGone, ServerFault, unsettled } from "../../mlflow/server-fault.js";
import type { Session } from "../../mlflow/session.js";
import type { Clock } from "../../model/clock.js";
import { DOUBTFUL_ANSWERS_MAX } from "../../model/limits.js";
import type { MetricRows, Pack } from "../../model/pack.js";
import type { Refusal, RefusedEntry } from "../sink.js";
import { RUN_ID_TAG } from "./find-run.js";
import { missingRows } from "./history.js";
import { halvesOf, logBatchBody, type Slice, sizeOf, slicesOf } from "./log-batch.js";
import type { RequestSize } from "./request-size.js";
import { expectLate, type RunState } from "./run-state.js";
import { removeTags, updateRun } from "./runs.js";

/** What a pack goes with. */
export interface DeliveryOptions {
  readonly session: Session;
  readonly run: RunState;
  readonly pack: Pack;
  readonly size: RequestSize;
  /** Whether the server keeps a point twice that it is sent twice. */
  readonly appends: boolean;
  /** Whether the server has logged models; one that hasn't ignores their ids and answers 200. */
  readonly knowsModels: boolean;
  readonly clock: Clock;
}

/** Sends a pack; answers the entries that the server refused for good. Throws a ServerFault. */
export async function deliver(options: DeliveryOptions): Promise<readonly Refusal[]> {
  const { session, run, pack, size } = options;
  const delivery = new Delivery(options);
  await removeTags(session, run.mlflowRunId, pack.removedTags);
  for (const slice of slicesOf(pack, size.entriesMax)) await delivery.send(slice);
  if (pack.end) await updateRun(session, run.mlflowRunId, pack.end);
  // Only now: while a bad entry is looked for, other parts of its pack succeed.
  run.doubtfulAnswers = 0;
  return options.knowsModels ? delivery.refused : [...delivery.refused, ...refusedModels(session, pack)];
}

class Delivery {
  readonly refused: Refusal[] = [];
  readonly #options: DeliveryOptions;

  constructor(options: DeliveryOptions) {
    this.#options = options;
  }

  /** isRetried: it is one entry, and the server took something else since it failed at it. */
  async send(slice: Slice, isRetried = false): Promise<void> {
    const { session, run, pack, size } = this.#options;
    const left = await this.#withoutPresent(slice);
    if (sizeOf(left) === 0) return;
    const body = logBatchBody(run.mlflowRunId, pack.metrics, left);
    if (body.length > size.bytesMax && sizeOf(left) > 1) return await this.#sendHalves(left);
    const verdict = await session.post("runs/log-batch", body, "log-batch");
    if (verdict.kind === "ok") {
      size.onSuccess();
      return;
    }
    if (verdict.kind === "doubtful") return await this.#doubt(left, verdict, isRetried);
    await this.#settle(left, verdict, body.length);
  }

  /** Retries, then looks for the entry that the server fails at: one alone that it fails at while it takes something else. */
  async #doubt(slice: Slice, verdict: BadVerdict, isRetried: boolean): Promise<void> {
    const { run } = this.#options;
    run.isInDoubt = true;
    if (++run.doubtfulAnswers <= DOUBTFUL_ANSWERS_MAX) throw new ServerFault(verdict);
    if (sizeOf(slice) > 1 || isRetried) return await this.#split(slice, verdict);
    await this.#probe(verdict);
    // It may have come back just now.
    await this.send(slice, true);
  }

  async #settle(
    slice: Slice,
    verdict: Exclude<BadVerdict, { kind: "doubtful" }>,
    bytes: number,
  ): Promise<void> {
    const { run, size, clock } = this.#options;
    // A part of what was sent may be there, whatever the answer.
    run.isInDoubt = true;
    const last = slice.rows.at(-1);
    if (last !== undefined && mayComeLate(verdict))
      expectLate(run, this.#pointsThrough(last), clock.monotonicMs());
    switch (verdict.kind) {
      case "too-large":
        // An entry that is too large alone says nothing of others.
        if (sizeOf(slice) > 1) size.onTooLarge(bytes);
        return await this.#split(slice, verdict);
      case "refused":
        return await this.#split(slice, verdict);
      case "missing":
        throw runGone(verdict);
      case "retry":
        if (verdict.isOverloaded) size.onOverload();
        throw new ServerFault(verdict);
      case "gone":
      case "exists":
      case "hold":
        throw new ServerFault(verdict);
    }
  }

  async #split(slice: Slice, { code, reason }: BadVerdict): Promise<void> {
    if (sizeOf(slice) > 1) return await this.#sendHalves(slice);
    for (const entry of entriesOf(slice, this.#options.pack))
      this.refused.push({ ...entry, code: codeOf(entry, code, reason), reason });
  }

  async #sendHalves(slice: Slice): Promise<void> {
    for (const half of halvesOf(slice)) await this.send(half);
  }

  /** Throws the verdict unless the server takes something else for this run. */
  async #probe(verdict: BadVerdict): Promise<void> {
    const { session, run, pack } = this.#options;
    const { kind } = await session.post("runs/set-tag", {
      run_id: run.mlflowRunId,
      key: RUN_ID_TAG,
      value: pack.runId,
    });
    if (kind !== "ok") throw new ServerFault(verdict);
  }

  /** The slice without the points that the server has; all of it where that is certain, or makes no difference. */
  async #withoutPresent(slice: Slice): Promise<Slice> {
    const { session, run, pack, appends, clock } = this.#options;
    if (!appends || !run.isInDoubt || slice.rows.length === 0) return slice;
    const settlesInMs = run.lateUntilMs - clock.monotonicMs();
    const rows = await missingRows(session, run.mlflowRunId, pack.metrics, slice.rows);
    const [first] = rows;
    const isLate = first !== undefined && this.#pointsThrough(first) <= run.latePoints;
    if (isLate && settlesInMs > 0) throw unsettled(session.baseUrl, "take a batch", settlesInMs);
    // Points go in order: where none is there, none of a later one is.
    if (rows.length === slice.rows.length) run.isInDoubt = false;
    return { ...slice, rows };
  }

  /** The run's points from its first one through a row of the pack. */
  #pointsThrough(row: number): number {
    const { pointsThrough, metrics } = this.#options.pack;
    return pointsThrough - metrics.values.length + row + 1;
  }
}

/** Whether the server may carry out later what it did not answer. */
function mayComeLate(verdict: BadVerdict): boolean {
  return verdict.kind === "retry" ? verdict.isAmbiguous : verdict.code === "STEPWELL_TLS_FAILED";
}

function codeOf(entry: RefusedEntry, code: ErrorCode, reason: string): ErrorCode {
  return entry.kind === "param" && /already logged|changing param/i.test(reason)
    ? "STEPWELL_PARAM_CHANGED"
    : code;
}

/** What a server without logged models dropped of the points that it took. */
function refusedModels({ baseUrl }: Session, { metrics }: Pack): readonly Refusal[] {
  const reason = `${baseUrl} runs an MLflow without logged models.`;
  return [...metrics.keyIndexes.keys()]
    .filter((row) => metrics.modelIds[metrics.keyIndexes[row] ?? 0] !== "")
    .map((row) => ({ ...pointOf(metrics, row), code: "STEPWELL_MODEL_UNKNOWN", reason }));
}

function* entriesOf({ params, rows, tags }: Slice, { metrics }: Pack): Generator<RefusedEntry> {
  for (const param of params) yield { kind: "param", ...param };
  for (const row of rows) yield pointOf(metrics, row);
  for (const tag of tags) yield { kind: "tag", ...tag };
}

function pointOf(metrics: MetricRows, row: number): RefusedEntry {
  const keyIndex = metrics.keyIndexes[row] ?? 0;
  return {
    kind: "metric",
    key: metrics.keys[keyIndex] ?? "",
    modelId: metrics.modelIds[keyIndex] ?? "",
    dataset: metrics.datasets?.[keyIndex],
    step: metrics.steps[row] ?? 0n,
    timestampMs: metrics.timestampsMs[row] ?? 0n,
    value: metrics.values[row] ?? 0,
  };
}

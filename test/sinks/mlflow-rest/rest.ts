/** Sinks on servers, for tests. */
import { setTimeout as sleep } from "node:timers/promises";
import type { ExecutionContext } from "ava";
import { systemClock } from "../../../src/home/clock.js";
import { WorkspaceRates } from "../../../src/mlflow/rate.js";
import type { Pack } from "../../../src/model/pack.js";
import type { BackendModel, BackendRun, ServerBackend } from "../../../src/model/target.js";
import { openRestSink, type RestSinkOptions } from "../../../src/sinks/mlflow-rest/rest-sink.js";
import type { ModelIds } from "../../../src/sinks/model-ids.js";
import type { RunIds } from "../../../src/sinks/run-ids.js";
import type { Outcome, Sink } from "../../../src/sinks/sink.js";

/** What a daemon keeps of runs, in memory: two sinks on one of these are a daemon before and after a restart. */
export function keptRunIds(): RunIds & { readonly kept: Map<string, BackendRun> } {
  const kept = new Map<string, BackendRun>();
  return {
    kept,
    find: async (runId) => kept.get(runId),
    keep: async (runId, value) => {
      if (value) kept.set(runId, value);
      else kept.delete(runId);
    },
    keepAll: async (values) => {
      for (const [runId, value] of values) kept.set(runId, value);
    },
    ownId: async (runId) => {
      const isIt = (run: BackendRun) => run.kind === "known" && run.mlflowRunId === runId;
      return [...kept].find(([, run]) => isIt(run))?.[0] ?? runId;
    },
    isExpected: () => true,
  };
}

/** The same of models that the daemon began; their runs' lanes have yet to make those that are not made. */
export function keptModelIds(): ModelIds & { readonly kept: Map<string, BackendModel> } {
  const kept = new Map<string, BackendModel>();
  return {
    kept,
    find: async (modelId) => kept.get(modelId),
    keep: async (modelId, value) => void kept.set(modelId, value),
    askedMs: () => undefined,
    isExpected: () => true,
  };
}

/** A sink on a server, closed when the test is over. */
export function restSink(t: ExecutionContext, uri: string, more: Partial<RestSinkOptions> = {}): Sink {
  const kind = uri.startsWith("databricks") ? "databricks" : "rest";
  const backend: ServerBackend = { kind, trackerId: "1".repeat(32), uri, settings: {} };
  const sink = openRestSink({
    backend,
    settings: async () => ({}),
    profileFile: () => "",
    rates: new WorkspaceRates(),
    runIds: keptRunIds(),
    modelIds: keptModelIds(),
    clock: systemClock,
    log: () => undefined,
    onVersion: () => undefined,
    ...more,
  });
  t.teardown(() => sink.close());
  return sink;
}

/** The outcome of the one pack that was sent. */
export function only(outcomes: readonly Outcome[]): Outcome {
  const [outcome, ...others] = outcomes;
  if (!outcome || others.length > 0) throw new RangeError(`${outcomes.length} outcomes for one pack`);
  return outcome;
}

/** What a real server on a busy machine may answer once, and what a sink's caller sends again after. */
const PASSING: readonly string[] = [
  "STEPWELL_SERVER_BUSY",
  "STEPWELL_SERVER_FAILED",
  "STEPWELL_SERVER_UNREACHABLE",
];

/** The outcome of one pack at a real server, which is sent again while the server has trouble. */
export async function settled(sink: Sink, pack: Pack, triesLeft = 30): Promise<Outcome> {
  const outcome = only(await sink.send([pack]));
  const isPassing = outcome.kind === "retry" && PASSING.includes(outcome.code);
  if (!isPassing || triesLeft === 0) return outcome;
  await sleep(outcome.afterMs ?? 500);
  return await settled(sink, pack, triesLeft - 1);
}

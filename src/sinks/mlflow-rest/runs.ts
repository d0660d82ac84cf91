/**
 * Runs, made once. The server picks their ids, and making one is not idempotent. So each
 * carries our id as a tag; that it is asked for is on disk before it is; and after an answer
 * that was lost it is looked for by its tag, for as long as it may still be under way.
 *
 * A start that the server does not take (its database holds names of 250 characters, say)
 * makes a bare run; what the start says of it goes as tags, where a bad one is found alone.
 */

import { DIALECTS } from "../../mlflow/dialect.js";
import { type BadVerdict, bodyOf, runGone, ServerFault, unsettled } from "../../mlflow/server-fault.js";
import type { Session } from "../../mlflow/session.js";
import type { JsonObject, Verdict } from "../../mlflow/verdict.js";
import type { Clock } from "../../model/clock.js";
import { LATE_MS } from "../../model/limits.js";
import type { KeyValue } from "../../model/pack.js";
import type { RunEnd, RunStart } from "../../model/run.js";
import type { BackendRun, ServerBackend } from "../../model/target.js";
import type { RunIds } from "../run-ids.js";
import { PARENT_TAG } from "../sink.js";
import { ensureExperiment, type KnownExperiments } from "./experiments.js";
import {
  type FoundRun,
  foundRun,
  RUN_ID_TAG,
  runById,
  runByTag,
  SOUGHT_MS,
  soughtLater,
} from "./find-run.js";

/** A run that the server has. */
export type KnownRun = BackendRun & { readonly kind: "known" };

/** A run that is ready to be sent to. */
export interface MadeRun {
  readonly run: KnownRun;
  /** Whether nothing was sent to it. */
  readonly isEmpty: boolean;
}

export interface RunMakerOptions {
  readonly backend: ServerBackend;
  readonly runIds: RunIds;
  readonly clock: Clock;
}

export class RunMaker {
  readonly #options: RunMakerOptions;
  readonly #experiments: KnownExperiments = new Map();
  /** Runs whose start got an answer that may speak of it. */
  readonly #doubted = new Set<string>();
  /** Since when runs are looked for that somebody else may have begun, of the monotonic clock. */
  readonly #soughtMs = new Map<string, number>();
  /** An earlier daemon asked before this. Of the monotonic clock, as are the moments below. */
  readonly #openedMs: number;
  /** When a run was asked for that the server has not answered about yet. */
  readonly #askedMs = new Map<string, number>();

  constructor(options: RunMakerOptions) {
    this.#options = options;
    this.#openedMs = options.clock.monotonicMs();
  }

  /** The run at the server, made there if it never was. Throws a ServerFault. */
  async ensure(session: Session, runId: string, start: RunStart): Promise<MadeRun> {
    const { runIds, clock } = this.#options;
    const before = await runIds.find(runId);
    if (before?.kind === "known") return { run: before, isEmpty: false };
    if (!before && start.goesOn) {
      const found = await this.#begunElsewhere(session, runId);
      if (found)
        return {
          run: await this.#keep(session, runId, found.runId, found.experimentId, false),
          isEmpty: false,
        };
    }
    if (before) {
      const askedMs = this.#askedMs.get(runId) ?? this.#openedMs;
      const settlesInMs = askedMs + LATE_MS - clock.monotonicMs();
      const found = await runByTag(session, runId, [before.experimentId]);
      // With what it was made is not known: its tags are set, which does no harm where they are.
      if (found)
        return {
          run: await this.#keep(session, runId, found.runId, before.experimentId, true),
          isEmpty: true,
        };
      if (settlesInMs > 0) throw unsettled(session.baseUrl, "make the run", settlesInMs);
    }
    const name = DIALECTS[this.#options.backend.kind].experimentName(start.experimentName);
    const experimentId = await ensureExperiment(session, name, this.#experiments);
    const parent = await this.#parentTag(start);
    await runIds.keep(runId, { kind: "asked", experimentId });
    this.#askedMs.set(runId, clock.monotonicMs());
    const ours = [{ key: RUN_ID_TAG, value: runId }, ...parent];
    const bare = { experiment_id: experimentId, start_time: start.startTimeMs, tags: ours };
    const tags = [...ours, ...tagsOf(start)];
    const whole = { ...bare, user_id: start.user, run_name: start.runName, tags };
    let isBare = this.#doubted.has(runId);
    let verdict = await session.post("runs/create", isBare ? bare : whole);
    if (verdict.kind === "refused" && !isBare) {
      isBare = true;
      verdict = await session.post("runs/create", bare);
    }
    const made = await this.#madeBy(session, runId, experimentId, verdict);
    return { run: await this.#keep(session, runId, made, experimentId, isBare), isEmpty: true };
  }

  /**
   * The run that somebody else began, another home or MLflow itself; undefined when it is certain enough
   * that nobody did. Throws a ServerFault while whoever began it may still be about to make it.
   */
  async #begunElsewhere(session: Session, runId: string): Promise<FoundRun | undefined> {
    const found = (await runById(session, runId)) ?? (await runByTag(session, runId));
    const sinceMs = this.#soughtMs.get(runId) ?? this.#options.clock.monotonicMs();
    this.#soughtMs.set(runId, sinceMs);
    if (!found && this.#options.clock.monotonicMs() - sinceMs < SOUGHT_MS) throw soughtLater(session, runId);
    this.#soughtMs.delete(runId);
    return found;
  }

  /** The tags of a bare run are set. */
  async keepWhole(runId: string, { mlflowRunId, experimentId, url }: KnownRun): Promise<void> {
    await this.#options.runIds.keep(runId, { kind: "known", mlflowRunId, experimentId, url });
  }

  /** The id that the server gave. Throws a ServerFault. */
  async #madeBy(session: Session, runId: string, experimentId: string, verdict: Verdict): Promise<string> {
    const { runIds, clock } = this.#options;
    if (verdict.kind !== "ok") {
      if (verdict.kind === "doubtful") this.#doubted.add(runId);
      const mayCome = mayBeMade(verdict);
      if (mayCome) this.#askedMs.set(runId, clock.monotonicMs());
      else this.#askedMs.delete(runId);
      await runIds.keep(runId, mayCome ? { kind: "asked", experimentId } : undefined);
      const isOfExperiment = verdict.kind === "missing" || verdict.kind === "gone";
      // The id that was remembered belongs to an experiment that is gone: the next attempt looks again.
      if (isOfExperiment) this.#experiments.clear();
      throw new ServerFault(isOfExperiment ? gone(verdict) : verdict);
    }
    this.#doubted.delete(runId);
    const made = foundRun(verdict.body["run"]);
    if (made) return made.runId;
    const reason = `${session.baseUrl} answered without a run's id.`;
    throw new ServerFault({ kind: "hold", scope: "unclear", code: "STEPWELL_SERVER_NOT_UNDERSTOOD", reason });
  }

  async #keep(
    session: Session,
    runId: string,
    mlflowRunId: string,
    experimentId: string,
    isBare: boolean,
  ): Promise<KnownRun> {
    const { baseUrl, workspaceId } = session;
    const { runPage } = DIALECTS[this.#options.backend.kind];
    const url = `${baseUrl}/${runPage(experimentId, mlflowRunId, workspaceId)}`;
    const known: KnownRun = { kind: "known", mlflowRunId, experimentId, url };
    const run = isBare ? { ...known, isBare } : known;
    await this.#options.runIds.keep(runId, run);
    this.#askedMs.delete(runId);
    return run;
  }

  /** Tags with the server's ids of runs in place of ours. Throws a ServerFault for one that the server will have. */
  async translated(tags: readonly KeyValue[]): Promise<readonly KeyValue[]> {
    if (!tags.some(({ key }) => key === PARENT_TAG)) return tags;
    return await Promise.all(
      tags.map(async (tag) =>
        tag.key === PARENT_TAG ? { ...tag, value: await this.#idAtServer(tag.value) } : tag,
      ),
    );
  }

  /** MLflow's tag for a child. */
  async #parentTag({ parentRunId }: RunStart): Promise<readonly KeyValue[]> {
    if (parentRunId === "") return [];
    return [{ key: PARENT_TAG, value: await this.#idAtServer(parentRunId) }];
  }

  /** The server's id of a run. One that goes to the same server is waited for; any other id stays as it is. */
  async #idAtServer(runId: string): Promise<string> {
    const { runIds } = this.#options;
    const own = await runIds.ownId(runId);
    const known = await runIds.find(own);
    if (known?.kind === "known") return known.mlflowRunId;
    if (!runIds.isExpected(own)) return runId;
    const reason = `The parent run ${runId} is not made yet.`;
    throw new ServerFault({
      kind: "retry",
      scope: "run",
      code: "STEPWELL_SERVER_BUSY",
      reason,
      isAmbiguous: false,
      isOverloaded: false,
    });
  }
}

/** Ends the run, or goes on with it. Throws a ServerFault. */
export async function updateRun(session: Session, mlflowRunId: string, end: RunEnd): Promise<void> {
  const time = end.endTimeMs > 0 ? { end_time: end.endTimeMs } : {};
  const verdict = await session.post("runs/update", { run_id: mlflowRunId, status: end.status, ...time });
  if (verdict.kind === "missing") throw runGone(verdict);
  const body = bodyOf(verdict);
  const status = (body["run_info"] as JsonObject | undefined)?.["status"];
  // A status that a server does not know it ignores, with a 200.
  if (status === undefined || status === end.status) return;
  const reason = `${session.baseUrl} kept the status ${JSON.stringify(status)} instead of ${end.status}.`;
  throw new ServerFault({ kind: "hold", scope: "unclear", code: "STEPWELL_SERVER_NOT_UNDERSTOOD", reason });
}

/** Removes tags; one that is not there is left alone. Throws a ServerFault. */
export async function removeTags(
  session: Session,
  mlflowRunId: string,
  keys: readonly string[],
): Promise<void> {
  for (const key of keys) {
    const verdict = await session.post("runs/delete-tag", { run_id: mlflowRunId, key });
    if (verdict.kind !== "missing") bodyOf(verdict);
  }
}

/** What the start says of the run, as MLflow's tags. */
export function tagsOf(start: RunStart): KeyValue[] {
  const name = { key: "mlflow.runName", value: start.runName };
  if (start.hasOwnTags) return [name];
  const tags = [
    { key: "mlflow.user", value: start.user },
    { key: "mlflow.source.name", value: start.sourceName },
    { key: "mlflow.source.type", value: "LOCAL" },
    name,
  ];
  return tags.filter((tag) => tag.value !== "");
}

/** Whether the server may have made the run: an answer that is not understood may have been of one that did. */
function mayBeMade(verdict: BadVerdict): boolean {
  switch (verdict.kind) {
    case "doubtful":
      return true;
    case "retry":
      return verdict.isAmbiguous;
    case "hold":
      return verdict.code === "STEPWELL_SERVER_NOT_UNDERSTOOD" || verdict.code === "STEPWELL_TLS_FAILED";
    case "too-large":
    case "refused":
    case "missing":
    case "gone":
    case "exists":
      return false;
  }
}

function gone({ reason }: BadVerdict): BadVerdict {
  const fault = { code: "STEPWELL_SERVER_FAILED", reason, isAmbiguous: false, isOverloaded: false } as const;
  return { kind: "retry", scope: "run", ...fault };
}

/**
 * Runs, made once (once.ts), each with our id as a tag.
 *
 * A start that the server does not take (its database holds names of 250 characters, say)
 * makes a bare run; what the start says of it goes as tags, where a bad one is found alone.
 */

import { DIALECTS } from "../../mlflow/dialect.js";
import { type BadVerdict, bodyOf, runGone, ServerFault } from "../../mlflow/server-fault.js";
import type { Session } from "../../mlflow/session.js";
import type { JsonObject } from "../../mlflow/verdict.js";
import type { Clock } from "../../model/clock.js";
import type { KeyValue } from "../../model/pack.js";
import type { RunEnd, RunStart } from "../../model/run.js";
import type { BackendRun, ServerBackend } from "../../model/target.js";
import { idAtServer, withParents } from "../parent-tag.js";
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
import { OnceMaker, withoutId } from "./once.js";

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
  /** When somebody else asked the server for a run, of the monotonic clock. */
  readonly runAskedMs?: (runId: string) => number | undefined;
}

export class RunMaker {
  readonly #options: RunMakerOptions;
  readonly #experiments: KnownExperiments = new Map();
  readonly #once: OnceMaker<BackendRun | undefined>;
  /** Since when runs are looked for that somebody else may have begun, of the monotonic clock. */
  readonly #soughtMs = new Map<string, number>();

  constructor(options: RunMakerOptions) {
    this.#options = options;
    const { clock, runIds, runAskedMs } = options;
    this.#once = new OnceMaker({
      clock,
      keep: (runId, value) => runIds.keep(runId, value),
      ...(runAskedMs ? { askedMs: runAskedMs } : {}),
    });
  }

  /** The run at the server, made there if it never was. Throws a ServerFault. */
  async ensure(session: Session, runId: string, start: RunStart): Promise<MadeRun> {
    const before = await this.#options.runIds.find(runId);
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
      // A relay's home does not know with which experiment it was asked for.
      const within = before.experimentId === "" ? undefined : [before.experimentId];
      const find = () => runByTag(session, runId, within);
      const found = await this.#once.sought(session, runId, "make the run", find);
      // With what it was made is not known: its tags are set, which does no harm where they are.
      if (found)
        return {
          run: await this.#keep(session, runId, found.runId, before.experimentId || found.experimentId, true),
          isEmpty: true,
        };
    }
    const name = DIALECTS[this.#options.backend.kind].experimentName(start.experimentName);
    const experimentId = await ensureExperiment(session, name, this.#experiments);
    const parent = await this.#parentTag(start);
    const ours = [{ key: RUN_ID_TAG, value: runId }, ...parent];
    const bare = { experiment_id: experimentId, start_time: start.startTimeMs, tags: ours };
    const tags = [...ours, ...tagsOf(start)];
    const whole = { ...bare, user_id: start.user, run_name: start.runName, tags };
    const asking = {
      ...{ id: runId, asked: { kind: "asked", experimentId } as const, unasked: undefined },
      send: (isBare: boolean) => session.post("runs/create", isBare ? bare : whole),
    };
    const { body, isBare } = await this.#once.ask(asking).catch((error: unknown) => {
      throw this.#faultOf(error);
    });
    const made = foundRun(body["run"]);
    if (!made) throw withoutId(session, "run");
    return { run: await this.#keep(session, runId, made.runId, experimentId, isBare), isEmpty: true };
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

  /** The id that was remembered may belong to an experiment that is gone: the next attempt looks again. */
  #faultOf(error: unknown): unknown {
    if (!(error instanceof ServerFault)) return error;
    const { verdict } = error;
    if (verdict.kind !== "missing" && verdict.kind !== "gone") return error;
    this.#experiments.clear();
    return new ServerFault(gone(verdict));
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
    this.#once.isKept(runId);
    return run;
  }

  /** Tags with the server's ids of runs in place of ours. Throws a ServerFault for one that the server will have. */
  async translated(tags: readonly KeyValue[]): Promise<readonly KeyValue[]> {
    return await withParents(tags, (runId) => this.#idAtServer(runId));
  }

  /** MLflow's tag for a child. */
  async #parentTag({ parentRunId }: RunStart): Promise<readonly KeyValue[]> {
    if (parentRunId === "") return [];
    return [{ key: PARENT_TAG, value: await this.#idAtServer(parentRunId) }];
  }

  /** The server's id of a run. One that goes to the same server is waited for; any other id stays as it is. */
  async #idAtServer(runId: string): Promise<string> {
    const there = await idAtServer(this.#options.runIds, runId);
    if (there !== undefined) return there;
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

function gone({ reason }: BadVerdict): BadVerdict {
  const fault = { code: "STEPWELL_SERVER_FAILED", reason, isAmbiguous: false, isOverloaded: false } as const;
  return { kind: "retry", scope: "run", ...fault };
}

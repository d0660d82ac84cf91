/**
 * Runs of programs that speak to the gateway. They are begun, logged to and ended through the door, as everybody's: one
 * journal, one lane for each. A run that the daemon does not know, because a server or MLflow itself began it, is taken
 * in when a program first logs to it, under the id that it has there.
 */
import type { Batch, RunStart, Tag } from "../gen/stepwell/v1/ingest.js";
import { RunStatus } from "../gen/stepwell/v1/types.js";
import type { Door } from "../ingest/door.js";
import type { Clock } from "../model/clock.js";
import { isId, newId } from "../model/id.js";
import { factsOf } from "../model/target.js";
import { KeyedTurns } from "../model/turns.js";
import type { BackendRuns } from "../runs/backend-runs.js";
import type { Run } from "../runs/run.js";
import type { RunBook } from "../runs/run-book.js";
import { place, suggest } from "../runs/run-start.js";
import { begunRun } from "./begun-run.js";
import { refusalOf, type SeenExperiments } from "./experiments.js";
import type { JsonObject } from "./requests/body.js";
import { RequestFault } from "./requests/request-fault.js";
import type { RunRequest } from "./requests/run-requests.js";
import { statusNamed } from "./requests/run-status.js";
import { type Drain, flushRuns } from "./run-flush.js";
import { RunStages } from "./run-stages.js";
import type { RunViews } from "./run-views.js";
import { ApiDown, type TrackerApi } from "./tracker-api.js";
import type { Place } from "./workspace.js";

/** What is logged, beside the run that it is logged to. */
export type Entries = Partial<Omit<Batch, "runId" | "sequence">>;

export interface GatewayRunsOptions {
  readonly door: Pick<Door, "enter">;
  readonly runs: RunBook;
  readonly backendRuns: BackendRuns;
  readonly experiments: SeenExperiments;
  readonly views: RunViews;
  readonly clock: Clock;
  readonly drain: Drain;
  /** Whether a lane of the run waits after a failure. */
  readonly isTroubled: (runId: string) => boolean;
}

/** How long a program waits for a run's id at a tracker that answers; then it gets the daemon's own. */
const MADE_MS_MAX = 5_000;
const MADE_LOOK_MS = 100;
const NAME_TAG = "mlflow.runName";
const PARENT_TAG = "mlflow.parentRunId";
const GET_RUN = "/api/2.0/mlflow/runs/get";

export class GatewayRuns {
  readonly #options: GatewayRunsOptions;
  readonly #adopting = new KeyedTurns();
  /** Which of them are deleted. */
  readonly stages = new RunStages();

  constructor(options: GatewayRunsOptions) {
    this.#options = options;
  }

  /** Our run by its id, or by one that a server gave it. */
  async find(runId: string): Promise<Run | undefined> {
    const { backendRuns, runs } = this.#options;
    const own = backendRuns.remembered(runId) ?? (await backendRuns.ownId(runId));
    return await runs.known(own);
  }

  /** The id that a run has at its tracker; the same one where nobody knows another. */
  async idAt(target: Place, runId: string): Promise<string> {
    const { backendRuns } = this.#options;
    const own = await backendRuns.ownId(runId);
    const known = await backendRuns.find(own, factsOf(target.backend).runsKey);
    return known?.kind === "known" ? known.mlflowRunId : runId;
  }

  /** Whether the tracker has made a run. One that is not the daemon's, or not for this tracker, is nothing to wait for. */
  async isMade(target: Place, runId: string): Promise<boolean> {
    const run = await this.find(runId);
    if (!run || !isAt(run, target)) return true;
    const known = await this.#options.backendRuns.find(run.runId, factsOf(target.backend).runsKey);
    return known?.kind === "known";
  }

  /** Journals entries of a run; they are on disk when this resolves. Throws a RequestFault. */
  async log(target: Place, api: TrackerApi, runId: string, entries: Entries): Promise<void> {
    const { runs, backendRuns } = this.#options;
    const own = backendRuns.remembered(runId) ?? runId;
    const known = runs.find(own);
    const run = known?.start ? known : await this.find(runId);
    if (!run?.start) await this.#adopt(target, api, runId);
    else if (!isAt(run, target)) throw notFound(runId);
    if (entries.calls?.every(({ namesRun }) => namesRun) ?? true) await this.checkActive(target, api, runId);
    // MLflow's own client may log metrics of the system, which the daemon leaves to it then.
    if (entries.metrics) runs.sampled.saw(run?.runId ?? own, entries.metrics);
    await this.#options.door.enter({ ...entries, runId });
  }

  /** Throws MLflow's refusal of what changes a run that is deleted. */
  async checkActive(target: Place, api: TrackerApi, runId: string): Promise<void> {
    const own = this.#options.backendRuns.remembered(runId) ?? runId;
    await this.stages.checkActive(target, api, own, () => this.idAt(target, runId));
  }

  /**
   * Begins a run and answers it as MLflow's server does. The first one that a program begins, below no other, is the
   * program's own (`own`, if it has one), where that is open. Throws a RequestFault.
   */
  async create(target: Place, api: TrackerApi, asked: RunRequest, own: string): Promise<JsonObject> {
    const { door, experiments, views, clock } = this.#options;
    const { experimentId, runName, user } = asked;
    const experimentName = await experiments.nameOf(target, api, experimentId);
    const tags = await this.ownParents(asked.tags);
    if (await this.#takeOwn(own, target, experimentName, runName, tags))
      return await this.get(target, api, own);
    const runId = newId();
    const start: RunStart = {
      trackers: [target.trackerId],
      startTimeMs: asked.startTimeMs || BigInt(clock.nowMs()),
      experimentName,
      runName,
      user,
      sourceName: "",
      parentRunId: "",
      hasOwnTags: true,
      ...(target.workspace === undefined ? {} : { workspace: target.workspace }),
    };
    await door.enter({ tags, runId, runStart: start });
    const run = await this.find(runId);
    if (!run) throw new RequestFault("INTERNAL_ERROR", `The run ${runId} was not begun.`);
    views.begun(run, target, begunRun(run, experimentId));
    this.stages.set(target, runId, "active");
    return await this.get(target, api, runId);
  }

  /** Whether a program's own run is the one that it begins: then it is of that experiment, and has that name. */
  async #takeOwn(
    runId: string,
    { workspace }: Place,
    experimentName: string,
    runName: string,
    tags: Tag[],
  ): Promise<boolean> {
    const { runs, door } = this.#options;
    if (runId === "" || workspace !== undefined || tags.some(({ key }) => key === PARENT_TAG)) return false;
    if (!(await place(runs, runId, experimentName))) return false;
    const value = runName || runs.find(runId)?.start?.runName || "";
    await door.enter({
      tags: [...tags.filter(({ key }) => key !== NAME_TAG), { key: NAME_TAG, value }],
      runId,
    });
    return true;
  }

  /** A program asked for an experiment: its own run goes there, unless it begins in another one. */
  async suggestExperiment({ workspace }: Place, own: string, experimentName: string): Promise<void> {
    if (own !== "" && workspace === undefined) await suggest(this.#options.runs, own, experimentName);
  }

  /** A parent is named by our id: its server may not have made it yet. */
  async ownParents(tags: Tag[]): Promise<Tag[]> {
    if (!tags.some(({ key }) => key === PARENT_TAG)) return tags;
    return await Promise.all(
      tags.map(async (tag) =>
        tag.key === PARENT_TAG ? { ...tag, value: (await this.find(tag.value))?.runId ?? tag.value } : tag,
      ),
    );
  }

  /** A run as its program sees it. Throws a RequestFault. */
  async get(target: Place, api: TrackerApi, runId: string): Promise<JsonObject> {
    const run = await this.find(runId);
    if (run?.start && !run.isOpen && !isAt(run, target)) throw notFound(runId);
    if (run) await this.#untilMade(run, target);
    const idThere = await this.idAt(target, runId);
    const { views } = this.#options;
    const held = run && (await views.held(run, target));
    let shown: JsonObject | undefined;
    try {
      const { status, body } = await api.ask("GET", GET_RUN, { run_id: idThere });
      shown = status === 200 ? (body["run"] as JsonObject | undefined) : undefined;
      // One that its lane has not made yet is not there.
      if (!shown && (status !== 404 || !run?.start)) throw refusalOf(body);
      if (shown) this.stages.saw(target, run?.runId ?? runId, shown);
    } catch (error) {
      if (!(error instanceof ApiDown) || !run?.start) throw error;
    }
    if (!run) return shown ?? {};
    if (!shown || !held) return await this.here(run, target);
    return (await views.view(run, target, { run: shown, held })) ?? {};
  }

  /** Our run as it is known here, without its tracker. */
  async here(run: Run, target: Place): Promise<JsonObject> {
    const { views } = this.#options;
    const view = await views.view(run, target, undefined);
    if (view) return view;
    views.begun(run, target, begunRun(run, await this.#experimentIdOf(run, target)));
    return (await views.view(run, target, undefined)) ?? {};
  }

  /** The runs that go to a tracker and are in these experiments, or in any where none is named. */
  async runsIn(target: Place, experimentIds: readonly string[]): Promise<string[]> {
    const { runs, experiments } = this.#options;
    const seen = await Promise.all(experimentIds.map((id) => experiments.byId(target, id)));
    const names = seen.map((shown) => textOf(shown?.["name"]));
    // An experiment that nobody asked for by its id here may be that of any run.
    const isMeant = (name: string) => names.length === 0 || names.includes("") || names.includes(name);
    return [...runs.live()]
      .filter((run) => isAt(run, target) && isMeant(run.start?.experimentName ?? ""))
      .map(({ runId }) => runId);
  }

  /** Waits until the tracker has all of these runs. Throws where it takes too long. */
  async flush(api: TrackerApi, runIds: readonly string[]): Promise<void> {
    const found = await Promise.all(runIds.map((runId) => this.find(runId)));
    const runs = found.filter((run) => run !== undefined);
    await flushRuns(api, runs, this.#options);
  }

  /** Waits until the tracker has made a run, unless the run's lane waits for better times. */
  async #untilMade(run: Run, target: Place): Promise<void> {
    const { backendRuns, drain, isTroubled, clock } = this.#options;
    const { runsKey } = factsOf(target.backend);
    // One that is open is made once something is logged to it.
    if (run.isOpen) return;
    const untilMs = clock.monotonicMs() + MADE_MS_MAX;
    while (clock.monotonicMs() < untilMs && !isTroubled(run.runId)) {
      if ((await backendRuns.find(run.runId, runsKey))?.kind === "known") return;
      await drain(MADE_LOOK_MS, [run]);
    }
  }

  /** The id that a run's experiment has at the tracker, or one that is made up for it. */
  async #experimentIdOf(run: Run, target: Place): Promise<string> {
    const { backendRuns, experiments, clock } = this.#options;
    const known = await backendRuns.find(run.runId, factsOf(target.backend).runsKey);
    if (known) return known.experimentId;
    const name = run.start?.experimentName ?? "Default";
    const seen =
      (await experiments.byName(target, name)) ?? (await experiments.makeUp(target, name, clock.nowMs()));
    return textOf(seen["experiment_id"]);
  }

  /** Takes in a run that its tracker has and the daemon does not. */
  async #adopt(target: Place, api: TrackerApi, runId: string): Promise<void> {
    await this.#adopting.take([runId], async () => {
      if ((await this.find(runId))?.start) return;
      const { status, body } = await api.ask("GET", GET_RUN, { run_id: runId });
      const shown = body["run"] as JsonObject | undefined;
      if (status !== 200 || !shown) throw refusalOf(body);
      this.stages.saw(target, runId, shown);
      await this.checkActive(target, api, runId);
      const info = shown["info"] as JsonObject;
      const experimentId = textOf(info["experiment_id"]);
      const { backendRuns, experiments, door } = this.#options;
      if (!isId(runId))
        throw new RequestFault("INVALID_PARAMETER_VALUE", `${JSON.stringify(runId)} is no run id.`);
      const known = { kind: "known", mlflowRunId: runId, experimentId, url: "" } as const;
      const { runsKey, keepsOurIds } = factsOf(target.backend);
      if (!keepsOurIds) await backendRuns.keep(runId, runsKey, known);
      const runStart: RunStart = {
        trackers: [target.trackerId],
        startTimeMs: BigInt(Number(info["start_time"] ?? 0)),
        experimentName: await experiments.nameOf(target, api, experimentId),
        runName: textOf(info["run_name"]),
        user: textOf(info["user_id"]),
        sourceName: "",
        parentRunId: "",
        hasOwnTags: true,
        ...(target.workspace === undefined ? {} : { workspace: target.workspace }),
      };
      const ended = statusNamed(textOf(info["status"]));
      // It is what it is there: a run that had ended is not running here.
      const runEnd =
        ended === undefined || ended === RunStatus.RUN_STATUS_RUNNING
          ? undefined
          : { status: ended, endTimeMs: BigInt(Number(info["end_time"] ?? 0)) };
      await door.enter({ runId, runStart, ...(runEnd ? { runEnd } : {}) });
    });
  }
}

/** Whether a run goes to a tracker, and is in the workspace of its that is meant. */
export function isAt({ targets, start }: Run, { trackerId, workspace }: Place): boolean {
  if (start?.workspace !== workspace) return false;
  return targets === undefined || targets.some((each) => each.trackerId === trackerId);
}

function notFound(runId: string): RequestFault {
  return new RequestFault("RESOURCE_DOES_NOT_EXIST", `Run with id=${runId} not found`);
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : typeof value === "number" ? String(value) : "";
}

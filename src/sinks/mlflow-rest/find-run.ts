/** Runs that a server has already: by its own id, or by the tag that holds ours. */
import { bodyOf, ServerFault } from "../../mlflow/server-fault.js";
import type { Session } from "../../mlflow/session.js";
import type { JsonObject } from "../../mlflow/verdict.js";

/** The tag that holds our id of a run. */
export const RUN_ID_TAG = "stepwell.run_id";

/**
 * How long a run is looked for that its client goes on with and this home did not begin, before it is made: of
 * processes on several machines that log to one run, one begins it and others may be here first.
 */
export const SOUGHT_MS = 10_000;

/** MLflow's own limit for a page of experiments. */
const EXPERIMENTS_PAGE = 1_000;

/** A run as the server has it. */
export interface FoundRun {
  readonly runId: string;
  readonly experimentId: string;
}

/** The run with that id at the server; undefined where there is none. Throws a ServerFault. */
export async function runById(session: Session, runId: string): Promise<FoundRun | undefined> {
  const verdict = await session.get("runs/get", { run_id: runId });
  // A server may find that no run of its own can have such an id.
  if (verdict.kind === "missing" || verdict.kind === "refused") return undefined;
  return foundRun(bodyOf(verdict)["run"]);
}

/**
 * The run with our id as its tag, the first that was made should there be more; in these experiments, or
 * in any. Throws a ServerFault.
 */
export async function runByTag(
  session: Session,
  runId: string,
  experimentIds?: readonly string[],
): Promise<FoundRun | undefined> {
  if (experimentIds) return await searchRun(session, runId, experimentIds);
  for await (const page of experiments(session)) {
    const found = page.length === 0 ? undefined : await searchRun(session, runId, page);
    if (found) return found;
  }
  return undefined;
}

/** A run out of an answer; undefined where it is none. */
export function foundRun(run: unknown): FoundRun | undefined {
  const info = (run as { info?: { run_id?: unknown; experiment_id?: unknown } } | undefined)?.info;
  if (typeof info?.run_id !== "string" || info.run_id === "") return undefined;
  const { run_id: runId, experiment_id: experimentId } = info;
  return { runId, experimentId: typeof experimentId === "string" ? experimentId : "" };
}

/** What a lane is told while a run is looked for. */
export function soughtLater({ baseUrl }: Session, runId: string): ServerFault {
  const reason = `Run ${runId}, which somebody else began, is not at ${baseUrl} yet.`;
  const code = "STEPWELL_SERVER_BUSY";
  return new ServerFault({
    kind: "retry",
    scope: "run",
    code,
    reason,
    isAmbiguous: false,
    isOverloaded: false,
    afterMs: 500,
  });
}

async function searchRun(
  session: Session,
  runId: string,
  experimentIds: readonly string[],
): Promise<FoundRun | undefined> {
  const request = {
    experiment_ids: [...experimentIds],
    filter: `tags.\`${RUN_ID_TAG}\` = '${runId}'`,
    run_view_type: "ALL",
    max_results: 10,
    order_by: ["attributes.start_time ASC"],
  };
  const { runs } = bodyOf(await session.post("runs/search", request, "search"));
  return Array.isArray(runs) ? foundRun(runs[0]) : undefined;
}

/** The ids of all experiments, page by page. */
async function* experiments(session: Session): AsyncGenerator<string[]> {
  for (let pageToken = ""; ; ) {
    const more = pageToken === "" ? {} : { page_token: pageToken };
    const request = { max_results: EXPERIMENTS_PAGE, view_type: "ALL", ...more };
    const body = bodyOf(await session.post("experiments/search", request, "search"));
    const page = Array.isArray(body["experiments"]) ? (body["experiments"] as JsonObject[]) : [];
    yield page.map((each) => String(each["experiment_id"]));
    const next = body["next_page_token"];
    if (typeof next !== "string" || next === "" || next === pageToken) return;
    pageToken = next;
  }
}

/**
 * Workspaces, which newer servers have: a header says in which one a request is meant. A run stays in the one that it
 * was begun in, and all that is asked of its tracker about it says so.
 */
import { WORKSPACE_HEADER } from "../mlflow/session.js";
import { isWorkspaceName } from "../model/names.js";
import { factsOf, type Target } from "../model/target.js";
import type { GatewayCall } from "./call.js";
import { invalid } from "./requests/request-fault.js";
import type { TrackerApi } from "./tracker-api.js";

const DEFAULT = "default";

/** Where a request goes: a tracker, and a workspace of its. */
export interface Place extends Target {
  /** Absent: the default one. */
  readonly workspace?: string;
}

/** The place that a request names. Throws where there can be no such one. */
export function placeOf({ headers, target }: GatewayCall): Place {
  const named = [headers[WORKSPACE_HEADER] ?? ""].flat().join().trim();
  if (named === "" || named === DEFAULT) return target;
  if (!isWorkspaceName(named)) throw invalid(`${JSON.stringify(named)} is no workspace.`);
  if (factsOf(target.backend).file === undefined) return { ...target, workspace: named };
  throw invalid("Workspace APIs are not available: a tracker that is a file has no workspaces.");
}

/** A tracker's API for what is in a workspace. */
export function apiWithin(api: TrackerApi, workspace: string | undefined): TrackerApi {
  if (workspace === undefined) return api;
  const within = { [WORKSPACE_HEADER]: workspace };
  return {
    pass: (request) => api.pass({ ...request, headers: { ...request.headers, ...within } }),
    ask: (method, path, content) => api.ask(method, path, content, within),
    ...(api.experimentName ? { experimentName: (name: string) => api.experimentName?.(name) ?? name } : {}),
    ...(api.refusal ? { refusal: api.refusal.bind(api) } : {}),
    close: () => api.close(),
  };
}

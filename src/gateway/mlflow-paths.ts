/**
 * Paths that MLflow's own server alone answers, by their first segments (MLflow 3.17.2; a test holds them against the
 * installed one). Without an MLflow a local tracker says of these what they need, and of others that they are not there.
 */

const PAGES = ["", "build", "gateway", "get-artifact", "graphql", "model-versions", "static-files", "v1"];
const SUBJECTS = [
  ...["assistant", "datasets", "demo", "gateway", "gateway-proxy", "genai", "get-online-trace-details"],
  ...["get-trace-artifact", "issues", "jobs", "label-schemas", "mcp-servers", "model-versions"],
  ...["prompt-optimization", "registered-models", "review-queues", "scorer", "scorers", "traces"],
  ...["ui-telemetry", "unified-traces", "upload-artifact", "webhooks", "workspaces"],
];
const API = /^\/(?:ajax-)?api\/\d\.0\/(?:mlflow\/)?([^/]*)/;
/** Of a subject that the daemon answers otherwise. */
const PROMPT_LAB = "/runs/create-promptlab-run";

export function needsMlflow(path: string): boolean {
  const [, subject] = API.exec(path) ?? [];
  if (subject !== undefined) return SUBJECTS.includes(subject) || path.endsWith(PROMPT_LAB);
  return PAGES.includes(path.split("/")[1] ?? "");
}

/** What Flask answers where it has nothing. */
export const NOT_FOUND_PAGE = `<!doctype html>
<html lang=en>
<title>404 Not Found</title>
<h1>Not Found</h1>
<p>The requested URL was not found on the server. If you entered the URL manually please check your spelling and try again.</p>
`;

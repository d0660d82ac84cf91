/** The routes that a local tracker answers by itself. */

const EXPERIMENTS = "/2.0/mlflow/experiments";
const RUNS = "/2.0/mlflow/runs";
const METRICS = "/2.0/mlflow/metrics";
const MODELS = "/2.0/mlflow/logged-models";
const EVERYWHERE = ["/api", "/ajax-api"];
const UI_ALONE = ["/ajax-api"];

/** Paths below their prefixes; a segment that begins with a colon stands for any. */
const ROUTES = [
  ["get-experiment", "GET", `${EXPERIMENTS}/get`, EVERYWHERE],
  ["get-experiment-by-name", "GET", `${EXPERIMENTS}/get-by-name`, EVERYWHERE],
  ["create-experiment", "POST", `${EXPERIMENTS}/create`, EVERYWHERE],
  ["search-experiments", "GET", `${EXPERIMENTS}/search`, EVERYWHERE],
  ["search-experiments", "POST", `${EXPERIMENTS}/search`, EVERYWHERE],
  ["update-experiment", "POST", `${EXPERIMENTS}/update`, EVERYWHERE],
  ["delete-experiment", "POST", `${EXPERIMENTS}/delete`, EVERYWHERE],
  ["restore-experiment", "POST", `${EXPERIMENTS}/restore`, EVERYWHERE],
  ["set-experiment-tag", "POST", `${EXPERIMENTS}/set-experiment-tag`, EVERYWHERE],
  ["delete-experiment-tag", "POST", `${EXPERIMENTS}/delete-experiment-tag`, EVERYWHERE],
  ["search-datasets", "POST", `${EXPERIMENTS}/search-datasets`, UI_ALONE],
  ["get-run", "GET", `${RUNS}/get`, EVERYWHERE],
  ["search-runs", "POST", `${RUNS}/search`, EVERYWHERE],
  ["delete-run", "POST", `${RUNS}/delete`, EVERYWHERE],
  ["restore-run", "POST", `${RUNS}/restore`, EVERYWHERE],
  ["log-inputs", "POST", `${RUNS}/log-inputs`, EVERYWHERE],
  ["log-model", "POST", `${RUNS}/log-model`, EVERYWHERE],
  ["log-outputs", "POST", `${RUNS}/outputs`, EVERYWHERE],
  ["get-history", "GET", `${METRICS}/get-history`, EVERYWHERE],
  ["get-history-bulk", "GET", `${METRICS}/get-history-bulk`, UI_ALONE],
  ["get-history-interval", "GET", `${METRICS}/get-history-bulk-interval`, EVERYWHERE],
  ["create-model", "POST", MODELS, EVERYWHERE],
  ["search-models", "POST", `${MODELS}/search`, EVERYWHERE],
  ["get-model", "GET", `${MODELS}/:model`, EVERYWHERE],
  ["finalize-model", "PATCH", `${MODELS}/:model`, EVERYWHERE],
  ["delete-model", "DELETE", `${MODELS}/:model`, EVERYWHERE],
  ["log-model-params", "POST", `${MODELS}/:model/params`, EVERYWHERE],
  ["set-model-tags", "PATCH", `${MODELS}/:model/tags`, EVERYWHERE],
  ["delete-model-tag", "DELETE", `${MODELS}/:model/tags/:key`, EVERYWHERE],
] as const satisfies readonly (readonly [string, string, string, readonly string[]])[];

export type LocalRoute = (typeof ROUTES)[number][0];

/** A route, with what stands for its named segments. */
export interface LocalMatch {
  readonly route: LocalRoute;
  readonly values: Readonly<Record<string, string>>;
}

/** The route of a request; undefined for one that is not among them. */
export function matchLocal(method: string, path: string): LocalMatch | undefined {
  const [, first = ""] = path.split("/");
  const prefix = `/${first}`;
  const wanted = path.slice(prefix.length).split("/");
  for (const [route, routeMethod, pattern, prefixes] of ROUTES) {
    if (routeMethod !== method || !prefixes.some((each) => each === prefix)) continue;
    const values = valuesOf(pattern.split("/"), wanted);
    if (values) return { route, values };
  }
  return undefined;
}

function valuesOf(pattern: readonly string[], path: readonly string[]): Record<string, string> | undefined {
  if (pattern.length !== path.length) return undefined;
  const values: Record<string, string> = {};
  for (const [index, part] of pattern.entries()) {
    const found = path[index] ?? "";
    if (part.startsWith(":") && found !== "") values[part.slice(1)] = decode(found);
    else if (part !== found) return undefined;
  }
  return values;
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

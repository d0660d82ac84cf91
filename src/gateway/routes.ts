/**
 * What the gateway does with each of MLflow's routes (docs/gateway-routes.md; a test holds the table against the routes of
 * the installed MLflow). A path under /ajax-api is the same one under /api. What is not named here is passed through.
 */

/** What is done with a request. */
export type RouteClass =
  /** It is journaled, in its run's order, and answered once it is on disk. */
  | "buffered"
  /** The upstream's answer, with what the run's lane still holds laid over it. */
  | "overlaid"
  /** It is answered by the upstream once the lanes that it concerns are flushed. */
  | "behind-flush"
  /** It is passed through; without the upstream the daemon answers with what it knows. */
  | "known-offline"
  /** An artifact, which a spool keeps while its server can't have it. */
  | "artifact"
  /** It is passed through; without the upstream its body waits in the spool. */
  | "spooled"
  /** Uploads in parts, and uploads and downloads that go around the gateway: it says that there are none. */
  | "around"
  /** It runs work on the server's host, which a step has no business with. */
  | "refused"
  | "passed";

/** Whose lanes have to be flushed first. */
export type Concerned =
  /** The run that the body or the query names in this field. */
  | { readonly kind: "run"; readonly fields: readonly string[] }
  /** The model in the path: those of the run that made it. */
  | { readonly kind: "model" }
  /** Those of the experiments that it names, or of all where it names none. */
  | { readonly kind: "experiments" };

export interface Route {
  /** `*`: any. */
  readonly method: string;
  /** Segments; one that begins with a colon stands for any, a last `*` for all that follow. */
  readonly path: string;
  readonly class: RouteClass;
  readonly concerned?: Concerned;
}

const ANY = "*";
const RUN = { kind: "run", fields: ["run_id", "run_uuid"] } as const;
const MODEL = { kind: "model" } as const;
const EXPERIMENTS = { kind: "experiments" } as const;
const V2 = "/api/2.0/mlflow";
const MODELS = `${V2}/logged-models`;
const ARTIFACTS = "/api/2.0/mlflow-artifacts/artifacts";

const buffered = (path: string): Route => ({ method: "POST", path: `${V2}/${path}`, class: "buffered" });
const flushed = (method: string, path: string, concerned: Concerned): Route => ({
  method,
  path,
  class: "behind-flush",
  concerned,
});
const offline = (method: string, path: string): Route => ({ method, path, class: "known-offline" });
const artifact = (method: string, path: string): Route => ({ method, path, class: "artifact" });
const around = (method: string, path: string): Route => ({ method, path, class: "around" });
const refused = (method: string, path: string): Route => ({ method, path, class: "refused" });

export const ROUTES: readonly Route[] = [
  buffered("runs/log-metric"),
  buffered("runs/log-batch"),
  buffered("runs/log-parameter"),
  buffered("runs/set-tag"),
  buffered("runs/delete-tag"),
  buffered("runs/update"),
  { method: "POST", path: `${V2}/runs/log-inputs`, class: "buffered", concerned: RUN },
  { method: "POST", path: `${V2}/runs/outputs`, class: "buffered", concerned: RUN },
  { method: "POST", path: `${MODELS}/:model/params`, class: "buffered", concerned: MODEL },
  { method: "PATCH", path: `${MODELS}/:model/tags`, class: "buffered", concerned: MODEL },
  { method: "PATCH", path: `${MODELS}/:model`, class: "buffered", concerned: MODEL },
  { method: "DELETE", path: `${MODELS}/:model/tags/:key`, class: "buffered", concerned: MODEL },
  { method: "GET", path: `${V2}/runs/get`, class: "overlaid", concerned: RUN },
  flushed("POST", `${V2}/runs/log-model`, RUN),
  flushed("POST", `${V2}/runs/delete`, RUN),
  flushed("POST", `${V2}/runs/restore`, RUN),
  flushed("POST", `${V2}/runs/search`, EXPERIMENTS),
  // A run that is not made yet names its experiment: by its name.
  flushed("POST", `${V2}/experiments/update`, EXPERIMENTS),
  flushed("POST", `${V2}/experiments/delete`, EXPERIMENTS),
  flushed("POST", `${V2}/runs/create-promptlab-run`, EXPERIMENTS),
  flushed("GET", `${V2}/metrics/get-history`, RUN),
  flushed("GET", `${V2}/metrics/get-history-bulk`, { kind: "run", fields: ["run_id", "run_ids"] }),
  flushed("GET", `${V2}/metrics/get-history-bulk-interval`, { kind: "run", fields: ["run_ids"] }),
  flushed("GET", `${V2}/artifacts/list`, RUN),
  flushed("GET", "/get-artifact", RUN),
  flushed("POST", `${V2}/model-versions/create`, RUN),
  flushed("POST", `${V2}/traces/link-to-run`, RUN),
  flushed("POST", MODELS, { kind: "run", fields: ["source_run_id"] }),
  flushed("POST", `${MODELS}/search`, EXPERIMENTS),
  flushed("GET", `${MODELS}/:model`, MODEL),
  flushed("DELETE", `${MODELS}/:model`, MODEL),
  flushed("GET", `${MODELS}/:model/artifacts/directories`, MODEL),
  flushed("GET", `${MODELS}/:model/artifacts/files`, MODEL),
  flushed("GET", "/graphql", EXPERIMENTS),
  flushed("POST", "/graphql", EXPERIMENTS),
  artifact("GET", ARTIFACTS),
  artifact("GET", `${ARTIFACTS}/*`),
  artifact("PUT", `${ARTIFACTS}/*`),
  artifact("DELETE", `${ARTIFACTS}/*`),
  ...["create", "complete", "abort"].map((step) => around("POST", `/api/2.0/mlflow-artifacts/mpu/${step}/*`)),
  around("GET", "/api/2.0/mlflow-artifacts/presigned/*"),
  around("POST", `${V2}/artifacts/presigned-upload-url`),
  around("POST", `${V2}/artifacts/presigned-download-url`),
  { method: "POST", path: "/v1/traces", class: "spooled" },
  { method: "POST", path: "/api/3.0/mlflow/traces", class: "spooled" },
  offline("POST", `${V2}/runs/create`),
  offline("POST", `${V2}/experiments/create`),
  offline("GET", `${V2}/experiments/get`),
  offline("GET", `${V2}/experiments/get-by-name`),
  offline("GET", `${V2}/experiments/search`),
  offline("POST", `${V2}/experiments/search`),
  offline("GET", "/api/3.0/mlflow/server-info"),
  offline("GET", "/health"),
  offline("GET", "/version"),
  refused(ANY, "/api/3.0/jobs/*"),
  refused(ANY, "/api/3.0/mlflow/jobs/*"),
  refused(ANY, "/api/3.0/mlflow/assistant/*"),
  refused(ANY, "/api/3.0/mlflow/demo/*"),
  refused("POST", "/api/3.0/mlflow/genai/evaluate/invoke"),
  refused("POST", "/api/3.0/mlflow/issues/invoke"),
  refused("POST", "/api/3.0/mlflow/scorer/invoke"),
];

/** A route, with what stands for its named segments. */
export interface Match {
  readonly route: Route;
  readonly values: Readonly<Record<string, string>>;
}

const PASSED: Route = { method: ANY, path: "*", class: "passed" };
/** Those without a placeholder, by method and path. */
const PLAIN = new Map<string, Match>();
for (const route of ROUTES)
  if (!/:|\*/.test(route.path)) PLAIN.set(`${route.method} ${route.path}`, { route, values: {} });
const BY_METHOD = new Map<string, Route[]>();
for (const route of ROUTES) BY_METHOD.set(route.method, [...(BY_METHOD.get(route.method) ?? []), route]);

/** The route of a request; `path` is below the gateway's prefix and has no query. */
export function matchRoute(method: string, path: string): Match {
  return plainRoute(method, path) ?? findRoute(method, path);
}

/** The same for a path that is a route's own, letter by letter. */
export function plainRoute(method: string, path: string): Match | undefined {
  return PLAIN.get(`${method} ${path}`);
}

function findRoute(method: string, path: string): Match {
  const wanted = path.replace(/^\/ajax-api\//, "/api/").split("/");
  for (const route of [...(BY_METHOD.get(method) ?? []), ...(BY_METHOD.get(ANY) ?? [])]) {
    const values = valuesOf(route.path.split("/"), wanted);
    if (values) return { route, values };
  }
  return { route: PASSED, values: {} };
}

/** As it is where it is no escaped text: then nothing has that name. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function valuesOf(pattern: readonly string[], path: readonly string[]): Record<string, string> | undefined {
  const values: Record<string, string> = {};
  for (const [index, part] of pattern.entries()) {
    const found = path[index];
    if (part === "*") return found === undefined ? undefined : values;
    if (found === undefined) return undefined;
    if (part.startsWith(":") && found !== "") values[part.slice(1)] = decoded(found);
    else if (part !== found) return undefined;
  }
  return pattern.length === path.length ? values : undefined;
}

/** The page of routes holds every route of the installed MLflow with its class; the classes of the gateway name no other. */
import { execFile } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { promisify } from "node:util";
import ava from "ava";
import { matchLocal } from "../../src/gateway/local/local-routes.js";
import { matchArtifactView } from "../../src/gateway/local-artifact-views.js";
import { needsMlflow } from "../../src/gateway/mlflow-paths.js";
import { plainMatch } from "../../src/gateway/plain-path.js";
import { matchRoute, ROUTES, type RouteClass } from "../../src/gateway/routes.js";
import { MLFLOW_3, PYTHON_ENVIRONMENT_MS_MAX, pythonEnvironment } from "../support/python-environment.js";
import { testWith } from "../support/test-with.js";

const PAGE = "docs/gateway-routes.md";

/** What a reader is told of a class. */
const MEANING: Readonly<Record<RouteClass, string>> = {
  buffered: "journaled, in its run's order, before the answer",
  overlaid:
    "the tracker's answer, with what the run's lane still holds laid over it; without the tracker the daemon's",
  "behind-flush":
    "answered by the tracker once the lanes that it concerns are flushed; 503 where that takes over 20 s",
  "known-offline": "answered by the tracker; without it by the daemon, with what it knows",
  artifact: "streamed to the tracker and into a spool, which keeps it where the tracker can't have it",
  spooled: "streamed to the tracker; without it kept in the spool, and sent in its order",
  around:
    "refused as by a server whose store has none of it: the client uploads and downloads by way of the server",
  refused: "refused: it runs work on the server's host",
  passed: "streamed to the tracker and back",
};

type RoutePair = readonly [method: string, path: string];

async function installedRoutes(): Promise<RoutePair[]> {
  const python = await pythonEnvironment(MLFLOW_3);
  const options = { maxBuffer: 1 << 24 };
  const { stdout } = await promisify(execFile)(python, ["test/gateway/list_routes.py"], options);
  return JSON.parse(stdout.slice(stdout.indexOf("[["))) as RoutePair[];
}

/** A path that somebody may ask for. */
function sampleOf(path: string): string {
  return path.replace(/<(?:(\w+):)?[\w.]+(?::(\w+))?>/g, (_, before, after) =>
    [before, after].includes("path") ? "a/b" : "a",
  );
}

function pageOf(routes: readonly RoutePair[]): string {
  const lines = routes.map(
    ([method, path]) => `| ${method} | \`${path}\` | ${matchRoute(method, sampleOf(path)).route.class} |`,
  );
  const meanings = Object.entries(MEANING).map(([name, meaning]) => `- **${name}**: ${meaning}.`);
  return `# Routes of the gateway

All that MLflow 3.17.2's server has, Flask's and FastAPI's, and what the gateway does with each. A path that is not here is
streamed to the tracker and back. A test makes this page from the installed MLflow and compares.

${meanings.join("\n")}

| method | path | class |
| --- | --- | --- |
${lines.join("\n")}
`;
}

testWith(MLFLOW_3)(
  "the page of routes holds every route of the installed MLflow, with its class",
  async (t) => {
    t.timeout(PYTHON_ENVIRONMENT_MS_MAX);
    const routes = await installedRoutes();
    t.true(routes.length > 450, `${routes.length} routes`);
    const page = pageOf(routes);
    if (process.env["STEPWELL_WRITE_PAGES"] === "1") writeFileSync(PAGE, page);
    t.true(existsSync(PAGE));
    t.is(readFileSync(PAGE, "utf8"), page);
    // Without an MLflow a local tracker says of each what it needs.
    const kept = ["passed", "behind-flush"];
    const unknown = routes.filter(([method, path]) => {
      const sample = sampleOf(path);
      // A slash is missing there, and no client knows of it.
      if (path.includes("/2.0mlflow/")) return false;
      if (!kept.includes(matchRoute(method, sample).route.class) || needsMlflow(sample)) return false;
      return !matchLocal(method, sample) && !matchArtifactView(method, sample);
    });
    t.deepEqual(unknown, []);
    t.false(needsMlflow("/api/5.0/mlflow/nothing"));
    // What has a class of its own is there: a typing error would pass everything on.
    const met = new Set(routes.map(([method, path]) => matchRoute(method, sampleOf(path)).route));
    t.deepEqual(
      ROUTES.filter((route) => !met.has(route)).map(({ method, path }) => `${method} ${path}`),
      [],
    );
  },
);

ava("a path is met by its own route, whichever prefix it has, and none by another's", (t) => {
  const classOf = (method: string, path: string) => matchRoute(method, path).route.class;
  t.is(classOf("POST", "/api/2.0/mlflow/runs/log-metric"), "buffered");
  t.is(classOf("POST", "/ajax-api/2.0/mlflow/runs/log-metric"), "buffered");
  t.is(classOf("GET", "/api/2.0/mlflow/runs/log-metric"), "passed");
  t.is(classOf("POST", "/api/2.0/mlflow/runs/log-metrics"), "passed");
  t.is(classOf("POST", "/api/2.0/mlflow/runs"), "passed");
  t.is(classOf("PUT", "/api/2.0/mlflow-artifacts/artifacts/1/r/artifacts/a"), "artifact");
  t.is(classOf("GET", "/api/2.0/mlflow-artifacts/artifacts"), "artifact");
  t.is(classOf("GET", "/x/../api/2.0/mlflow/runs/get"), "passed");
  t.deepEqual(matchRoute("GET", "/api/2.0/mlflow/logged-models/m-1").values, { model: "m-1" });
  t.deepEqual(matchRoute("GET", "/api/2.0/mlflow/logged-models/%zz").values, { model: "%zz" });
});

ava("a path that only looks like another route's is refused, however it is written", (t) => {
  const REFUSED = [
    "/api/3.0/%6aobs/x",
    "/api//3.0/jobs/x",
    "/x/../api/3.0/jobs/x",
    "/x/%2e%2e/api/3.0/jobs/x",
  ];
  const LOGGED = [
    "/api/2.0/mlflow/runs/log%2Dmetric",
    "/api/2.0/mlflow/./runs/log-metric",
    "//api/2.0/mlflow/runs/log-metric",
  ];
  for (const path of [...REFUSED, ...LOGGED, "/api/2.0/mlflow/logged-models/..%2fruns/create"])
    t.throws(() => plainMatch("POST", path), { message: /has to be written/ }, path);
  const classOf = (method: string, path: string) => plainMatch(method, path).route.class;
  t.is(classOf("DELETE", "/api/2.0/mlflow/logged-models/m-1/tags/%C3%A9%20b"), "buffered");
  t.is(classOf("PUT", "/api/2.0/mlflow-artifacts/artifacts/1/r/artifacts/a%2Fb%20c"), "artifact");
  t.is(classOf("GET", "/static-files/a%20b//c%2Fd"), "passed");
  t.is(classOf("GET", "/%zz"), "passed");
});

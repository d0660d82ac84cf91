/**
 * A local store and a real `mlflow server`, each on its own copy of one file, answer the same requests: random ones, over
 * all routes. `STEPWELL_DIFFERENTIAL_REQUESTS` makes it longer, `STEPWELL_DIFFERENTIAL_SEED` makes it another one.
 */
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import fc from "fast-check";
import { LocalArtifacts } from "../../../src/gateway/artifacts/local-artifacts.js";
import { LOCAL_VERSION, SERVER_INFO } from "../../../src/gateway/local/answered-facts.js";
import { findKnown, type Known } from "../../../src/gateway/local/known-tables.js";
import { LocalStore } from "../../../src/gateway/local/local-store.js";
import type { Page } from "../../../src/gateway/local/page-token.js";
import { LocalApi } from "../../../src/gateway/local-api.js";
import { type JsonObject, readBody } from "../../../src/gateway/requests/body.js";
import { RequestFault } from "../../../src/gateway/requests/request-fault.js";
import { systemClock } from "../../../src/home/clock.js";
import { serverForAll } from "../../support/mlflow-server.js";
import { MLFLOW_3 } from "../../support/python-environment.js";
import { serialTestWith } from "../../support/test-with.js";
import {
  ARTIFACT_REQUESTS,
  askFolder,
  askServer,
  FILE_REQUESTS,
  VIEW_REQUESTS,
  viewAtServer,
  viewLocally,
} from "./artifact-requests.js";
import { addRun, ask, RUN_ID } from "./old-file.js";
import { request } from "./programs.js";
import { type Seeded, seed } from "./seed.js";
import { type Answered, type Asked, canonical, isRefusedAlone, isSame, TwoSides } from "./two-sides.js";

const REQUESTS = Number(process.env["STEPWELL_DIFFERENTIAL_REQUESTS"] ?? 300);
const SEED = Number(process.env["STEPWELL_DIFFERENTIAL_SEED"] ?? 5);
const SHOWN_MAX = 5;

const folder = mkdtempSync(join(tmpdir(), "stepwell-test-"));
/** The server's file is one that Stepwell made and upgraded: MLflow opens it, and brings it to its own revision. */
const server = serverForAll(test, async () => {
  await makeFile(join(folder, "server.db"));
  return { store: `sqlite:///${folder}/server.db` };
});
const stores: LocalStore[] = [];
const withServer = serialTestWith(MLFLOW_3);

/** Both sides, at the same state of the same file; a later call goes on where the file is. */
function open(): TwoSides {
  const databasePath = join(folder, `local-${stores.length}.db`);
  copyFileSync(join(folder, "server.db"), databasePath);
  const store = new LocalStore({ databasePath, artifactRoot: "mlflow-artifacts:/" });
  stores.push(store);
  return new TwoSides(server().url, store);
}

async function makeFile(databasePath: string): Promise<void> {
  const store = new LocalStore({ databasePath, artifactRoot: "mlflow-artifacts:/" });
  const taken = async (method: string, path: string, body: Record<string, unknown>) => {
    const { status, json } = await ask(store, method, path, body);
    if (status !== 200) throw new Error(`${path}: ${JSON.stringify(json)}`);
    return json;
  };
  await taken("POST", "experiments/create", { name: "first", tags: [{ key: "a", value: "b" }] });
  addRun(databasePath);
  const dataset = { name: "d", digest: "1", source_type: "local", source: "s" };
  const tags = [{ key: "mlflow.data.context", value: "train" }];
  await taken("POST", "runs/log-inputs", { run_id: RUN_ID, datasets: [{ dataset, tags }] });
  await taken("POST", "logged-models", {
    experiment_id: "1",
    name: "net",
    params: tags,
    tags,
    source_run_id: RUN_ID,
  });
  await store.close();
}

let seeded: Seeded;

test.after.always(async () => {
  for (const store of stores) await store.close();
  rmSync(folder, { recursive: true, force: true });
});

withServer("a file that Stepwell made and upgraded is MLflow's own", async (t) => {
  const sides = open();
  for (const asked of [
    { method: "GET", path: "/api/2.0/mlflow/runs/get", query: [["run_id", RUN_ID]] },
    { method: "POST", path: "/api/2.0/mlflow/logged-models/search", body: { experiment_ids: ["1"] } },
    {
      method: "POST",
      path: "/api/2.0/mlflow/experiments/search",
      body: { max_results: 9, view_type: "ALL" },
    },
  ] satisfies Asked[]) {
    const [theirs, ours] = await sides.ask(asked);
    t.is(theirs.status, 200);
    t.true(theirs.body.length > 100, theirs.body);
    t.true(isSame(theirs, ours), differenceOf(asked, theirs, ours));
  }
});

withServer("pages are the server's, and each side takes the other's tokens", async (t) => {
  t.timeout(600_000);
  seeded = await seed(server().url);
  const sides = open();
  const { experiments, runs } = seeded;
  const all = { experiment_ids: experiments, max_results: 2 };
  const post = (path: string, body: object): Asked => ({
    method: "POST",
    path: `/api/2.0/mlflow/${path}`,
    body,
  });
  const walks: ((token: string) => Asked)[] = [
    (page_token) =>
      post("runs/search", {
        ...all,
        run_view_type: "ALL",
        order_by: ["metrics.loss", "tags.color DESC"],
        page_token,
      }),
    (page_token) => post("experiments/search", { max_results: 2, view_type: "ALL", page_token }),
    (page_token) =>
      post("logged-models/search", {
        ...all,
        order_by: [{ field_name: "metrics.loss", ascending: false }],
        page_token,
      }),
    (page_token) => ({
      method: "GET",
      path: "/api/2.0/mlflow/metrics/get-history",
      query: [
        ["run_id", runs[8] ?? ""],
        ["metric_key", "loss"],
        ["max_results", "2"],
        ["page_token", page_token],
      ],
    }),
  ];
  for (const walk of walks) {
    let pages = 0;
    for (let token = ""; token !== "" || pages === 0; pages++) {
      const [theirs, ours] = await sides.ask(walk(token));
      t.true(isSame(theirs, ours), differenceOf(walk(token), theirs, ours));
      const next = /"next_page_token": ("(?:\\.|[^"\\])*")/.exec(
        pages % 2 === 0 ? ours.body : theirs.body,
      )?.[1];
      token = next === undefined ? "" : Buffer.from(JSON.parse(next) as string).toString("base64");
    }
    t.true(pages > 2, `${JSON.stringify(walk(""))}: ${pages} pages`);
  }
});

withServer("what is known of a tracker that is away is searched as a local tracker's file is", async (t) => {
  open();
  const store = stores.at(-1) as LocalStore;
  const all = {
    experiment_ids: seeded.experiments,
    run_view_type: "ALL",
    view_type: "ALL",
    max_results: 1000,
  };
  const of = async (what: string) =>
    (await ask(store, "POST", `${what}/search`, all)).json[what] as JsonObject[];
  const [runs, experiments] = [await of("runs"), await of("experiments")];
  const known = {
    runs: runs.map((view) => {
      const { run_id: runId = "", experiment_id: experimentId = "" } = view["info"] as Record<string, string>;
      return { runId, experimentId, view };
    }),
    experiments,
  };
  const sample = fc.sample(request(seeded), { numRuns: REQUESTS, seed: SEED });
  let [found, refused] = [0, 0];
  for (const { method, path, query, body } of sample) {
    const [, what] = /\/(runs|experiments)\/search$/.exec(path) ?? [];
    if (what !== "runs" && what !== "experiments") continue;
    const asked = {
      method,
      path,
      query: new URLSearchParams(query),
      body: readBody(JSON.stringify(body ?? {})),
    };
    const [theirs, ours] = [
      await pageOf(what, async () => {
        const answer = await store.answer(asked);
        return typeof answer === "string" ? answer : JSON.parse(answer.body);
      }),
      await pageOf(what, async () => findKnown({ kind: what, ...known } as Known, asked)),
    ];
    t.deepEqual(ours, theirs, JSON.stringify({ what, query, body }));
    if (typeof ours === "string") refused++;
    else if (ours.ids.length > 0) found++;
  }
  t.true(
    found > REQUESTS / 40 && refused > REQUESTS / 40,
    `${found} found something, ${refused} were refused`,
  );
});

withServer("artifacts of a run and of a model are answered as the server answers them", async (t) => {
  const { url } = server();
  open();
  const store = stores.at(-1) as LocalStore;
  const artifacts = new LocalArtifacts(join(folder, "views"), systemClock);
  const rest = {
    pass: async () => Promise.reject(new Error("MLflow's own server is asked")),
    close: async () => {},
  };
  const api = new LocalApi({
    store,
    artifacts,
    rest,
    artifactRoot: "mlflow-artifacts:/",
    isAway: () => false,
  });
  const [run = "", model = ""] = [seeded.runs[0], seeded.models[0]];
  const info = async (path: string) => await (await fetch(`${url}/api/2.0/mlflow/${path}`)).text();
  const places = [await info(`runs/get?run_id=${run}`), await info(`logged-models/${model}`)].map(
    (shown) => /"artifact_uri": "mlflow-artifacts:\/+([^"]+)"/.exec(shown)?.[1] ?? "",
  );
  for (const place of places)
    for (const name of ["a.txt", "d/x.txt", "d/e%20f/y"]) {
      const put = ["PUT", `/${place}/${name}`, name] as const;
      t.is((await askServer(url, put)).status, 200, put[1]);
      t.is((await askFolder(artifacts, put)).status, 200);
    }
  for (const request of [...VIEW_REQUESTS, ...FILE_REQUESTS]) {
    const path = request.replace("RUN", run).replace("MODEL", model);
    t.deepEqual(await viewLocally(api, path), await viewAtServer(url, path), request);
  }
});

withServer("random requests are answered as the server answers them", async (t) => {
  t.timeout(3_600_000);
  t.log(`seed ${SEED}, ${REQUESTS} requests`);
  let sides = open();
  const differences: string[] = [];
  let taken = 0;
  for (const asked of fc.sample(request(seeded), { numRuns: REQUESTS, seed: SEED })) {
    const [theirs, ours] = await sides.ask(asked);
    if (theirs.status === 200) taken++;
    if (isSame(theirs, ours)) continue;
    if (isRefusedAlone(theirs, ours)) {
      // The server took something of it: from here on both have its file again.
      if (theirs.status === 200) sides = open();
      continue;
    }
    differences.push(differenceOf(asked, theirs, ours));
    if (differences.length === SHOWN_MAX) break;
  }
  t.deepEqual(differences, [], `seed ${SEED}`);
  // A test of requests that are all refused would be one of nothing.
  t.true(taken > REQUESTS / 5 && taken < REQUESTS, `${taken} of ${REQUESTS} were taken`);
});

withServer(
  "artifacts are answered as the server answers them, and so is what a program asks of the server itself",
  async (t) => {
    const artifacts = new LocalArtifacts(join(folder, "mlflow_artifacts"), systemClock);
    for (const asked of ARTIFACT_REQUESTS) {
      const [theirs, ours] = [await askServer(server().url, asked), await askFolder(artifacts, asked)];
      t.deepEqual(ours, theirs, asked.join(" "));
    }
    const said = async (path: string) => await (await fetch(`${server().url}${path}`)).text();
    t.is(LOCAL_VERSION, await said("/version"));
    const info = JSON.parse(await said("/api/3.0/mlflow/server-info")) as object;
    t.deepEqual(Object.keys(SERVER_INFO).sort(), Object.keys(info).sort());
  },
);

/** A page's ids and its token, or why there is none, of a server's answer or of what was found in memory. */
async function pageOf(what: "runs" | "experiments", ask: () => Promise<JsonObject | Page<string>>) {
  try {
    const said = (await ask()) as JsonObject;
    const listed = (said[what] ?? []) as { readonly info?: JsonObject; readonly experiment_id?: string }[];
    const ids = said["ids"] ?? listed.map(({ info, experiment_id }) => info?.["run_id"] ?? experiment_id);
    return { ids: ids as string[], token: said["nextPageToken"] ?? said["next_page_token"] };
  } catch (error) {
    if (error instanceof RequestFault) return error.toJson();
    throw error;
  }
}

function differenceOf(asked: Asked, theirs: Answered, ours: Answered): string {
  const [one, other] = [shown(theirs), shown(ours)];
  let at = 0;
  while (at < one.length && one[at] === other[at]) at++;
  const around = (text: string) => text.slice(Math.max(0, at - 300), at + 300);
  return [JSON.stringify(asked).slice(0, 2_000), `server ${around(one)}`, `local ${around(other)}`].join(
    "\n",
  );
}

function shown({ status, body }: Answered): string {
  return `${status} ${body.startsWith("{") ? canonical(body) : body}`;
}

/** The gateway: MLflow's own API over what the daemon has, for programs that know nothing of it. */
import { join } from "node:path";
import { Readable } from "node:stream";
import type { RunDataSource } from "../api/runs-service.js";
import { StepwellError } from "../errors/stepwell-error.js";
import { ArtifactPaths } from "../gateway/artifacts/artifact-paths.js";
import { ArtifactSpool } from "../gateway/artifacts/artifact-spool.js";
import { Artifacts, type ArtifactsOptions } from "../gateway/artifacts/artifacts.js";
import { Uploaded } from "../gateway/artifacts/uploaded.js";
import { Uploader } from "../gateway/artifacts/uploader.js";
import { type GatewayAnswer, type GatewayCall, jsonAnswer } from "../gateway/call.js";
import { DatabricksArtifacts } from "../gateway/databricks-artifacts.js";
import { SeenExperiments } from "../gateway/experiments.js";
import { Gateway } from "../gateway/gateway.js";
import { GatewayRuns } from "../gateway/gateway-runs.js";
import { GatewayServer } from "../gateway/gateway-server.js";
import { IdsThere } from "../gateway/ids-there.js";
import { KnownAnswers } from "../gateway/known-answers.js";
import { KnownRuns } from "../gateway/known-runs.js";
import { KnownSearch } from "../gateway/local/known-search.js";
import { Passes } from "../gateway/passes.js";
import { readText } from "../gateway/read-text.js";
import { REDACT_HEADER, redactedCall } from "../gateway/redacted-body.js";
import { RunData } from "../gateway/run-data.js";
import type { Drain } from "../gateway/run-flush.js";
import { RunHistory } from "../gateway/run-history.js";
import { RunSearch } from "../gateway/run-search.js";
import { RunViews } from "../gateway/run-views.js";
import { SeenModels } from "../gateway/seen-models.js";
import { TraceCalls } from "../gateway/trace-calls.js";
import type { TrackerApi } from "../gateway/tracker-api.js";
import { Upstream } from "../gateway/upstream.js";
import type { Place } from "../gateway/workspace.js";
import type { HomePaths } from "../home/endpoint.js";
import type { Clock } from "../model/clock.js";
import { GATEWAY_BODY_BYTES_MAX } from "../model/limits.js";
import type { Log } from "../model/log.js";
import { servedArtifactsPath } from "../model/served-artifacts.js";
import type { Backend, Target } from "../model/target.js";
import { Page } from "../page/page.js";
import type { PageMethods } from "../page/page-methods.js";
import { PagePass } from "../page/page-pass.js";
import { resolveTargets } from "../stacks/targets.js";
import { TABLES } from "../store/tables.js";
import type { FlushPath } from "./flush-path.js";
import { type LocalApiOptions, openLocalApi } from "./local-tracker.js";
import type { Stores } from "./stores.js";
import type { WritePath } from "./write-path.js";

export interface GatewayPath extends RunDataSource {
  readonly gateway: Gateway;
  readonly gatewayServer: GatewayServer;
  readonly spool: ArtifactSpool;
  readonly uploader: Uploader;
  /** Listens where the daemon before did, so that programs find it again. */
  readonly listenAtGateway: () => Promise<void>;
  /** An address for a tracker; of a step run and its run there, or of none. */
  readonly openGateway: (
    tracker: string,
    stepRunId?: string,
    runId?: string,
  ) => Promise<{ readonly trackingUri: string; readonly tracker: string }>;
  /** Makes an artifact of a run, without the secrets that the daemon keeps. Rejects where that is in vain. */
  readonly putArtifact: (artifact: OwnArtifact) => Promise<void>;
  /** The address of the daemon's own page; empty until the gateway listens. */
  readonly pageUrl: () => Promise<string>;
  /** A step run ended: its addresses end soon, or with the step run that takes them over. */
  readonly closeGateway: (stepRunId: string, heir: string | undefined) => Promise<void>;
}

/** An artifact that the daemon itself makes. */
export interface OwnArtifact {
  readonly runId: string;
  readonly tracker: string;
  readonly name: string;
  readonly bytes: Buffer;
}

const PORT = "port";

/** What it is made with. */
export interface GatewayPathOptions extends LocalApiOptions {
  readonly paths: HomePaths;
  readonly artifactSpoolBytes: number;
  readonly clock: Clock;
  readonly log: Log;
  /** What the page may ask. */
  readonly methods: () => PageMethods;
}

export async function makeGatewayPath(
  options: GatewayPathOptions,
  parts: Stores & WritePath & FlushPath,
): Promise<GatewayPath> {
  const { paths, artifactSpoolBytes, clock, log } = options;
  const { store, stacks, folders, journal, runs, backendRuns, backendModels, door, dispatcher } = parts;
  const passes = await Passes.open(store, clock);
  const experiments = new SeenExperiments(store);
  const views = new RunViews(journal, runs, backendModels);
  const drain: Drain = (timeoutMs, some) => dispatcher.drain(timeoutMs, some);
  // Whoever has a local store locked lets go of it in a moment, as a search does.
  const isTroubled = (runId: string) =>
    [...dispatcher.lanes(runId)].some(
      ({ state, errorCode }) =>
        state === "held" || (state === "retrying" && errorCode !== "STEPWELL_DATABASE_LOCKED"),
    );
  const gatewayRuns = new GatewayRuns({
    ...{ door, runs, backendRuns, experiments, views, clock, drain, isTroubled },
  });
  const openApi = (backend: Backend): TrackerApi => {
    const server = parts.serverOf(backend);
    if (!server) return openLocalApi(options, parts.marks, backend);
    const upstream = new Upstream(server, clock);
    return server.servesArtifacts ? upstream : new DatabricksArtifacts(upstream);
  };
  const ids = new IdsThere({ runs: gatewayRuns, experiments, backendModels });
  const spool = await ArtifactSpool.open(join(paths.home, "spool"), artifactSpoolBytes, log);
  const artifactPaths = new ArtifactPaths({
    ...{ runs: gatewayRuns, backendRuns, backendModels, ids, experiments },
  });
  const pathAt: ArtifactsOptions["pathAt"] = (place, api, path) => artifactPaths.at(place, api, path);
  const othersOf: ArtifactsOptions["othersOf"] = (place, api, some) => ids.others(place, api, some);
  const artifacts = new Artifacts({
    ...{ spool, pathAt, othersOf, clock, uploaded: new Uploaded(clock.nowMs()) },
    placeOf: (place, path) => artifactPaths.placeOf(place, path),
    onSpooled: ({ trackerId }) => uploader.wake(trackerId),
  });
  const traces = new TraceCalls({
    ...{ spool, runs: gatewayRuns, experiments, ids },
    onSpooled: ({ trackerId }) => uploader.wake(trackerId),
  });
  const search = new KnownSearch();
  const gateway = new Gateway({
    ...{ runs: gatewayRuns, experiments, backendModels, ids, artifacts, traces, clock, openApi },
    answers: new KnownAnswers(store),
    models: await SeenModels.open(store, backendModels),
    history: new RunHistory({ journal, runs, backendRuns, backendModels }),
    known: new KnownRuns({
      ...{ gatewayRuns, runs, backendRuns, experiments, views, log, search },
    }),
  });
  const uploader = new Uploader({
    ...{ spool, log, pathAt, othersOf },
    requestOf: (place, api, spooled) => traces.request(place, api, spooled),
    onTaken: (place, spooled) => artifacts.tookSpooled(place, spooled),
    targetOf: (trackerId) => targetOfTracker(parts, trackerId),
    apiOf: (place) => gateway.apiOf(place),
  });
  const callerOf = (pass: string) => {
    const found = passes.find(pass);
    const target = found && targetOfTracker(parts, found.trackerId);
    return target && { target, programRunId: found.runId };
  };
  const answer = async (call: GatewayCall) => {
    if (call.headers[REDACT_HEADER] === undefined) return await gateway.answer(call);
    // Without knowing what to take out nothing is kept.
    const secrets = await allSecrets(parts.secrets).catch(() => undefined);
    if (!secrets)
      return jsonAnswer({ message: "Secrets can't be read, so it can't be kept without them." }, 503);
    return await gateway.answer(redactedCall(call, secrets));
  };
  const pagePass = await PagePass.open(store);
  const page = new Page(options.methods);
  const gatewayServer = new GatewayServer({
    callerOf,
    answer,
    pageOf: (pass) => (pagePass.is(pass) ? (call) => page.answer(call) : undefined),
    log,
  });
  const apiOf = (place: Place) => gateway.apiOf(place);
  const data = new RunData({ journal, runs, backendRuns, views, apiOf });
  const finder = new RunSearch({ data, runs, views, apiOf, search });
  return {
    runData: (run, wanted) => data.of(run, wanted),
    searchRuns: (some, filter, orderBy) => finder.find(some, filter, orderBy),
    gateway,
    gatewayServer,
    spool,
    uploader,
    listenAtGateway: async () => {
      uploader.start();
      const before = (await store.get<number>(TABLES.gateway, PORT)) ?? 0;
      const port = await gatewayServer.listen(before);
      if (port !== before)
        await store.write([{ table: TABLES.gateway, key: PORT, value: port }], { sync: true });
    },
    pageUrl: async () => (gatewayServer.url === "" ? "" : `${gatewayServer.url}/${await pagePass.give()}/`),
    putArtifact: async (artifact) => {
      const [target] = resolveTargets(stacks, folders, [artifact.tracker]);
      if (target) await putOwnArtifact(answer, target, artifact);
    },
    closeGateway: (stepRunId, heir) => passes.end(stepRunId, heir),
    openGateway: async (tracker, stepRunId = "", runId = "") => {
      const [target] = resolveTargets(stacks, folders, tracker === "" ? [] : [tracker]);
      if (!target)
        throw new StepwellError("STEPWELL_TRACKER_UNKNOWN", "The active stack has no experiment tracker.");
      const pass = await passes.issue(target.trackerId, stepRunId, runId);
      void gateway.learn(target);
      return { trackingUri: `${gatewayServer.url}/${pass}`, tracker: target.tracker };
    },
  };
}

/** As a program would by way of the gateway. */
async function putOwnArtifact(
  answer: (call: GatewayCall) => Promise<GatewayAnswer>,
  target: Target,
  { runId, name, bytes }: OwnArtifact,
): Promise<void> {
  const ask = async (call: Pick<GatewayCall, "method" | "path" | "search" | "headers" | "body">) => {
    const { signal } = new AbortController();
    const answered = await answer({ ...call, target, programRunId: "", signal });
    const said =
      answered.kind === "text" ? answered.body : await readText(answered.body, GATEWAY_BODY_BYTES_MAX);
    if (answered.status < 300) return said;
    throw new StepwellError("STEPWELL_ARTIFACT_REFUSED", `The answer was ${answered.status}.`);
  };
  const search = `?run_id=${runId}`;
  const of = { headers: {}, body: Readable.from([]) };
  const said = await ask({ ...of, method: "GET", path: "/api/2.0/mlflow/runs/get", search });
  const { run } = JSON.parse(said) as { run?: { info?: { artifact_uri?: string } } };
  const place = servedArtifactsPath(run?.info?.artifact_uri ?? "");
  // Where its server writes for nobody the command had kept nothing, either.
  if (place === undefined) return;
  const headers = { "content-length": `${bytes.length}`, "content-type": "application/octet-stream" };
  await ask({
    ...{ method: "PUT", path: `${place}/${encodeURIComponent(name)}`, search: "" },
    ...{ headers: { ...headers, [REDACT_HEADER]: "1" }, body: Readable.from([bytes]) },
  });
}

/** The values that give access. A name of a user is no secret in a text: it may be any word. */
async function allSecrets(secrets: Stores["secrets"]): Promise<string[]> {
  const values = await Promise.all(secrets.list().map((secret) => secrets.values(secret)));
  return values.flatMap((each) =>
    Object.entries(each).flatMap(([key, value]) => (/username$|client_id$/.test(key) ? [] : [value])),
  );
}

/** Its target as it is now; undefined where the tracker is gone. */
function targetOfTracker({ stacks, folders }: Stores, trackerId: string): Target | undefined {
  try {
    return resolveTargets(stacks, folders, [trackerId])[0];
  } catch {
    return undefined;
  }
}

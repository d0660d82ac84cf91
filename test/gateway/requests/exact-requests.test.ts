/** What clients of any language send, byte by byte, is answered as a real server answers it, and leaves the same store. */
import { isDeepStrictEqual } from "node:util";
import ava, { type ExecutionContext } from "ava";
import { gatewayAddressIn } from "../../support/gateway-address.js";
import { scratchHome } from "../../support/home.js";
import { serverForAll } from "../../support/mlflow-server.js";
import { MLFLOW_3, PYTHON_ENVIRONMENT_MS_MAX } from "../../support/python-environment.js";
import { testWith } from "../../support/test-with.js";
import { EXACT_REQUESTS, type ExactRequest } from "./table.js";

const server = serverForAll(ava);
const API = "/api/2.0/mlflow";

interface Answered {
  readonly status: number;
  readonly body: string;
}

/** Where a request goes: through the gateway, to the server, and to the server where that drops what it gets. */
interface Runs {
  readonly own: string;
  readonly direct: string;
  readonly dropped: string;
}

async function ask(
  url: string,
  path: string,
  body?: string,
  contentType = "application/json",
): Promise<Answered> {
  const sent = body === undefined ? {} : { method: "POST", body, headers: { "content-type": contentType } };
  const answer = await fetch(`${url}${API}/${path}`, sent);
  return { status: answer.status, body: await answer.text() };
}

async function runAt(url: string, name: string): Promise<string> {
  const { body } = await ask(
    url,
    "runs/create",
    JSON.stringify({ experiment_id: "0", run_name: name, start_time: 1 }),
  );
  return (JSON.parse(body) as { run: { info: { run_id: string } } }).run.info.run_id;
}

/** What a program sees of an answer, but for the run's id. */
function seenOf({ status, body }: Answered, runId: string): unknown {
  const text = body.replaceAll(runId, "RUN");
  try {
    return [status, JSON.parse(text)];
  } catch {
    return [status, text];
  }
}

interface Shown {
  readonly info: Readonly<Record<string, unknown>>;
  readonly data: Record<string, { key: string }[]>;
}

/** All that a store has of a run, as its server tells it. */
async function storeOf(runId: string): Promise<unknown> {
  const { body } = await ask(server().url, `runs/get?run_id=${runId}`);
  const { info, data } = (JSON.parse(body) as { run: Shown }).run;
  const history: Record<string, unknown> = {};
  for (const { key } of data["metrics"] ?? []) {
    const query = new URLSearchParams({ run_id: runId, metric_key: key });
    const points = JSON.parse((await ask(server().url, `metrics/get-history?${query}`)).body) as {
      metrics: unknown[];
    };
    history[key] = points.metrics.map((each) => JSON.stringify(each)).sort();
  }
  const listed = (name: string) =>
    (data[name] ?? [])
      .map((each) => JSON.stringify(each))
      .filter((each) => !each.includes("stepwell."))
      .sort();
  const { status, end_time: end, run_name: name } = info;
  return {
    status,
    end,
    name,
    history,
    metrics: listed("metrics"),
    params: listed("params"),
    tags: listed("tags"),
  };
}

/** How the two answers differ; undefined where they are as they should be. */
async function difference(
  uri: string,
  { call, body, contentType, gateway }: ExactRequest,
  runs: Runs,
): Promise<unknown> {
  const askBoth = [
    [uri, runs.own],
    [server().url, gateway ? runs.dropped : runs.direct],
  ].map(([url = "", runId = ""]) => ask(url, `runs/${call}`, body.replaceAll("RUN", runId), contentType));
  const [own, direct] = (await Promise.all(askBoth)) as [Answered, Answered];
  if (gateway) {
    // Where the server says the same by now, the entry is to go.
    const isAsSaid =
      own.status === gateway.status && gateway.says.test(own.body) && direct.status !== own.status;
    return isAsSaid ? undefined : { own, direct };
  }
  const [shown, wanted] = [seenOf(own, runs.own), seenOf(direct, runs.direct)];
  return isDeepStrictEqual(shown, wanted) ? undefined : { shown, wanted };
}

/** A data set's profile as long as MLflow takes it, each second character of it escaped, and one that is longer. */
async function logProfile(t: ExecutionContext, uri: string): Promise<void> {
  const log = (url: string, runId: string, profile: string) => {
    const dataset = { name: "n", digest: String(profile.length), source_type: "local", source: "s", profile };
    return ask(url, "runs/log-inputs", JSON.stringify({ run_id: runId, datasets: [{ dataset }] }));
  };
  const own = await runAt(uri, "profile");
  const direct = await runAt(server().url, "profile");
  const longest = `${'"x'.repeat(8_388_607)}"`;
  t.deepEqual(await log(uri, own, longest), { status: 200, body: "{}" });
  const refused = await log(uri, own, `${longest}x`);
  t.is(refused.status, 400);
  t.deepEqual(seenOf(refused, own), seenOf(await log(server().url, direct, `${longest}x`), direct));
  const { body } = await ask(uri, `runs/get?run_id=${own}`);
  const { inputs } = (
    JSON.parse(body) as { run: { inputs: { dataset_inputs: { dataset: { profile: string } }[] } } }
  ).run;
  t.deepEqual(
    inputs.dataset_inputs.map(({ dataset }) => dataset.profile.length),
    [longest.length],
  );
}

testWith(MLFLOW_3)(
  "requests of Java, R and Python, and bad ones, are answered and kept as a server does",
  async (t) => {
    t.timeout(PYTHON_ENVIRONMENT_MS_MAX);
    t.true(EXACT_REQUESTS.length >= 60);
    const home = await scratchHome(t);
    const register = ["experiment-tracker", "register", "remote", "--flavor=mlflow", "--auth=none"];
    await home.json([...register, `--tracking_uri=${server().url}`]);
    await home.json(["stack", "register", "remote", "-e", "remote", "--set"]);
    const { stdout } = await home.stepwell(["env"]);
    const uri = gatewayAddressIn(stdout);
    const direct = await runAt(server().url, "same");
    // A server stores half of what it drops: that goes to a run of its own.
    const runs = { own: await runAt(uri, "same"), direct, dropped: await runAt(server().url, "dropped") };
    const differences: Record<string, unknown> = {};
    for (const request of EXACT_REQUESTS) {
      const found = await difference(uri, request, runs);
      if (found !== undefined) differences[request.name] = found;
    }
    t.deepEqual(differences, {});
    t.is((await home.stepwell(["flush", "--timeout=120"])).code, 0);
    t.deepEqual(await storeOf(runs.own), await storeOf(runs.direct));
    await logProfile(t, uri);
  },
);

/** MLflow's Java client through the gateway: what it says and leaves is what it says and leaves at the server itself. */
import ava from "ava";
import { gatewayAddressIn } from "../support/gateway-address.js";
import { scratchHome } from "../support/home.js";
import { runJava, testWithJava } from "../support/java-mlflow.js";
import { serverForAll } from "../support/mlflow-server.js";
import { PYTHON_ENVIRONMENT_MS_MAX } from "../support/python-environment.js";

const server = serverForAll(ava);

/** What the server has of a run that does not differ from one run to the next. */
async function shown(runId: string): Promise<unknown> {
  const api = `${server().url}/api/2.0/mlflow`;
  const answer = await fetch(`${api}/runs/get?run_id=${runId}`);
  const { run } = (await answer.json()) as {
    run: { info: Record<string, unknown>; data: Record<string, { key: string }[]> };
  };
  const { status, end_time } = run.info;
  const byKey = (one: { key: string }, other: { key: string }) => (one.key < other.key ? -1 : 1);
  const isOwn = ({ key }: { key: string }) => /^(stepwell\.|mlflow\.)/.test(key);
  const histories = await Promise.all(
    ["loss", "odd", "acc"].map(async (key) => {
      const history = await fetch(`${api}/metrics/get-history?run_id=${runId}&metric_key=${key}`);
      return ((await history.json()) as { metrics: { step: number }[] }).metrics.sort(
        (a, b) => a.step - b.step,
      );
    }),
  );
  return {
    ...{ status, end_time, histories },
    params: run.data["params"]?.sort(byKey),
    tags: run.data["tags"]?.filter((tag) => !isOwn(tag)).sort(byKey),
    latest: run.data["metrics"]?.sort(byKey),
  };
}

testWithJava(
  "MLflow's Java client says and leaves through the gateway what it does at the server",
  async (t) => {
    t.timeout(PYTHON_ENVIRONMENT_MS_MAX);
    const home = await scratchHome(t);
    const { url } = server();
    const register = ["experiment-tracker", "register", "remote", "--flavor=mlflow", `--tracking_uri=${url}`];
    await home.json([...register, "--auth=none"]);
    await home.json(["stack", "register", "remote", "-e", "remote", "--set"]);
    const { stdout } = await home.here(["env"]);
    const uri = gatewayAddressIn(stdout);
    const { run: through = "", ...said } = await runJava(uri, "java through");
    const { run: direct = "", ...wanted } = await runJava(url, "java direct");
    t.deepEqual(said, wanted);
    t.deepEqual(wanted, {
      ...{ metrics: "3", params: "2", history: "100", status: "FAILED", found: "1", experiment: "true" },
      ...{ refused: "400", missing: "404" },
    });
    t.is((await home.here(["flush", "--timeout=120"])).code, 0);
    // With the server up a run has the id there that the gateway answered.
    t.deepEqual(await shown(through), await shown(direct));
  },
);

import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import test, { type ExecutionContext } from "ava";
import { ARTIFACTS } from "../../src/gateway/artifacts/artifacts.js";
import { DatabricksArtifacts } from "../../src/gateway/databricks-artifacts.js";
import type { JsonObject } from "../../src/gateway/requests/body.js";
import { RequestFault } from "../../src/gateway/requests/request-fault.js";
import { ApiDown, type TrackerApi } from "../../src/gateway/tracker-api.js";
import { giveArtifacts } from "../support/scripted-artifacts.js";
import { ScriptedMlflow } from "../support/scripted-mlflow.js";

const RUN = "ab".repeat(16);
const PLACE = `${ARTIFACTS}/7/${RUN}/artifacts`;

/** The workspace's API as its bare server gives it. */
function apiOf({ url }: ScriptedMlflow): TrackerApi {
  const asked = async (method: string, path: string, body?: string): Promise<Response> =>
    await fetch(`${url}${path}`, { method, ...(body === undefined ? {} : { body }) });
  return {
    pass: async ({ method, path, search, body }) => {
      const answer = await asked(method, `${path}${search}`, body && (await text(body)));
      const said = await answer.text();
      return {
        kind: "flow",
        status: answer.status,
        headers: { "content-length": said.length },
        body: Readable.from([Buffer.from(said)]),
      };
    },
    ask: async (method, path, content) => {
      const query = method === "GET" ? `?${new URLSearchParams(content as Record<string, string>)}` : "";
      const answer = await asked(
        method,
        `${path}${query}`,
        method === "GET" ? undefined : JSON.stringify(content),
      );
      return { status: answer.status, body: (await answer.json()) as JsonObject };
    },
    close: async () => undefined,
  };
}

async function setUp(t: ExecutionContext) {
  const workspace = await ScriptedMlflow.start(t, { greets: false });
  const stored = giveArtifacts(workspace);
  const artifacts = new DatabricksArtifacts(apiOf(workspace));
  const pass = async (method: string, path: string, content?: string) =>
    await artifacts.pass({
      ...{ method, path, search: "", signal: AbortSignal.timeout(30_000) },
      headers: content === undefined ? {} : { "content-length": String(Buffer.byteLength(content)) },
      body: content === undefined ? undefined : Readable.from([content]),
    });
  return { workspace, stored, artifacts, pass };
}

for (const type of ["AWS_PRESIGNED_URL", "GCP_SIGNED_URL", "AZURE_SAS_URI", "AZURE_ADLS_GEN2_SAS_URI"]) {
  test(`${type}: an artifact goes to its signed address, comes back, and is listed`, async (t) => {
    const { workspace, stored, artifacts, pass } = await setUp(t);
    stored.type = type;
    t.like(await pass("PUT", `${PLACE}/notes/gr%C3%B6%C3%9Fe%20a.txt`, "hello"), { status: 200 });
    t.like(await pass("PUT", `${PLACE}/empty`, ""), { status: 200 });
    const file = stored.files.get(`${RUN}/notes/größe a.txt`);
    t.like(file, { body: "hello", headers: { "x-of-the-storage": "yes", "content-length": "5" } });
    t.is(file?.headers["x-ms-blob-type"], type === "AZURE_SAS_URI" ? "BlockBlob" : undefined);
    t.is(stored.files.get(`${RUN}/empty`)?.body, "");
    const back = await pass("GET", `${PLACE}/notes/gr%C3%B6%C3%9Fe%20a.txt`);
    t.is(back.kind === "flow" ? await text(back.body) : back.body, "hello");
    const listOf = async (path: string) => (await artifacts.ask("GET", ARTIFACTS, { path })).body["files"];
    const root = `7/${RUN}/artifacts`;
    const top = [
      { path: "notes", is_dir: true },
      { path: "empty", is_dir: false, file_size: 0 },
    ];
    t.deepEqual(await listOf(root), top);
    t.deepEqual(await listOf(`${root}/notes`), [{ path: "größe a.txt", is_dir: false, file_size: 5 }]);
    t.true(workspace.of("/credentials-for-write").every(({ method }) => method === "POST"));
  });
}

test("a program is told that its artifacts are the server's to keep, wherever it is told where they are", async (t) => {
  const { workspace, artifacts, pass } = await setUp(t);
  workspace.rule(({ path }) => {
    if (!path.includes("runs/") && !path.includes("logged-models") && !path.includes("/traces"))
      return undefined;
    return {
      status: 200,
      body: '{"at":"dbfs:/databricks/mlflow-tracking/7/x/artifacts","other":"dbfs:/Volumes/a"}',
    };
  });
  const here = { at: "mlflow-artifacts:/7/x/artifacts", other: "dbfs:/Volumes/a" };
  t.deepEqual((await artifacts.ask("GET", "/api/2.0/mlflow/runs/get", { run_id: RUN })).body, here);
  for (const path of ["/api/2.0/mlflow/runs/search", "/ajax-api/2.0/mlflow/logged-models"]) {
    const said = await pass("POST", path, "{}");
    t.deepEqual(said.kind === "flow" && JSON.parse(await text(said.body)), here, path);
  }
  // Traces have signed addresses of another kind.
  const trace = await pass("GET", "/api/3.0/mlflow/traces/tr-1");
  t.true(trace.kind === "flow" && (await text(trace.body)).includes("dbfs:/databricks"));
});

test("a storage that does not take it now is away, and no answer holds a signed address", async (t) => {
  const { workspace, pass } = await setUp(t);
  t.like(await pass("PUT", `${PLACE}/a`, "hello"), { status: 200 });
  for (const status of [403, 429, 503]) {
    workspace.once("/a", { status, body: "<Error>signature=of-a-test</Error>" });
    const error = await t.throwsAsync(pass("PUT", `${PLACE}/a`, "again"), { instanceOf: ApiDown });
    t.false(error?.message.includes("of-a-test"));
  }
  workspace.once("/a", { status: 411, body: "signature=of-a-test" });
  const refused = await pass("PUT", `${PLACE}/a`, "again");
  t.like(refused, { kind: "text", status: 411 });
  t.false(JSON.stringify(refused).includes("of-a-test"));
  const none = await t.throwsAsync(pass("GET", `${PLACE}/not-there`), { instanceOf: RequestFault });
  t.is((none as RequestFault | undefined)?.code, "RESOURCE_DOES_NOT_EXIST");
  await t.throwsAsync(pass("DELETE", `${PLACE}/a`), {
    instanceOf: RequestFault,
    message: /removes no artifacts/,
  });
  await t.throwsAsync(pass("PUT", `${ARTIFACTS}/7/models/m-1`, "x"), { instanceOf: RequestFault });
});

/** Artifacts of a local tracker: files of its folder, and nothing outside of it. */

import { mkdir, open, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import type { IncomingHttpHeaders } from "node:http";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import test, { type ExecutionContext } from "ava";
import { answerFile } from "../../../src/gateway/artifacts/file-answer.js";
import { LocalArtifacts } from "../../../src/gateway/artifacts/local-artifacts.js";
import type { GatewayAnswer } from "../../../src/gateway/call.js";
import { readText } from "../../../src/gateway/read-text.js";
import { RequestFault } from "../../../src/gateway/requests/request-fault.js";
import { systemClock } from "../../../src/home/clock.js";
import { scratchFolder } from "../../support/folder.js";
import { until } from "../../support/until.js";

async function artifactsIn(t: ExecutionContext) {
  const folder = await scratchFolder(t);
  const root = join(folder, "mlflow_artifacts");
  await writeFile(join(folder, "outside.txt"), "outside");
  const artifacts = new LocalArtifacts(root, systemClock);
  const ask = async (
    method: string,
    path: string,
    body: Readable | string = "",
    search = "",
    headers: IncomingHttpHeaders = {},
  ) => {
    const sent = typeof body === "string" ? Readable.from(body === "" ? [] : [Buffer.from(body)]) : body;
    const signal = new AbortController().signal;
    try {
      return await shown(
        await artifacts.answer({ method, path: "", search, headers, body: sent, signal }, path),
      );
    } catch (error) {
      if (!(error instanceof RequestFault)) throw error;
      return { status: error.status, body: error.code };
    }
  };
  const list = (path: string) => ask("GET", "", "", `?${new URLSearchParams({ path })}`);
  return { folder, root, ask, list };
}

async function shown(answer: GatewayAnswer): Promise<{ status: number; body: string; etag?: unknown }> {
  const body = answer.kind === "text" ? answer.body : await readText(answer.body, 1_000_000);
  const etag = answer.kind === "text" ? undefined : answer.headers["etag"];
  return { status: answer.status, body, ...(etag === undefined ? {} : { etag }) };
}

test("what was uploaded is listed, read, replaced and removed", async (t) => {
  const { root, ask, list } = await artifactsIn(t);
  t.deepEqual(await list("1/r/artifacts"), { status: 200, body: "{}" });
  t.deepEqual(await ask("PUT", "1/r/artifacts/a%20b/%C3%A9.txt", "one"), { status: 200, body: "" });
  t.deepEqual(await ask("PUT", "1/r/artifacts/a%20b/%C3%A9.txt", "two"), { status: 200, body: "" });
  t.deepEqual(await ask("PUT", "1/r/artifacts/empty"), { status: 200, body: "" });
  t.is(await readFile(join(root, "1/r/artifacts/a b/é.txt"), "utf8"), "two");
  t.like(await ask("GET", "1/r/artifacts/a%20b/%C3%A9.txt"), { status: 200, body: "two" });
  t.like(await ask("GET", "1/r/artifacts/empty"), { status: 200, body: "" });
  t.deepEqual(JSON.parse((await list("1/r/artifacts")).body), {
    files: [
      { path: "a b", is_dir: true },
      { path: "empty", is_dir: false },
    ],
  });
  t.like(await list("1/r/artifacts/empty"), { status: 200, body: "{}" });
  t.like(await ask("GET", "1/r/artifacts/a b"), { status: 400 });
  t.deepEqual(await ask("GET", "1/r/none"), { status: 404, body: "RESOURCE_DOES_NOT_EXIST" });
  t.deepEqual(await ask("DELETE", "1/r/artifacts/a%20b"), { status: 200, body: "{}" });
  t.deepEqual(await ask("DELETE", "1/r/artifacts/a%20b"), { status: 200, body: "{}" });
  t.deepEqual(await readdir(join(root, "1/r/artifacts")), ["empty"]);
});

test("a download that broke off goes on where the file is as it was, and begins anew where it is not", async (t) => {
  const { ask } = await artifactsIn(t);
  await ask("PUT", "r/model", "0123456789");
  const { etag } = await ask("GET", "r/model");
  const rest = (state: unknown) =>
    ask("GET", "r/model", "", "", { range: "bytes=6-", "if-range": String(state) });
  t.like(await rest(etag), { status: 206, body: "6789" });
  t.like(await rest('"another"'), { status: 200, body: "0123456789" });
  await ask("PUT", "r/model", "another one");
  t.like(await rest(etag), { status: 200, body: "another one" });
});

test("a file is closed where its parts are asked for and nobody reads them", async (t) => {
  const path = join(await scratchFolder(t), "model");
  await writeFile(path, "0123456789");
  const handle = await open(path);
  const answer = await answerFile(handle, "model", { range: "bytes=0-1,5-6" });
  t.is(answer.status, 206);
  if (answer.kind === "flow") answer.body.destroy();
  const seen = await until(
    "it is closed",
    () => handle.fd,
    (fd) => fd === -1,
  );
  t.is(seen, -1);
});

test("no path leads out of the folder, escaped or by a link", async (t) => {
  const { folder, root, ask, list } = await artifactsIn(t);
  await mkdir(join(root, "in"), { recursive: true });
  await symlink(folder, join(root, "out"));
  await symlink(join(folder, "outside.txt"), join(root, "file"));
  await symlink(join(root, "in"), join(root, "near"));
  const refused = { status: 400, body: "INVALID_PARAMETER_VALUE" };
  const paths = [
    ...[
      "../outside.txt",
      "in/../../outside.txt",
      "%2e%2e/outside.txt",
      "%252e%252e/outside.txt",
      "/etc/passwd",
    ],
    ...["%2Fetc/passwd", "file:///etc/passwd", "C:/x", "a%23b", "out/outside.txt", "file"],
  ];
  for (const path of paths) {
    t.deepEqual(await ask("GET", path), refused, `GET ${path}`);
    if (path !== "file") t.deepEqual(await ask("DELETE", path), refused, `DELETE ${path}`);
    t.deepEqual(await ask("PUT", path, "bad"), refused, `PUT ${path}`);
  }
  t.deepEqual(await list("out"), refused);
  t.deepEqual(await list("../"), refused);
  t.deepEqual(await ask("PUT", "near/x", "y"), { status: 200, body: "" });
  t.is(await readFile(join(root, "in/x"), "utf8"), "y");
  // A link goes by itself, and not what it leads to.
  t.deepEqual(await ask("DELETE", "out"), { status: 200, body: "{}" });
  t.is(await readFile(join(folder, "outside.txt"), "utf8"), "outside");
  t.deepEqual(await ask("DELETE", "."), { status: 200, body: "{}" });
  t.true((await readdir(root)).includes("in"));
});

test("an upload that breaks off leaves nothing, and what was there stays", async (t) => {
  const { root, ask } = await artifactsIn(t);
  await ask("PUT", "r/model", "whole");
  const body = new PassThrough();
  body.write("ha");
  // As a request is: it may end before somebody reads it.
  body.on("error", () => undefined);
  const upload = ask("PUT", "r/model", body);
  body.destroy(new Error("the sender has gone"));
  await t.throwsAsync(upload, { message: "the sender has gone" });
  t.like(await ask("GET", "r/model"), { status: 200, body: "whole" });
  t.deepEqual(await readdir(join(root, ".stepwell-uploads")), []);
  t.deepEqual((await ask("PUT", "r/./x", "x")).status, 500);
  t.deepEqual((await ask("PUT", "r/", "x")).status, 400);
});

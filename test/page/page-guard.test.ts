/** Who gets to the daemon's page, and how large it is. */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import ava from "ava";
import { ROOT } from "../support/home.js";
import { homeForAll } from "../support/home-for-all.js";
import { until } from "../support/until.js";

const run = promisify(execFile);
const BUNDLE_BYTES_MAX = 150_000;

let url = "";
homeForAll(ava, async (home) => {
  url = (await home.stepwell(["ui", "--no-open"])).stdout.trim();
});

ava("nobody else gets in, and the page may not ask for what is not its business", async (t) => {
  const ask = (path: string, init: RequestInit = {}) =>
    fetch(new URL(path, url), { method: "POST", ...init });
  const runs = "rpc/stepwell.v1.RunsService/ListRuns";
  t.is((await ask(runs)).status, 200);
  const foreign = await ask(runs, { headers: { origin: "https://evil.example" } });
  t.is(foreign.status, 403);
  t.is((await fetch(new URL("/somethingelse/", url))).status, 401);
  for (const method of [
    "DaemonService/Shutdown",
    "SecretsService/GetSecret",
    "StacksService/DeleteStack",
    "IngestService/Ingest",
  ])
    t.is((await ask(`rpc/stepwell.v1.${method}`)).status, 404, method);
  t.is((await ask(runs, { method: "GET" })).status, 405);
  t.is((await fetch(new URL("watch/stepwell.v1.RunsService/ListRuns", url))).status, 404);
  t.is((await ask(runs, { body: new Uint8Array(300_000) })).status, 400);
  const broken = await ask(runs, { body: Uint8Array.of(0xff, 0xff, 0xff) });
  t.is(broken.status, 400);
  t.like(await broken.json(), { code: "STEPWELL_SETTING_INVALID" });
  const page = await fetch(url);
  t.regex(page.headers.get("content-security-policy") ?? "", /default-src 'none'.*frame-ancestors 'none'/);
  t.is((await fetch(new URL("../page-methods.js", url))).status, 401);
  const shortened = await fetch(url.slice(0, -1));
  t.is(shortened.url, url, "its files are found from there");
});

ava("pages that listen are bounded, and those that go make room", async (t) => {
  const ending = new AbortController();
  const watch = async () => {
    const path = "watch/stepwell.v1.DaemonService/WatchStatus";
    return (await fetch(new URL(path, url), { signal: ending.signal })).status;
  };
  const opened = await Promise.all(Array.from({ length: 110 }, watch));
  t.is(opened.filter((status) => status === 200).length, 100);
  t.is(opened.filter((status) => status === 400).length, 10);
  ending.abort();
  const again = await until(
    "there is room again",
    async () => (await fetch(new URL("watch/stepwell.v1.DaemonService/WatchStatus", url))).status,
    (status) => status === 200,
    { withinMs: 60_000 },
  );
  t.is(again, 200);
});

const asRoot = process.getuid?.() === 0 ? ava : ava.skip;

asRoot("another user of the machine is refused, with the pass in hand", async (t) => {
  const ask = `fetch(${JSON.stringify(url)}).then(({ status }) => console.log(status))`;
  const statusAs = async (uid: number) =>
    (await run(process.execPath, ["-e", ask], { uid, gid: uid, cwd: "/", env: { PATH: "/usr/bin:/bin" } }))
      .stdout;
  t.is(await statusAs(0), "200\n");
  t.is(await statusAs(65_534), "403\n");
});

ava("the page is small", (t) => {
  const files = ["app.js", "filter.js", "app.css", "index.html", "icon.svg"].map((name) =>
    readFileSync(join(ROOT, "build/web", name)),
  );
  const bytes = files.reduce((sum, file) => sum + gzipSync(file).length, 0);
  t.log(`${bytes} bytes compressed`);
  t.true(bytes <= BUNDLE_BYTES_MAX);
  t.false(
    files.some((file) => /https?:\/\/(?!www\.w3\.org)/.test(file.toString())),
    "it asks nobody else",
  );
});

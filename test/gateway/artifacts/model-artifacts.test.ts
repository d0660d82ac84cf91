/** Artifacts of logged models that the daemon began: where they go, and what is said in them. */
import { Readable } from "node:stream";
import test from "ava";
import { ArtifactPaths } from "../../../src/gateway/artifacts/artifact-paths.js";
import { countIds, replaceIds } from "../../../src/gateway/artifacts/replaced-ids.js";
import type { SeenExperiments } from "../../../src/gateway/experiments.js";
import { IdsThere, withIds } from "../../../src/gateway/ids-there.js";
import { NotMadeYet, type TrackerApi } from "../../../src/gateway/tracker-api.js";
import type { BackendModel } from "../../../src/model/target.js";
import type { BackendRuns } from "../../../src/runs/backend-runs.js";
import { bodyOf, OTHERS, OURS, setUp, TARGET, THEIRS } from "./fake-server.js";

test("the file that says what a model is says what its server calls it, also where the server is back by then; no other file is touched", async (t) => {
  const { server, uploader, ask } = await setUp(t);
  const said = `artifact_path: mlflow-artifacts:/8000000000000001/models/${OURS}/artifacts\nmodel_id: ${OURS}\nü: x${OURS}\n`;
  const there = said
    .replaceAll(`/8000000000000001/models/${OURS}`, `/7/models/${THEIRS}`)
    .replace(`: ${OURS}\n`, `: ${THEIRS}\n`);
  const paths = (...names: readonly string[]) => names.map((name) => `1/models/${THEIRS}/artifacts/${name}`);
  const put = async (...names: readonly string[]) => {
    for (const name of names)
      await ask("PUT", `1/models/${OURS}/artifacts/${name}`, Readable.from([Buffer.from(said)]));
  };
  await put("before", "MLmodel", "data/model.pkl");
  t.true(await uploader.drain(60_000));
  server.isUp = false;
  await put("data/MLmodel", "NotMLmodel");
  t.is(
    await bodyOf(await ask("GET", `1/models/${OURS}/artifacts/data/MLmodel`)),
    said,
    "what waits is as it was sent",
  );
  server.isUp = true;
  uploader.wake("t1");
  t.true(await uploader.drain(60_000));
  const [before, ...others] = paths("before", "MLmodel", "data/model.pkl", "data/MLmodel", "NotMLmodel");
  t.deepEqual(server.uploads, [before, ...others]);
  const isModel = (path: string) => path.endsWith("/MLmodel");
  t.deepEqual(
    server.uploads.map((path) => server.files.get(path)),
    server.uploads.map((path) => (isModel(path) ? there : said)),
  );
  const lengths = others.map((path) => Buffer.byteLength(isModel(path) ? there : said));
  t.deepEqual(server.lengths.slice(1), lengths, "and so do the heads of what was spooled");
});

test("what such a file says decides where it goes, not its path: one of the server's own ids goes straight there", async (t) => {
  const { server, spool, uploader, ask } = await setUp(t);
  const path = `1/models/${THEIRS}/artifacts`;
  const put = async (name: string, said: string, length = Buffer.byteLength(said)) => {
    await ask("PUT", `${path}/${name}/MLmodel`, Readable.from([Buffer.from(said)]), "", length);
    const isWaiting = spool.waitingFor("t1").length > 0;
    t.true(await uploader.drain(60_000));
    return [isWaiting, server.files.get(`${path}/${name}/MLmodel`)];
  };
  const [ours, theirs] = [OURS, THEIRS].map((id) => `run_id: ${id}\n`) as [string, string];
  t.deepEqual(await put("theirs", theirs), [false, theirs]);
  t.deepEqual(await put("ours", ours), [true, theirs]);
  // Its run is made in the moment between two looks.
  server.unknownLooks = 1;
  t.deepEqual(await put("made", ours), [true, theirs]);
  const long = "x".repeat(600_000);
  t.deepEqual(await put("long", `${long} ${ours}`), [true, `${long} ${theirs}`]);
});

test("ids are found wherever a file is cut, and nothing else is changed", async (t) => {
  const hex = "c".repeat(32);
  const odd = Buffer.from([0xff, 0x00, 0xc3]).toString("latin1");
  const text = `${OURS},x${OURS} ${OURS}-${OURS}\n${OURS}0 m-${hex}m-${OURS}ü${odd}'${OURS}'8000000000000001 80000000000000011${OURS}`;
  const bytesOf = Buffer.from(text, "latin1");
  const wanted = withIds(text, OTHERS);
  const cut = async (chunks: readonly Buffer[]) => {
    const parts: Buffer[] = [];
    for await (const part of replaceIds(Readable.from(chunks), (id) => OTHERS.get(id) ?? id))
      parts.push(part);
    return Buffer.concat(parts).toString("latin1");
  };
  for (let at = 0; at <= bytesOf.length; at++)
    t.is(await cut([bytesOf.subarray(0, at), bytesOf.subarray(at)]), wanted, `cut at ${at}`);
  t.is(await cut([...bytesOf].map((byte) => Buffer.from([byte]))), wanted);
  t.is(await cut([]), "");
  const counts = await countIds(Readable.from([bytesOf]));
  t.is(
    counts.get(OURS),
    [...text.matchAll(new RegExp(`(?<![0-9a-zA-Z])${OURS}(?![0-9a-zA-Z])`, "g"))].length,
  );
  // Of a file without an id, and without an end to its words, little is held.
  const long = Readable.from(
    (function* () {
      for (let count = 0; count < 1_000; count++) yield Buffer.alloc(10_000, "a");
    })(),
  );
  let [most, all] = [0, 0];
  for await (const part of replaceIds(long, (id) => id))
    [most, all] = [Math.max(most, part.length), all + part.length];
  t.deepEqual([all, most <= 11_000], [10_000_000, true]);
});

test("a model's artifacts go where its server puts them, once it is made, and have one place by both of its ids", async (t) => {
  const rows = new Map<string, BackendModel>();
  const of = { runId: "r".repeat(32), begunMs: 5 };
  const backendModels = {
    find: async (id: string) => rows.get(id),
    ownId: async (id: string) => (id === THEIRS ? OURS : id),
    idAt: async (id: string) => {
      const known = rows.get(id);
      return known ? (known.kind === "known" ? known.modelIdThere : undefined) : id;
    },
  };
  const runs = { find: async () => undefined, idAt: async (_: unknown, id: string) => id };
  const experiments = { idAt: async () => "7" } as unknown as SeenExperiments;
  const ids = new IdsThere({ runs, experiments, backendModels });
  const paths = new ArtifactPaths({ runs, backendRuns: {} as BackendRuns, backendModels, ids, experiments });
  const asked: unknown[] = [];
  const api = {
    ask: async (_: string, path: string, content: object) => {
      asked.push([path, content]);
      const isDeleted = !("allow_deleted" in content);
      const info = { artifact_uri: `mlflow-artifacts:/own/place/${THEIRS}/artifacts` };
      return isDeleted ? { status: 404, body: {} } : { status: 200, body: { model: { info } } };
    },
  } as unknown as TrackerApi;
  const at = async (path: string) => await paths.at(TARGET, api, path);
  const path = `8000000000000001/models/${OURS}/artifacts`;
  rows.set(OURS, { ...of, kind: "begun" });
  await t.throwsAsync(at(path), { instanceOf: NotMadeYet });
  rows.set(OURS, { ...of, kind: "known", modelIdThere: THEIRS, experimentId: "7" });
  t.deepEqual(
    [await at(`${path}/a%20b/MLmodel`), await at(path)],
    [`own/place/${THEIRS}/artifacts/a%20b/MLmodel`, `own/place/${THEIRS}/artifacts`],
  );
  const model = `/api/2.0/mlflow/logged-models/${THEIRS}`;
  t.deepEqual(
    asked,
    [
      [model, {}],
      [model, { allow_deleted: "true" }],
    ],
    "also one that was deleted",
  );
  t.is(await at(`7/models/m-${"d".repeat(32)}/artifacts/x`), `7/models/m-${"d".repeat(32)}/artifacts/x`);
  for (const each of [
    path,
    `workspaces/w/7/models/${THEIRS}/artifacts`,
    `7/logged_models/${THEIRS}/artifacts`,
  ])
    t.deepEqual(await paths.placeOf(TARGET, `${each}/a%20b/c`), { runId: OURS, path: "a b/c", begunMs: 5 });
});

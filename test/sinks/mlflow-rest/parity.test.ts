/** Parity rows, by number, that speak of servers; rows of steps and of configuration are elsewhere. */
import test, { type ExecutionContext } from "ava";
import { SERVER_CERT, SERVER_KEY } from "../../support/certificates.js";
import { ScriptedMlflow } from "../../support/scripted-mlflow.js";
import { pack, RUN_ID } from "../mlflow-sqlite/packs.js";
import { keptRunIds, only, restSink } from "./rest.js";

const DELIVERED = { kind: "delivered", refused: [] };

const ROWS: Readonly<Record<string, (t: ExecutionContext) => Promise<void>>> = {
  "5: any certificate is taken on request, of Databricks, too": async (t) => {
    const server = await ScriptedMlflow.start(t, {
      appends: true,
      tls: { key: SERVER_KEY, cert: SERVER_CERT },
    });
    const settings = { databricks_host: server.url, tracking_token: "x" };
    const careful = restSink(t, "databricks", { settings: async () => settings });
    t.like(only(await careful.send([pack(1)])), { kind: "hold", code: "STEPWELL_TLS_FAILED" });
    const insecure = async () => ({ ...settings, tracking_insecure_tls: "yes" });
    t.deepEqual(only(await restSink(t, "databricks", { settings: insecure }).send([pack(1)])), DELIVERED);
  },
  "60: Databricks takes a user and a password": async (t) => {
    const server = await ScriptedMlflow.start(t, { appends: true });
    const settings = async () => ({
      databricks_host: server.url,
      tracking_username: "ada",
      tracking_password: "p",
    });
    t.deepEqual(only(await restSink(t, "databricks", { settings }).send([pack(1)])), DELIVERED);
    t.is(server.seen[0]?.headers.authorization, `Basic ${Buffer.from("ada:p").toString("base64")}`);
  },
  "64: of two trackers in one process each server sees its own credentials": async (t) => {
    const [one, other] = [await ScriptedMlflow.start(t), await ScriptedMlflow.start(t)];
    const basic = async () => ({ tracking_username: "ada", tracking_password: "p" });
    t.deepEqual(only(await restSink(t, one.url, { settings: basic }).send([pack(1)])), DELIVERED);
    const token = async () => ({ tracking_token: "of-other" });
    t.deepEqual(only(await restSink(t, other.url, { settings: token }).send([pack(1)])), DELIVERED);
    t.true(other.seen.every(({ headers }) => headers.authorization === "Bearer of-other"));
  },
  "68: an experiment's name gets Databricks' leading slash, once": async (t) => {
    const server = await ScriptedMlflow.start(t, { appends: true });
    const sink = restSink(t, "databricks", {
      settings: async () => ({ databricks_host: server.url, tracking_token: "x" }),
    });
    const start = pack(1).start;
    t.deepEqual(only(await sink.send([pack(1)])), DELIVERED);
    const path = start && { ...start, experimentName: "/Shared/ada/digits" };
    t.deepEqual(only(await sink.send([pack(1, [], { runId: "a".repeat(32), start: path })])), DELIVERED);
    t.deepEqual([...server.store.experiments.keys()], ["/digits", "/Shared/ada/digits"]);
  },
  "69: an experiment that is there is used": async (t) => {
    const server = await ScriptedMlflow.start(t);
    server.store.experiments.set("digits", "7");
    t.deepEqual(only(await restSink(t, server.url).send([pack(1)])), DELIVERED);
    t.is(server.of("experiments/create").length, 0);
    t.is(server.store.run(RUN_ID).experimentId, "7");
  },
  "70: of a new experiment the server decides where its artifacts are": async (t) => {
    const server = await ScriptedMlflow.start(t);
    t.deepEqual(only(await restSink(t, server.url).send([pack(1)])), DELIVERED);
    t.deepEqual(
      server.of("experiments/create").map(({ body }) => body),
      ['{"name":"digits"}'],
    );
  },
  "71: a creation that fails is forgiven when the experiment is there by then": async (t) => {
    const server = await ScriptedMlflow.start(t);
    server.once("experiments/create", "break-after");
    t.deepEqual(only(await restSink(t, server.url).send([pack(1)])), DELIVERED);
    t.is(server.of("experiments/create").length, 1);
  },
  "72: a deleted experiment is named, and what to do": async (t) => {
    const server = await ScriptedMlflow.start(t);
    const body = JSON.stringify({ experiment: { experiment_id: "3", lifecycle_stage: "deleted" } });
    server.once("experiments/get-by-name", { status: 200, body });
    t.like(only(await restSink(t, server.url).send([pack(1)])), {
      kind: "hold",
      code: "STEPWELL_EXPERIMENT_DELETED",
    });
  },
  "96, 97: a run's page, its id and its experiment's id are those of the server": async (t) => {
    const server = await ScriptedMlflow.start(t);
    const runIds = keptRunIds();
    t.deepEqual(only(await restSink(t, `${server.url}/prefix`, { runIds }).send([pack(1)])), DELIVERED);
    const { id } = server.store.run(RUN_ID);
    const url = `${server.url}/prefix/#/experiments/1/runs/${id}`;
    t.deepEqual(runIds.kept.get(RUN_ID), { kind: "known", mlflowRunId: id, experimentId: "1", url });
  },
};

for (const [row, show] of Object.entries(ROWS)) test(`row ${row}`, show);

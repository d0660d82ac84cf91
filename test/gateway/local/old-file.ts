/** A file as Stepwell makes it, at MLflow 2.2's revision, with a run in it. */
import Database from "libsql";
import type { LocalStore } from "../../../src/gateway/local/local-store.js";
import { RequestFault } from "../../../src/gateway/requests/request-fault.js";

export const RUN_ID = "0123456789abcdef0123456789abcdef";

type Json = Record<string, unknown>;

/** Asks a local store for one of MLflow's routes; answers the status and the JSON. */
export async function ask(
  store: LocalStore,
  method: string,
  path: string,
  content: Json = {},
): Promise<{ readonly status: number; readonly json: Json }> {
  const isGet = method === "GET";
  const query = new URLSearchParams(isGet ? (content as Record<string, string>) : {});
  try {
    const answer = await store.answer({
      method,
      path: `/api/2.0/mlflow/${path}`,
      query,
      body: isGet ? {} : content,
    });
    if (answer === "unknown route") throw new Error(`${method} ${path} is no route`);
    return { status: answer.status, json: JSON.parse(answer.body) as Json };
  } catch (error) {
    if (!(error instanceof RequestFault)) throw error;
    return { status: error.status, json: JSON.parse(error.toJson()) as Json };
  }
}

/** Puts a run into the default experiment, as the sink does. */
export function addRun(path: string): void {
  const database = new Database(path);
  database
    .prepare(
      "INSERT INTO runs (run_uuid, name, source_type, source_name, entry_point_name, user_id, status, start_time, source_version, lifecycle_stage, artifact_uri, experiment_id) VALUES (?, 'first', 'LOCAL', '', '', 'me', 'RUNNING', 1700000000000, '', 'active', '/a/artifacts', 0)",
    )
    .run(RUN_ID);
  database
    .prepare(
      "INSERT INTO metrics (key, value, timestamp, run_uuid, step, is_nan) VALUES ('loss', 0.5, 5, ?, ?, 0)",
    )
    .run(RUN_ID, 9_007_199_254_740_993n);
  database.close();
}

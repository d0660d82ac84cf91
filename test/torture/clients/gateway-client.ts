/**
 * A client process that speaks HTTP to the gateway, as any language's client of MLflow does: one request after the
 * other, each again until it is answered. A line of its ledger says what it is about to log, and, with an A before it,
 * what was answered: the kind, the run, and how many of the kind there are by then.
 */
import { appendFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { metricKey, seedOf, stepAt, timestampAt, valueAt } from "../points.js";
import { randomOf } from "../random.js";

/** What the process is told, as JSON in its first argument. */
export interface GatewayTask {
  readonly ledger: string;
  readonly seed: number;
  /** The gateway's address, with a pass. */
  readonly uri: string;
}

/** What is logged of a run. */
export const KINDS = ["points", "tag", "file", "latest", "model"] as const;
export type Kind = (typeof KINDS)[number];

const BASE_MS = 1_700_000_000_000;
const POINTS_MAX = 40;
/** What one run is logged before another one begins. */
const CALLS_MAX = 60;
const AGAIN_MS = 100;
/** An answer may be lost with its connection. */
const ANSWER_MS_MAX = 60_000;

const task = JSON.parse(process.argv[2] ?? "") as GatewayTask;
const random = randomOf(task.seed, "gateway client");
let isStopping = false;
process.on("SIGTERM", () => {
  isStopping = true;
});

/** Asks until it is answered. What is refused ends the process: nothing that is asked here may be. */
async function ask(method: string, path: string, body: string, type: string): Promise<string> {
  for (;;) {
    try {
      const headers = { "content-type": type };
      const signal = AbortSignal.timeout(ANSWER_MS_MAX);
      const answer = await fetch(`${task.uri}/api/2.0/${path}`, { method, body, headers, signal });
      const said = await answer.text();
      if (answer.status === 200) return said;
      if (answer.status < 500) throw new RangeError(`${path}: ${answer.status} ${said}`);
    } catch (error) {
      // The daemon is being killed, or is away.
      if (error instanceof RangeError) throw error;
    }
    await sleep(AGAIN_MS);
  }
}

async function post(path: string, body: object): Promise<string> {
  return await ask("POST", `mlflow/${path}`, JSON.stringify(body), "application/json");
}

async function put(path: string, text: string): Promise<void> {
  await ask("PUT", `mlflow-artifacts/artifacts/${path}`, text, "text/plain");
}

function rootIn({ artifact_uri: uri }: { readonly artifact_uri: string }): string {
  return uri.replace(/^mlflow-artifacts:\//, "");
}

/** Makes a model of a run, with a file that says which one it is, and its end. */
async function makeModel(source_run_id: string, what: string): Promise<void> {
  const made = await post("logged-models", { experiment_id: "0", source_run_id });
  const { info } = (JSON.parse(made) as { model: { info: { model_id: string; artifact_uri: string } } })
    .model;
  const { model_id } = info;
  await put(`${rootIn(info)}/MLmodel`, `model_id: ${model_id}\nis: ${what}\n`);
  const end = { model_id, status: "LOGGED_MODEL_READY" };
  await ask("PATCH", `mlflow/logged-models/${model_id}`, JSON.stringify(end), "application/json");
}

class Run {
  readonly #id: string;
  readonly #root: string;
  readonly #counts: Record<Kind, number> = { points: 0, tag: 0, file: 0, latest: 0, model: 0 };

  constructor(id: string, root: string) {
    this.#id = id;
    this.#root = root;
  }

  static async begin(): Promise<Run> {
    const { run } = JSON.parse(await post("runs/create", { experiment_id: "0", start_time: 1 })) as {
      run: { info: { run_id: string; artifact_uri: string } };
    };
    return new Run(run.info.run_id, rootIn(run.info));
  }

  async log(kind: Kind): Promise<void> {
    const before = this.#counts[kind];
    const count = before + (kind === "points" ? random.between(1, POINTS_MAX) : 1);
    const line = `${kind} ${this.#id} ${count}\n`;
    appendFileSync(task.ledger, line);
    await this.#send(kind, before, count);
    this.#counts[kind] = count;
    appendFileSync(task.ledger, `A ${line}`);
  }

  async #send(kind: Kind, before: number, count: number): Promise<void> {
    const run_id = this.#id;
    switch (kind) {
      case "points": {
        const metrics = Array.from({ length: count - before }, (_, at) => pointAt(run_id, before + at));
        return void (await post("runs/log-batch", { run_id, metrics }));
      }
      case "tag":
        return void (await post("runs/set-tag", { run_id, key: "progress", value: String(count) }));
      case "file":
        return await put(`${this.#root}/file-${count}`, `file ${count} of ${run_id}`);
      case "latest":
        return await put(`${this.#root}/latest`, `version ${count} of ${run_id}`);
      case "model":
        return await makeModel(run_id, `model ${count} of ${run_id}`);
    }
  }
}

/** Whole numbers alone: how JSON writes a value is another test's subject. */
function pointAt(runId: string, index: number) {
  const value = Math.trunc(valueAt(seedOf(runId, 0), index));
  const timestamp = timestampAt(BASE_MS, index);
  return { key: metricKey(0), value: Number.isFinite(value) ? value : 0, timestamp, step: stepAt(index) };
}

// Whoever started it waits for that.
console.log("begins");
// Node does not stay for a connection that it takes for an idle one, though an answer is awaited of it.
const stays = setInterval(() => undefined, ANSWER_MS_MAX);
while (!isStopping) {
  const run = await Run.begin();
  for (let left = random.between(1, CALLS_MAX); left > 0 && !isStopping; left--)
    await run.log(random.pick(KINDS));
}
clearInterval(stays);

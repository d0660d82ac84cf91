/** What stands in an MLflow store before programs run on it: a little of everything, the same each time. */

/** Ids of what was made, in the order in which it was. */
export interface Seeded {
  readonly experiments: readonly string[];
  readonly runs: readonly string[];
  readonly models: readonly string[];
}

type Json = Record<string, unknown>;
type Post = (path: string, body: Json) => Promise<Json>;

const KEYS = ["loss", "acc", "a b", "val/loss", "m.n"];
const STATUSES = ["RUNNING", "FINISHED", "FAILED", "KILLED", "SCHEDULED"];
const VALUES = [
  0.1,
  1,
  -3.5,
  1e-7,
  1.5e300,
  0,
  "NaN",
  "Infinity",
  "-Infinity",
  1234567.25,
  2,
  0.30000000000000004,
];
const NAMES = ["red", "green", "Blue", "b_lue", "100%", "it's", 'say "x"', "漢字 é", ""];

/** Fills the store of a server. */
export async function seed(url: string): Promise<Seeded> {
  const post = (path: string, body: Json) => ask(`${url}/api/2.0/mlflow/${path}`, "POST", body);
  const experiments = ["0"];
  for (const name of ["alpha", "Beta_1", "ga%mma", "délta 漢", "gone"]) {
    const tags = [
      { key: "team", value: name.slice(0, 2) },
      ...(name === "alpha" ? [{ key: "a b", value: "x'y" }] : []),
    ];
    const made = await post("experiments/create", { name, tags });
    experiments.push(String(made["experiment_id"]));
  }
  const runs: string[] = [];
  for (let index = 0; index < 16; index++) runs.push(await seedRun(post, experiments, index));
  const models = await seedModels(url, post, experiments, runs);
  await post("runs/delete", { run_id: runs[3] });
  await post("experiments/delete", { experiment_id: experiments.at(-1) });
  return { experiments, runs, models };
}

async function seedRun(post: Post, experiments: readonly string[], index: number): Promise<string> {
  const made = await post("runs/create", {
    experiment_id: experiments[index % 3 === 0 ? 1 : index % experiments.length],
    start_time: 1_700_000_000_000 + Math.floor(index / 2) * 1000,
    user_id: NAMES[index % 4],
    run_name: NAMES[index % NAMES.length] || undefined,
    tags: [{ key: "color", value: NAMES[(index * 5) % NAMES.length] }],
  });
  const runId = ((made["run"] as Json)["info"] as Json)["run_id"] as string;
  const metrics = KEYS.slice(0, index % 6).flatMap((key, at) =>
    Array.from({ length: 1 + ((index + at) % 9) }, (_, step) => ({
      key,
      value: VALUES[(index + at + step) % VALUES.length],
      timestamp: 1_700_000_000_000 + ((step * 7) % 5) * 1000,
      step: step - 2,
    })),
  );
  const params = ["lr", "opt", "a b"]
    .slice(0, index % 4)
    .map((key, at) => ({ key, value: NAMES[(index + at) % NAMES.length] || "0.01" }));
  const tags = ["note", "mlflow.note", "k`ey"]
    .filter((key) => !key.includes("`") || index === -1)
    .slice(0, index % 3)
    .map((key, at) => ({ key, value: NAMES[(index + 2 * at) % NAMES.length] }));
  await post("runs/log-batch", { run_id: runId, metrics, params, tags });
  if (index % 4 === 1)
    await post("runs/log-inputs", {
      run_id: runId,
      datasets: [
        {
          dataset: {
            name: NAMES[index % 3],
            digest: `d${index % 2}`,
            source_type: "local",
            source: "{}",
            schema: "s",
          },
          tags: [{ key: "mlflow.data.context", value: index % 8 === 1 ? "train" : "eval" }],
        },
        { dataset: { name: "plain", digest: "p", source_type: "local", source: "x" } },
      ],
    });
  if (index % 5 !== 0)
    await post("runs/update", {
      run_id: runId,
      status: STATUSES[index % STATUSES.length],
      ...(index % 3 === 0 ? {} : { end_time: 1_700_000_100_000 + index }),
    });
  return runId;
}

async function seedModels(
  url: string,
  post: Post,
  experiments: readonly string[],
  runs: readonly string[],
): Promise<string[]> {
  const models: string[] = [];
  for (let index = 0; index < 9; index++) {
    const made = await post("logged-models", {
      experiment_id: experiments[1 + (index % 3)],
      name: ["net", "Tree", "li_near"][index % 3],
      model_type: ["agent", "", "x'y"][index % 3],
      source_run_id: runs[index],
      params: [{ key: "depth", value: NAMES[index] || "1" }].slice(0, index % 2),
      tags: [{ key: "color", value: NAMES[(index * 2) % NAMES.length] || "none" }].slice(0, (index + 1) % 3),
    });
    const modelId = ((made["model"] as Json)["info"] as Json)["model_id"] as string;
    models.push(modelId);
    const metrics = KEYS.slice(0, index % 4).flatMap((key, at) =>
      [0, 1].map((step) => ({
        key,
        value: [0.5, 2, -1, 1e9][(index + at + step) % 4],
        timestamp: 1_700_000_000_000 + ((step * 3 + at) % 2) * 1000,
        step,
        model_id: modelId,
        ...(at % 2 === 0 ? { dataset_name: "plain", dataset_digest: "p" } : {}),
      })),
    );
    if (metrics.length > 0) await post("runs/log-batch", { run_id: runs[0], metrics });
    if (index % 2 === 0)
      await ask(`${url}/api/2.0/mlflow/logged-models/${modelId}`, "PATCH", {
        model_id: modelId,
        status: (index % 4) + 1 > 3 ? 2 : (index % 4) + 1,
      });
    if (index % 3 === 1)
      await post("runs/outputs", { run_id: runs[index], models: [{ model_id: modelId, step: index }] });
    if (index % 3 === 2)
      await post("runs/log-inputs", { run_id: runs[index], models: [{ model_id: modelId }] });
  }
  await ask(`${url}/api/2.0/mlflow/logged-models/${models[8]}`, "DELETE", {});
  return models;
}

async function ask(url: string, method: string, body: Json): Promise<Json> {
  const answer = await fetch(url, {
    method,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const text = await answer.text();
  if (answer.status !== 200)
    throw new Error(`${method} ${url} ${JSON.stringify(body)}: ${answer.status} ${text}`);
  return JSON.parse(text) as Json;
}

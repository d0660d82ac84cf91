import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { ExecutionContext } from "ava";
import { type PythonRequirements, pythonEnvironment } from "../../support/python-environment.js";

/** A run as MLflow's client shows it; numbers of metrics as text. */
export interface ShownRun {
  readonly experiment: string;
  readonly name: string;
  readonly status: string;
  readonly start: number;
  readonly end: number | null;
  readonly artifacts: string;
  readonly params: Record<string, string>;
  readonly tags: Record<string, string>;
  readonly latest: Record<string, string>;
  /** Step, timestamp and value of every point, by metric. */
  readonly history: Record<string, [string, string, string][]>;
}

const SCRIPT = "test/sinks/mlflow-sqlite/with_mlflow.py";

/** MLflow's own client on a database or a server, in a process that lives as long as the test. */
export class RealMlflow {
  readonly #process: ChildProcess;
  readonly #answers: AsyncIterator<string>;

  private constructor(process: ChildProcess, answers: AsyncIterator<string>) {
    this.#process = process;
    this.#answers = answers;
  }

  /** Starts it; the first call opens the database, and migrates it where this MLflow is newer. */
  static async start(
    t: ExecutionContext,
    wanted: PythonRequirements,
    databasePath: string,
  ): Promise<RealMlflow> {
    return await RealMlflow.at(t, wanted, `sqlite:///${databasePath}`);
  }

  /** Starts it on a tracking URI, with more environment if given. */
  static async at(
    t: ExecutionContext,
    wanted: PythonRequirements,
    uri: string,
    more: Readonly<Record<string, string>> = {},
  ): Promise<RealMlflow> {
    const python = await pythonEnvironment(wanted);
    const env = { ...process.env, ...more };
    const child = spawn(python, [SCRIPT, uri], { stdio: ["pipe", "pipe", "pipe"], env });
    const notes: string[] = [];
    child.stderr.on("data", (bytes: Buffer) => notes.push(String(bytes)));
    t.teardown(async () => {
      if (!t.passed) t.log(notes.join("").slice(-4_000));
      child.stdin.end();
      if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    });
    return new RealMlflow(child, createInterface({ input: child.stdout })[Symbol.asyncIterator]());
  }

  async read(runId: string): Promise<ShownRun> {
    return (await this.#call("read", runId)) as ShownRun;
  }

  /** Logs to the run as a user's program does, and to one of its own, whose id it answers. */
  async write(runId: string): Promise<{ own: string }> {
    return (await this.#call("write", runId)) as { own: string };
  }

  async end(runId: string, status: string): Promise<void> {
    await this.#call("end", runId, status);
  }

  /** Makes a logged model of the run; answers its id. */
  async makeModel(runId: string): Promise<string> {
    return ((await this.#call("make-model", runId)) as { model: string }).model;
  }

  /** Key, step, timestamp, value and run of every point that measures the model, by key and step. */
  async modelMetrics(modelId: string): Promise<string[][]> {
    return ((await this.#call("model-metrics", modelId)) as { metrics: string[][] }).metrics;
  }

  /** The experiments, and the runs of one of them, "digits" unless given, oldest first. */
  async find(...experiment: [string?]): Promise<{ runs: string[]; experiments: string[] }> {
    const names = experiment.filter((name) => name !== undefined);
    return (await this.#call("find", ...names)) as { runs: string[]; experiments: string[] };
  }

  async #call(...command: string[]): Promise<unknown> {
    this.#process.stdin?.write(`${JSON.stringify(command)}\n`);
    for (;;) {
      const { value, done } = await this.#answers.next();
      if (done) throw new Error(`MLflow ended at ${command[0]}`);
      // 2.2.1's migrations write their log to stdout.
      if (value.startsWith("{")) return JSON.parse(value);
    }
  }
}

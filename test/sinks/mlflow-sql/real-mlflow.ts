import { execFile } from "node:child_process";
import { promisify } from "node:util";
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

const run = promisify(execFile);

/** MLflow's own client on a database, a process for each call. */
export class RealMlflow {
  readonly #wanted: PythonRequirements;
  readonly #databasePath: string;

  constructor(wanted: PythonRequirements, databasePath: string) {
    this.#wanted = wanted;
    this.#databasePath = databasePath;
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

  async find(): Promise<{ runs: string[]; experiments: string[] }> {
    return (await this.#call("find", "")) as { runs: string[]; experiments: string[] };
  }

  async #call(...command: string[]): Promise<unknown> {
    const python = await pythonEnvironment(this.#wanted);
    const script = "test/sinks/mlflow-sql/with_mlflow.py";
    const uri = `sqlite:///${this.#databasePath}`;
    const { stdout } = await run(python, [script, uri, ...command], { maxBuffer: 256 * 1024 * 1024 });
    return JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
  }
}

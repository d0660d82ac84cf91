import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import test, { type ExecutionContext } from "ava";
import { Turns } from "../../../src/model/turns.js";
import { MLFLOW_3, type PythonRequirements, pythonEnvironment } from "../../support/python-environment.js";
import { runWarm } from "../../support/warm-mlflow.js";

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

/** A Python with MLflow's client: one for all tests of a file that need the same, because it imports for seconds. */
class MlflowProcess {
  static readonly #running = new Map<string, Promise<MlflowProcess>>();
  readonly #input: Writable;
  readonly #answers: AsyncIterator<string>;
  readonly #turns = new Turns();
  #notes = "";

  /** Ends all. */
  static async end(): Promise<void> {
    for (const running of MlflowProcess.#running.values()) (await running).#input.end();
  }

  /** The one for an MLflow and more environment. */
  static of(wanted: PythonRequirements, more: Readonly<Record<string, string>>): Promise<MlflowProcess> {
    const key = JSON.stringify([wanted, more]);
    const running = MlflowProcess.#running.get(key) ?? MlflowProcess.#start(wanted, more);
    MlflowProcess.#running.set(key, running);
    return running;
  }

  static async #start(
    wanted: PythonRequirements,
    more: Readonly<Record<string, string>>,
  ): Promise<MlflowProcess> {
    const env = { ...process.env, ...more };
    if (wanted === MLFLOW_3) {
      const { stream } = await runWarm([SCRIPT], env, process.cwd());
      return new MlflowProcess(stream, stream);
    }
    const child = spawn(await pythonEnvironment(wanted), [SCRIPT], { env });
    const started = new MlflowProcess(child.stdin, child.stdout);
    child.stderr.on("data", (bytes: Buffer) => started.#note(String(bytes)));
    return started;
  }

  private constructor(input: Writable, output: Readable) {
    this.#input = input;
    this.#answers = createInterface({ input: output })[Symbol.asyncIterator]();
  }

  /** The last that it said beside its answers. */
  get notes(): string {
    return this.#notes.slice(-4_000);
  }

  #note(text: string): void {
    this.#notes = (this.#notes + text).slice(-20_000);
  }

  async call(uri: string, command: readonly string[]): Promise<unknown> {
    return await this.#turns.take(async () => {
      this.#input.write(`${JSON.stringify([uri, ...command])}\n`);
      for (;;) {
        const { value, done } = await this.#answers.next();
        if (done) throw new Error(`MLflow ended at ${command[0]}:\n${this.notes}`);
        // Warnings, and the log of 2.2.1's migrations.
        if (!value.startsWith("{")) {
          this.#note(`${value}\n`);
          continue;
        }
        const answer = JSON.parse(value) as { failed?: string };
        if (answer.failed !== undefined) throw new Error(`MLflow failed at ${command[0]}: ${answer.failed}`);
        return answer;
      }
    });
  }
}

test.after.always("MLflow's clients end", () => MlflowProcess.end());

/** MLflow's own client on a database or a server. */
export class RealMlflow {
  readonly #process: MlflowProcess;
  readonly #uri: string;

  private constructor(process: MlflowProcess, uri: string) {
    this.#process = process;
    this.#uri = uri;
  }

  /** On a database. The first call opens it, and migrates it where this MLflow is newer. */
  static async start(
    t: ExecutionContext,
    wanted: PythonRequirements,
    databasePath: string,
  ): Promise<RealMlflow> {
    return await RealMlflow.at(t, wanted, `sqlite:///${databasePath}`);
  }

  /** On a tracking URI, with more environment if given. */
  static async at(
    t: ExecutionContext,
    wanted: PythonRequirements,
    uri: string,
    more: Readonly<Record<string, string>> = {},
  ): Promise<RealMlflow> {
    const process = await MlflowProcess.of(wanted, more);
    t.teardown(() => {
      if (!t.passed) t.log(process.notes);
    });
    return new RealMlflow(process, uri);
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

  /** Makes an experiment whose artifacts have a place of their own. */
  async makeExperiment(name: string, place: string): Promise<void> {
    await this.#call("make-experiment", name, place);
  }

  /** The paths of a run's artifacts, with their sizes. */
  async artifacts(runId: string): Promise<Readonly<Record<string, number>>> {
    return ((await this.#call("artifacts", runId)) as { artifacts: Record<string, number> }).artifacts;
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
    return await this.#process.call(this.#uri, command);
  }
}

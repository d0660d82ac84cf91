/** Programs as people write them (test/e2e/gateway_programs.py), in one Python that a test tells what to run. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import ava from "ava";
import { ROOT } from "./home.js";
import { MLFLOW_3, pythonEnvironment } from "./python-environment.js";

const SCRIPT = join(ROOT, "test/e2e/gateway_programs.py");

/** What a program said at its end, or that it waits. */
export interface Said {
  readonly paused?: true;
  readonly error?: string;
  readonly result?: Record<string, unknown>;
  readonly seconds?: number;
}

/** A Python with MLflow in an environment without any credential. */
export class Programs {
  readonly #process: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  /** MLflow puts artifacts of a file where it stands. */
  readonly #folder = mkdtempSync(join(tmpdir(), "stepwell-test-"));
  #notes = "";

  constructor(interpreter: string) {
    const { PATH, HOME } = process.env;
    const env = { PATH, HOME, MLFLOW_HTTP_REQUEST_MAX_RETRIES: "2", PYTHONWARNINGS: "ignore" };
    const child = spawn(interpreter, [SCRIPT], { env, cwd: this.#folder, stdio: ["pipe", "pipe", "pipe"] });
    child.stderr.on("data", (bytes: Buffer) => {
      this.#notes = (this.#notes + String(bytes)).slice(-8_000);
    });
    this.#process = child;
    this.#lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  }

  /** Lets it do something; `meanwhile` happens where a program pauses. */
  async do(task: Readonly<Record<string, unknown>>, meanwhile?: () => Promise<void>): Promise<Said> {
    this.#process.stdin?.write(`${JSON.stringify({ ...task, pauses: meanwhile !== undefined })}\n`);
    for (;;) {
      const said = await this.#answer();
      if (!said.paused) return said;
      await meanwhile?.();
      this.#process.stdin?.write("go on\n");
    }
  }

  async end(): Promise<void> {
    if (this.#process.exitCode === null) {
      this.#process.stdin?.end();
      await once(this.#process, "exit");
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #answer(): Promise<Said> {
    for (;;) {
      const { value, done } = await this.#lines.next();
      if (done) throw new Error(`Python ended:\n${this.#notes}`);
      // MLflow says where to look at runs, too.
      if (value.startsWith("{")) return JSON.parse(value) as Said;
    }
  }
}

/** One for what goes through the gateway, one that looks at a store itself: MLflow keeps a tracking URI's state. */
export async function twoPythons(): Promise<readonly [through: Programs, direct: Programs]> {
  if (pythons.length === 0) {
    const interpreter = await pythonEnvironment(MLFLOW_3);
    pythons.push(new Programs(interpreter), new Programs(interpreter));
  }
  return pythons as unknown as readonly [Programs, Programs];
}
const pythons: Programs[] = [];

ava.after.always("the Pythons of programs end", async () => {
  await Promise.all(pythons.map((python) => python.end()));
});

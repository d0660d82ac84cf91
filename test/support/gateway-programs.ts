/** Programs as people write them (test/e2e/*_programs.py), in one Python that a test tells what to run. */
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import ava from "ava";
import { installedClient } from "./installed-client.js";
import { runWarm, type WarmScript } from "./warm-mlflow.js";

/** What a program said at its end, or that it waits. */
export interface Said {
  readonly paused?: true;
  readonly error?: string;
  readonly result?: Record<string, unknown>;
  readonly seconds?: number;
}

/** A Python with MLflow in an environment without any credential. */
export class Programs {
  readonly #script: WarmScript;
  readonly #lines: AsyncIterator<string>;
  readonly #folder: string;
  #notes = "";

  private constructor(script: WarmScript, folder: string) {
    this.#script = script;
    this.#folder = folder;
    this.#lines = createInterface({ input: script.stream })[Symbol.asyncIterator]();
  }

  /** With the Python client beside MLflow, or without. */
  static async start(path: string, { isClientThere = false } = {}): Promise<Programs> {
    // MLflow puts artifacts of a file where it stands.
    const folder = mkdtempSync(join(tmpdir(), "stepwell-test-"));
    const { PATH, HOME } = process.env;
    // MLflow asks another process what a logged model imports: ten seconds, for what no test looks at.
    const env = { PATH, HOME, PYTHONWARNINGS: "ignore", MLFLOW_REQUIREMENTS_INFERENCE_TIMEOUT: "0" };
    const paths = isClientThere ? installedClient(join(folder, "installed")) : [];
    return new Programs(await runWarm([path, ...paths], env, folder), folder);
  }

  /** Lets it do something; `meanwhile` happens where a program pauses. */
  async do(task: Readonly<Record<string, unknown>>, meanwhile?: () => Promise<void>): Promise<Said> {
    const { stream } = this.#script;
    stream.write(`${JSON.stringify({ ...task, pauses: meanwhile !== undefined })}\n`);
    for (;;) {
      const said = await this.#answer();
      if (!said.paused) return said;
      await meanwhile?.();
      stream.write("go on\n");
    }
  }

  async end(): Promise<void> {
    const { stream } = this.#script;
    if (!stream.destroyed) {
      const closed = once(stream, "close");
      stream.end();
      await closed;
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #answer(): Promise<Said> {
    for (;;) {
      const { value, done } = await this.#lines.next();
      if (done) throw new Error(`Python ended:\n${this.#notes}`);
      // MLflow says where to look at runs, too.
      if (value.startsWith("{")) return JSON.parse(value) as Said;
      this.#notes = `${this.#notes}${value}\n`.slice(-8_000);
    }
  }
}

/**
 * One for what goes through the gateway, as users have it, one without anything of ours that looks at a store itself:
 * MLflow keeps a tracking URI's state.
 */
export async function twoPythons(
  script = "test/e2e/gateway_programs.py",
): Promise<readonly [through: Programs, direct: Programs]> {
  if (pythons.length === 0)
    for (const isClientThere of [true, false]) pythons.push(await Programs.start(script, { isClientThere }));
  return pythons as unknown as readonly [Programs, Programs];
}
const pythons: Programs[] = [];

ava.after.always("the Pythons of programs end", async () => {
  await Promise.all(pythons.map((python) => python.end()));
});

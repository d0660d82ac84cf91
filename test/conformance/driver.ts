/** One client's driver as a process, and the languages that have one; see clients/conformance/README.md. */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants, existsSync, readdirSync, readFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { ROOT } from "../support/home.js";
import { PYTHON_CLIENT, pythonCodeCache, pythonEnvironment } from "../support/python-environment.js";

/** A language with a driver, as its conformance.json says. */
export interface Language {
  readonly name: string;
  /** A program that is not there, and without which it can't be run. */
  readonly lacking: string | undefined;
  readonly folder: string;
  readonly build: readonly string[] | undefined;
  readonly run: readonly string[];
}

/** What a driver answers a command with. */
export interface Answer {
  readonly ok?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly code: string; readonly sentence: string; readonly remedy: string };
  readonly cannot?: string;
}

/** How long a driver may take for an answer, or to end: a bound for what hangs. */
const ANSWER_MS_MAX = 240_000;

/** Every language that has a driver, in the order of their names. */
export function languages(): Language[] {
  return ["clients", "clients/conformance"]
    .flatMap((folder) => readdirSync(join(ROOT, folder)).map((name) => join(ROOT, folder, name)))
    .map((folder) => join(folder, "conformance.json"))
    .filter((file) => existsSync(file))
    .map((file) => {
      const said = JSON.parse(readFileSync(file, "utf8")) as Conformance;
      const lacking = said.needs.find((program) => !isOnPath(program));
      return { name: said.language, lacking, folder: dirname(file), build: said.build, run: said.run };
    })
    .sort((one, other) => (one.name < other.name ? -1 : 1));
}

interface Conformance {
  readonly language: string;
  readonly needs: readonly string[];
  readonly build?: readonly string[];
  readonly run: readonly string[];
}

function isOnPath(program: string): boolean {
  return (process.env["PATH"] ?? "").split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** A driver that runs. */
export class Driver {
  readonly language: string;
  /** Ids of its runs by the names that the scenario gives them. */
  readonly runIds = new Map<string, string>();
  /** What it said; whoever begins a scenario with it forgets what came before. */
  stderr = "";
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #closed: Promise<unknown[]>;
  readonly #lines: AsyncIterator<string>;

  private constructor(language: string, child: ChildProcessByStdio<Writable, Readable, Readable>) {
    this.language = language;
    this.#child = child;
    this.#closed = once(child, "close");
    this.#lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    child.stderr.on("data", (bytes: Buffer) => {
      this.stderr += String(bytes);
    });
    // One that was killed takes nothing any more; its answer is missed.
    child.stdin.on("error", () => undefined);
  }

  /** Starts one, built if it has to be, and waits until it is ready. */
  static async start(language: Language, env: Readonly<Record<string, string>>): Promise<Driver> {
    await built(language);
    const [command = "", ...args] = await wordsOf(language.run);
    const more = { PYTHONPATH: join(ROOT, "clients/python/src"), PYTHONPYCACHEPREFIX: pythonCodeCache() };
    const child = spawn(command, args, {
      cwd: language.folder,
      env: { ...env, ...more },
      stdio: ["pipe", "pipe", "pipe"],
    });
    const driver = new Driver(language.name, child);
    const ready = (await driver.#next()) as { ready?: { language?: string } };
    if (ready.ready?.language === language.name) return driver;
    throw new Error(`${language.name}: the first line is ${JSON.stringify(ready)}`);
  }

  /** Has a command done. */
  async tell(command: Readonly<Record<string, unknown>>): Promise<Answer> {
    this.#child.stdin.write(`${JSON.stringify(command)}\n`);
    const answer = (await this.#next()) as Answer;
    const runId = answer.ok?.["run_id"];
    if (command["do"] === "start_run" && typeof runId === "string")
      this.runIds.set(String(command["run"]), runId);
    return answer;
  }

  /** Lets it end by itself; resolves to its exit code. */
  async end(): Promise<number | null> {
    this.#child.stdin.end();
    const [code] = await this.#inTime("its end", this.#closed);
    return code as number | null;
  }

  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#closed;
  }

  async #next(): Promise<unknown> {
    const { value, done } = await this.#inTime("an answer", this.#lines.next());
    if (done) throw new Error(`${this.language}: the driver ended. It said:\n${this.stderr}`);
    return JSON.parse(value) as unknown;
  }

  async #inTime<Value>(what: string, promise: Promise<Value>): Promise<Value> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      const sentence = `${this.language}: ${what} did not come in ${ANSWER_MS_MAX / 1_000} s.`;
      timer = setTimeout(() => {
        this.#child.kill("SIGKILL");
        reject(new Error(`${sentence} It said:\n${this.stderr}`));
      }, ANSWER_MS_MAX);
    });
    try {
      return await Promise.race([promise, late]);
    } finally {
      clearTimeout(timer);
    }
  }
}

const builds = new Map<string, Promise<void>>();

function built(language: Language): Promise<void> {
  const known = builds.get(language.name) ?? buildDriver(language);
  builds.set(language.name, known);
  return known;
}

async function buildDriver({ name, build, folder }: Language): Promise<void> {
  if (build === undefined) return;
  const [command = "", ...args] = await wordsOf(build);
  const child = spawn(command, args, { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (bytes: Buffer) => {
      said += String(bytes);
    });
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0) throw new Error(`${name}: the driver can't be built:\n${said}`);
}

async function wordsOf(words: readonly string[]): Promise<string[]> {
  const python = words.includes("$PYTHON") ? await pythonEnvironment(PYTHON_CLIENT) : "";
  return words.map((word) => (word === "$NODE" ? process.execPath : word === "$PYTHON" ? python : word));
}

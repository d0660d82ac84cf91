/** Programs in a Python that has imported MLflow already: one such process for all test files, see warm_mlflow.py. */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { closeSync, existsSync, openSync, readFileSync } from "node:fs";
import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { deadlineAfter, poll } from "../../src/home/wait.js";
import { locked, MLFLOW_3, pythonEnvironment } from "./python-environment.js";

/** A script that runs. It ends when `stream` does, and the other way round. */
export interface WarmScript {
  readonly pid: number;
  /** Its standard input, and its output and errors. */
  readonly stream: Socket;
}

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const SCRIPT = join(ROOT, "test/support/warm_mlflow.py");
const STAND_IN = join(ROOT, "test/support/warm_python.py");
/** Importing MLflow takes a minute where other tests keep the processors. */
const START_MS_MAX = 240_000;

/** Puts an empty database of MLflow 3 where a server is to find it. */
export async function placeEmptyDatabase(path: string): Promise<void> {
  const python = await pythonEnvironment(MLFLOW_3);
  const empty = emptyDatabaseOf(python);
  if (!existsSync(empty)) (await connected(python)).destroy();
  await copyFile(empty, path);
}

/** Runs a script of this project with MLflow 3. */
export async function runWarm(
  argv: readonly [string, ...string[]],
  env: Readonly<Record<string, string | undefined>>,
  cwd: string,
): Promise<WarmScript> {
  const python = await pythonEnvironment(MLFLOW_3);
  const request = `${JSON.stringify({ argv: [join(ROOT, argv[0]), ...argv.slice(1)], env, cwd })}\n`;
  for (;;) {
    const stream = await connected(python);
    stream.write(request);
    const pid = await firstLine(stream);
    // It had waited for two minutes and was about to end.
    if (pid !== undefined) return { pid: Number(pid), stream };
  }
}

/**
 * Puts a program of MLflow 3's Python at a path: it imports a server's modules for no more than their first time, three
 * seconds of a processor. What installs and starts the real one is cli/integration's.
 */
export async function placeWarmPython(path: string): Promise<void> {
  const python = await pythonEnvironment(MLFLOW_3);
  (await connected(python)).destroy();
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const words = [python, "-IS", STAND_IN, python, socketOf(python)].map((word) => `'${word}'`);
  await writeFile(path, `#!/bin/sh\nexec ${words.join(" ")} "$@"\n`, { mode: 0o755 });
}

/** A process of another state of the script does something else, and one of another home has its files there. */
function socketOf(python: string): string {
  const state = createHash("sha256")
    .update(readFileSync(SCRIPT))
    .update(dirname(dirname(python)))
    .digest("hex")
    .slice(0, 16);
  return join(tmpdir(), `stepwell-${process.getuid?.() ?? ""}-${state}.sock`);
}

async function connected(python: string): Promise<Socket> {
  const environment = dirname(dirname(python));
  const path = socketOf(python);
  const running = await tryConnect(path);
  if (running) return running;
  return await locked(`${environment}.warm.lock`, async () => {
    const other = await tryConnect(path);
    if (other) return other;
    // More threads than one only wait for each other: other tests keep the processors.
    const threads = { OMP_NUM_THREADS: "1", OPENBLAS_NUM_THREADS: "1" };
    const env = { ...process.env, ...threads, MLFLOW_DISABLE_TELEMETRY: "true" };
    const log = openSync(`${environment}.warm.log`, "w");
    const child = spawn(python, [SCRIPT, path, emptyDatabaseOf(python)], {
      env,
      detached: true,
      stdio: ["ignore", log, log],
    });
    child.unref();
    closeSync(log);
    const started = await poll(deadlineAfter(START_MS_MAX), async () =>
      child.exitCode === null ? await tryConnect(path) : undefined,
    );
    if (!started) throw new Error(`${SCRIPT} does not answer; see ${environment}.warm.log`);
    return started;
  });
}

function emptyDatabaseOf(python: string): string {
  return join(dirname(dirname(python)), "empty-mlflow.db");
}

async function tryConnect(path: string): Promise<Socket | undefined> {
  const socket = connect(path);
  try {
    await once(socket, "connect");
    return socket;
  } catch {
    // Nobody is there.
    return undefined;
  }
}

/** Undefined if the stream ends before. What comes behind the line stays in the stream. */
async function firstLine(stream: Socket): Promise<string | undefined> {
  let text = "";
  stream.on("error", () => undefined);
  while (!stream.readableEnded && !stream.destroyed) {
    for (let byte: Buffer | null = stream.read(1); byte !== null; byte = stream.read(1)) {
      if (byte[0] === 10) return text;
      text += byte.toString();
    }
    await Promise.race([once(stream, "readable"), once(stream, "close")]);
  }
  return undefined;
}

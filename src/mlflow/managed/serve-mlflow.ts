/** Runs `mlflow ui` on a store, for this machine alone, until somebody ends it. */
import { type ChildProcess, spawn } from "node:child_process";
import { createServer } from "node:net";
import { EXIT } from "../../errors/row.js";
import { StepwellError } from "../../errors/stepwell-error.js";
import type { Environment } from "../../home/endpoint.js";
import { deadlineAfter, poll } from "../../home/wait.js";
import { SERVER_START_MS_MAX, WITHOUT_JOBS } from "./serve-child.js";

/** What is served, and where. */
export interface ServedStore {
  readonly databasePath: string;
  readonly artifactRoot: string;
  readonly port: number;
}

const HOST = "127.0.0.1";
/** MLflow's own port. */
const PORT_DEFAULT = 5000;
const PROBE_MS_MAX = 2_000;

/**
 * The port that was asked for, or MLflow's own, or else any that is free. Throws
 * STEPWELL_PORT_TAKEN for one that was asked for and is in use.
 */
export async function freePort(asked: number | undefined): Promise<number> {
  const wanted = await tryPort(asked ?? PORT_DEFAULT);
  if (wanted !== undefined) return wanted;
  const any = asked === undefined ? await tryPort(0) : undefined;
  if (any !== undefined) return any;
  throw new StepwellError("STEPWELL_PORT_TAKEN", `Port ${asked} of ${HOST} can't be had.`);
}

/** Resolves to the exit code when MLflow has ended; `onReady` gets the address once it answers. */
export async function serveMlflow(
  env: Environment,
  interpreter: string,
  store: ServedStore,
  onReady: (url: string) => void,
): Promise<number> {
  const url = `http://${HOST}:${store.port}`;
  const child = spawn(interpreter, argumentsOf(store), {
    env: { ...WITHOUT_JOBS, ...env },
    stdio: ["ignore", 2, 2],
  });
  let stopped = false;
  const stop = () => {
    stopped = true;
    child.kill("SIGTERM");
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, stop);
  const ended = endOf(child);
  const answers = poll(deadlineAfter(SERVER_START_MS_MAX), async () => (await isAnswering(url)) || undefined);
  const first = await Promise.race([answers.then((ready) => (ready ? "ready" : "late")), ended]);
  if (first === "ready") onReady(url);
  if (first === "late") stop();
  await ended;
  if (stopped && first !== "late") return EXIT.ok;
  throw new StepwellError(
    "STEPWELL_INTEGRATION_FAILED",
    "MLflow's pages ended by themselves; see what it said.",
  );
}

function argumentsOf({ databasePath, artifactRoot, port }: ServedStore): string[] {
  const uri = `sqlite:///${databasePath}`;
  const where = ["--host", HOST, "--port", String(port), "--workers", "1"];
  return [
    "-m",
    "mlflow",
    "ui",
    "--backend-store-uri",
    uri,
    "--default-artifact-root",
    artifactRoot,
    ...where,
  ];
}

function endOf(child: ChildProcess): Promise<"ended"> {
  return new Promise((resolve) => {
    child.once("error", () => resolve("ended"));
    child.once("close", () => resolve("ended"));
  });
}

async function isAnswering(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/health`, { signal: AbortSignal.timeout(PROBE_MS_MAX) })).ok;
  } catch {
    // Not yet.
    return false;
  }
}

function tryPort(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(undefined));
    server.listen(port, HOST, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" ? address?.port : undefined));
    });
  });
}

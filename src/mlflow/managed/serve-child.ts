/**
 * A process of MLflow's server over a local store: uvicorn in one process (measured: 178 MB; `mlflow server` takes 531 in
 * three), without jobs, on the loopback address, for whoever has its secret or, where it has none, for whoever is here. It
 * gets the secret by its standard input, and ends when that ends: with this process, however that goes.
 */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { StepwellError } from "../../errors/stepwell-error.js";
import type { Environment } from "../../home/endpoint.js";

/** What is served, and by whom. */
export interface ServedFile {
  readonly databasePath: string;
  readonly artifactRoot: string;
  readonly interpreter: string;
  readonly env: Environment;
  /** Where it runs. */
  readonly folder: string;
  /** Any that is free unless given. */
  readonly port?: number;
  /** As a bearer's token; without one it answers everybody on this machine. */
  readonly secret?: string;
}

/** One that runs, or is on its way. */
export interface ServingChild {
  readonly pid: number | undefined;
  /** Its address, once it answers. Rejects with STEPWELL_INTEGRATION_FAILED where it never will. */
  readonly url: Promise<string>;
  readonly ended: Promise<void>;
  /** The last that it said beside its address. */
  notes(): string;
  /** Ends it at once: what it was writing to the file is taken back by SQLite. */
  end(): void;
}

/** How long a server may take to answer. MLflow brings a store of an older form up to date first: 9 s were measured with 5 million points. */
const SERVER_START_MS_MAX = 180_000;
/** Otherwise nine more processes start, each with all of MLflow in it: nobody asked for evaluation jobs. */
const WITHOUT_JOBS = { MLFLOW_SERVER_ENABLE_JOB_EXECUTION: "false" };
const NOTES_CHARACTERS = 2_000;

const SCRIPT = `
import hmac, json, os, socket, sys, threading
told = json.loads(sys.stdin.readline())
def watch():
    # Without a lock, which an interpreter that ends by itself could not get.
    while os.read(0, 4096): pass
    os._exit(0)
threading.Thread(target=watch, daemon=True).start()
os.environ.update(told["environment"])
import uvicorn
from mlflow.server.handlers import initialize_backend_stores
initialize_backend_stores(told["store"], told["store"], told["artifacts"])
from mlflow.server.fastapi_app import app
wanted = b"Bearer " + (told["secret"] or "").encode()
async def guarded(scope, receive, send):
    given = dict(scope.get("headers", [])).get(b"authorization", b"")
    if scope["type"] == "lifespan" or hmac.compare_digest(given, wanted):
        await app(scope, receive, send)
        return
    await send({"type": "http.response.start", "status": 401, "headers": []})
    await send({"type": "http.response.body", "body": b""})
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("127.0.0.1", told["port"]))
listener.listen(128)
print(json.dumps({"port": listener.getsockname()[1]}), flush=True)
served = guarded if told["secret"] else app
uvicorn.Server(uvicorn.Config(served, log_level="warning", timeout_keep_alive=30)).run(sockets=[listener])
`;

export function serveChild({
  databasePath,
  artifactRoot,
  interpreter,
  env,
  folder,
  port = 0,
  secret,
}: ServedFile): ServingChild {
  const store = `sqlite:///${databasePath}`;
  const child = spawn(interpreter, ["-c", SCRIPT], {
    cwd: folder,
    env: { ...env, MLFLOW_DISABLE_TELEMETRY: "true", ...WITHOUT_JOBS },
    stdio: ["pipe", "pipe", "pipe"],
  });
  // Without a free file there are none, and its error comes later.
  const { stdin, stdout, stderr }: Partial<typeof child> = child;
  // One that ended early can't be told.
  stdin?.on("error", () => undefined);
  const environment = {
    _MLFLOW_SERVER_FILE_STORE: store,
    _MLFLOW_SERVER_REGISTRY_STORE: store,
    _MLFLOW_SERVER_ARTIFACT_ROOT: artifactRoot,
    _MLFLOW_SERVER_ARTIFACT_DESTINATION: artifactRoot,
    _MLFLOW_SERVER_SERVE_ARTIFACTS: "true",
    _MLFLOW_SGI_NAME: "uvicorn",
  };
  const told = { store, artifacts: artifactRoot, port, secret: secret ?? null, environment };
  stdin?.write(`${JSON.stringify(told)}\n`);
  let said = "";
  const ended = new Promise<void>((resolve) => {
    child.once("error", ({ message }) => {
      said += message;
      resolve();
    });
    child.once("close", () => resolve());
  });
  const end = () => void child.kill("SIGKILL");
  stderr?.setEncoding("utf8").on("data", (text: string) => {
    said = (said + text).slice(-NOTES_CHARACTERS);
  });
  const notes = () => said.trim();
  return { pid: child.pid, ended, end, notes, url: addressOf(stdout, ended, end, notes) };
}

async function addressOf(
  stdout: NodeJS.ReadableStream | undefined,
  ended: Promise<void>,
  end: () => void,
  notes: () => string,
): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  const port = await Promise.race([
    new Promise<number>((resolve) => {
      if (stdout)
        createInterface({ input: stdout }).on("line", (line) => {
          // What it imports may print.
          const [, found] = /^\{"port": (\d+)\}$/.exec(line) ?? [];
          if (found !== undefined) resolve(Number(found));
        });
    }),
    ended.then(() => "it ended" as const),
    new Promise<"it did not answer in time">((resolve) => {
      timer = setTimeout(resolve, SERVER_START_MS_MAX, "it did not answer in time");
    }),
  ]).finally(() => clearTimeout(timer));
  if (typeof port === "number") return `http://127.0.0.1:${port}`;
  end();
  throw new StepwellError(
    "STEPWELL_INTEGRATION_FAILED",
    `MLflow's server did not start: ${port}. ${notes()}`,
  );
}

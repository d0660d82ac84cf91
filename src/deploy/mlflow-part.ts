/**
 * MLflow's server of a deployment: uvicorn in one process, with MLflow's own users, artifacts through the server, without
 * jobs, on the loopback address. The administrator's password comes by standard input, once; MLflow keeps a hash of it. A
 * password that was changed in the secret store counts from the next begin on. A database of an older MLflow is brought up to date
 * at a start, which `mlflow server` refuses to do; of SQLite's a copy stays beside it.
 */
import { randomBytes } from "node:crypto";
import { get } from "node:http";
import { join } from "node:path";
import type { Environment } from "../home/endpoint.js";
import { readPlainSync } from "../home/plain-file.js";
import { replaceFile } from "../home/replace-file.js";
import { makeOwnFolder } from "./deployment.js";
import type { Part } from "./part.js";
import { LOOPBACK, takesConnections } from "./port.js";

/** How long a server may take to say that it is there. */
const HEALTH_MS_MAX = 2_000;
const END_MS_MAX = 15_000;

export interface MlflowPartOptions {
  /** The deployment's. */
  readonly folder: string;
  /** A Python with MLflow. */
  readonly interpreter: string;
  /** The environment of the supervisor. */
  readonly env: Environment;
  readonly port: number;
  /** Where runs are kept, and users; as SQLAlchemy takes them. */
  readonly storeUri: string;
  readonly usersUri: string;
  /** Where artifacts are kept: a folder or a bucket. */
  readonly artifacts: string;
  readonly username: string;
  readonly password: string;
}

const SCRIPT = `
import json, os, socket, sys, threading
told = json.loads(sys.stdin.readline())
def watch():
    # Without a lock, which an interpreter that ends by itself could not get.
    while os.read(0, 4096): pass
    os._exit(0)
threading.Thread(target=watch, daemon=True).start()
# Before MLflow is there, which takes seconds: what answers at the port meanwhile would be taken for it.
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind((told["host"], told["port"]))
os.environ.update(told["environment"])
username, password = told["username"], told["password"]
admin = dict(MLFLOW_AUTH_ADMIN_USERNAME=username, MLFLOW_AUTH_ADMIN_PASSWORD=password) if password else {}
os.environ.update(admin)
import sqlalchemy, uvicorn
from mlflow.store.db import utils as schema
engine = sqlalchemy.create_engine(told["store"])
if sqlalchemy.inspect(engine).has_table("alembic_version"):
    try: schema._verify_schema(engine)
    except Exception:
        # Of an older MLflow. MLflow's migrations are not sure to be undone where one fails.
        if engine.url.database and engine.dialect.name == "sqlite":
            import sqlite3
            with sqlite3.connect(engine.url.database) as old, sqlite3.connect(engine.url.database + ".before") as copy: old.backup(copy)
        schema._upgrade_db(engine)
engine.dispose()
from mlflow.server.handlers import initialize_backend_stores
initialize_backend_stores(told["store"], told["store"], told["root"])
from mlflow.server import auth
app = auth.create_app()
for name in admin: del os.environ[name]
if password and not auth.store.authenticate_user(username, password):
    auth.store.update_user(username, password=password)
del password, admin, told["password"]
listener.listen(128)
uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_keep_alive=30)).run(sockets=[listener])
`;

/** The server, as the supervisor runs it. */
export function mlflowPart(options: MlflowPartOptions): Part {
  const { folder, interpreter, env, port, artifacts } = options;
  const configFile = join(folder, "basic_auth.ini");
  const keyFile = join(folder, "forms.key");
  let password = options.password;
  return {
    name: "mlflow",
    prepare: async () => {
      await replaceFile(configFile, usersConfig(options));
      await keepKey(keyFile);
      if (artifacts.startsWith("/")) makeOwnFolder(artifacts);
    },
    command: () => ({
      program: interpreter,
      args: ["-c", SCRIPT],
      cwd: folder,
      env: {
        ...env,
        MLFLOW_DISABLE_TELEMETRY: "true",
        // Otherwise nine more processes start, each with all of MLflow in it: nobody asked for evaluation jobs.
        MLFLOW_SERVER_ENABLE_JOB_EXECUTION: "false",
      },
      input: `${JSON.stringify(whatIsTold(options, { configFile, keyFile, password }))}\n`,
    }),
    isPortTaken: () => takesConnections(port),
    answers: async () => {
      const isThere = await answersHealth(port);
      if (isThere) password = "";
      return isThere;
    },
    endSignal: "SIGTERM",
    endMsMax: END_MS_MAX,
  };
}

/** Whether something says at a port that it is well. */
function answersHealth(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get({ host: LOOPBACK, port, path: "/health", timeout: HEALTH_MS_MAX }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.on("timeout", () => request.destroy());
    request.on("error", () => resolve(false));
  });
}

function whatIsTold(
  { port, storeUri, artifacts, username }: MlflowPartOptions,
  { configFile, keyFile, password }: { configFile: string; keyFile: string; password: string },
): object {
  const root = "mlflow-artifacts:/";
  const environment = {
    _MLFLOW_SERVER_FILE_STORE: storeUri,
    _MLFLOW_SERVER_REGISTRY_STORE: storeUri,
    _MLFLOW_SERVER_ARTIFACT_ROOT: root,
    _MLFLOW_SERVER_ARTIFACT_DESTINATION: artifacts,
    _MLFLOW_SERVER_SERVE_ARTIFACTS: "true",
    _MLFLOW_SGI_NAME: "uvicorn",
    MLFLOW_AUTH_CONFIG_PATH: configFile,
    MLFLOW_FLASK_SERVER_SECRET_KEY: readPlainSync(keyFile),
  };
  return { host: LOOPBACK, port, store: storeUri, root, environment, username, password };
}

/** A password is hashed anew for each request that is not remembered: 0.1 s of a processor. One process has one memory. */
function usersConfig({ usersUri, username }: MlflowPartOptions): string {
  return [
    "[mlflow]",
    "default_permission = READ",
    `database_uri = ${usersUri.replaceAll("%", "%%")}`,
    `admin_username = ${username}`,
    "authorization_function = mlflow.server.auth:authenticate_request_basic_auth",
    "auth_cache_ttl_seconds = 60",
    "",
  ].join("\n");
}

/** What MLflow signs its forms with stays the same, so that a page that is open outlives a restart. */
async function keepKey(file: string): Promise<void> {
  try {
    if (readPlainSync(file) !== "") return;
  } catch {
    // It is made now.
  }
  await replaceFile(file, randomBytes(32).toString("hex"));
}

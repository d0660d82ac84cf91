/** What a deployment's server does with a database of an older MLflow before it serves. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { mlflowPart } from "../../src/deploy/mlflow-part.js";
import { scratchFolder } from "../support/folder.js";
import { freePort } from "../support/free-port.js";
import { MLFLOW_3, PYTHON_ENVIRONMENT_MS_MAX } from "../support/python-environment.js";
import { serialTestWith } from "../support/test-with.js";
import { placeEmptyDatabase, placeWarmPython } from "../support/warm-mlflow.js";

/** A newer MLflow: it has one more migration, of a column. MLflow itself only makes up for tables that are lacking. */
const newerMlflow = (folder: string) => `
import sqlite3
import mlflow.server.handlers, mlflow.store.db.utils
older, config = mlflow.store.db.utils._get_latest_schema_revision(), mlflow.store.db.utils._get_alembic_config
with open("${folder}/newer.py", "w") as file: file.write(
    f"from alembic import op\\nimport sqlalchemy as sa\\nrevision, down_revision = 'newer', {older!r}\\n"
    "def upgrade(): op.add_column('experiments', sa.Column('newer', sa.Text()))\\n")
def with_newer(*words, **more):
    made = config(*words, **more)
    made.set_main_option("path_separator", "space")
    made.set_main_option("version_locations", made.get_main_option("script_location") + "/versions ${folder}")
    return made
mlflow.store.db.utils._get_alembic_config = with_newer
begin = mlflow.server.handlers.initialize_backend_stores
def begins(*words):
    begin(*words)
    for path in ("${folder}/mlflow.db", "${folder}/mlflow.db.before"):
        print(*sqlite3.connect(path).execute("SELECT count(*) FROM pragma_table_info('experiments') WHERE name = 'newer'").fetchone())
    raise SystemExit
mlflow.server.handlers.initialize_backend_stores = begins
`;

serialTestWith(MLFLOW_3)(
  "a database of an older MLflow that lacks a column alone is brought up to date, and a copy stays as it was",
  async (t) => {
    t.timeout(PYTHON_ENVIRONMENT_MS_MAX);
    const folder = await scratchFolder(t);
    const interpreter = join(folder, "bin/python");
    await placeWarmPython(interpreter);
    await placeEmptyDatabase(join(folder, "mlflow.db"));
    const part = mlflowPart({
      ...{ folder, interpreter, env: process.env, port: await freePort(), username: "admin", password: "" },
      ...{ storeUri: `sqlite:///${folder}/mlflow.db`, usersUri: `sqlite:///${folder}/users.db` },
      artifacts: join(folder, "artifacts"),
    });
    await part.prepare?.();
    const { program, args, cwd, env, input } = part.command();
    const words = ["-c", `${newerMlflow(folder)}${args[1]}`];
    const child = spawn(program, words, { cwd, env, stdio: ["pipe", "pipe", "pipe"] });
    child.stdin.write(input);
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
    t.is(stdout, "1\n0\n", stderr);
  },
);

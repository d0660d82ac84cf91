/** The reference of the environment and of the files of a home. */
import { readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { root } from "../install.mjs";
import { loadSource } from "./load-source.mjs";
import { table } from "./table.mjs";
import { VARIABLES } from "./variables.mjs";

const FOLDERS = ["src", "clients/python/src", "clients/typescript/src", "scripts/package/stepwell_command"];
/** Names that are read from an environment, whosever they are. */
const READ = /(?:env(?:ironment|iron)?)(?:\[|\.get\()"([A-Z][A-Z_]*)"/g;
/** Our own names in quotes, also where a constant holds one. */
const OURS = /["'](STEPWELL_[A-Z_]+)["']/g;
/** Read to be passed on, or another program's: MLflow's own pages describe it. */
const FOREIGN = new Set([
  ...["MLFLOW_TRACKING_URI", "MASTER_ADDR"],
  ...["SLURM_STEP_ID", "SLURM_STEP_NUM_NODES", "SLURM_NNODES"],
]);

/** What lies in a home; the paths that every program knows are checked to be among it. */
const FILES = {
  "endpoint.json":
    "Where the daemon answers: its process, socket and version. It is there while a daemon runs.",
  "run/": "The socket, and locks. Nothing to keep.",
  "log/": "The daemon's log: `stepwell daemon logs`.",
  "journal/": "What was logged and is not delivered yet. **Don't remove it.**",
  "state/": "Components, stacks, names of secrets, runs, and how far each is delivered. **Don't remove it.**",
  "home-id": "The home's own id, once more.",
  "spool/": "Artifacts that wait for their server.",
  "client-spools/":
    "What programs logged and the daemon has not taken yet, also of programs that are gone. **Don't remove it.**",
  "step-ends/": "Notes of clients: how a run ended while no daemon could be told.",
  "vault/": "Secrets, encrypted, where there is no keychain.",
  "artifact_stores/default/": "The local tracker's store: `mlflow.db` and its artifacts. MLflow opens it.",
  "integrations/": "What `integration install` made: in the usual home, for all homes of the user.",
  "deployments/":
    "Servers that `experiment-tracker deploy` started, a folder each with what they keep. **Don't remove it.**",
  "bin/": "The command, for programs inside of `stepwell run`.",
  "outputs/":
    "What programs of `stepwell run` have written so far, a file each, for their `output.log`: kept where the command is killed.",
  "curves/":
    "Curves of runs, a file each, in buckets. May be removed: what the journal or a local store still has of them is read again.",
  notified: "When the command of `STEPWELL_NOTIFY` was called last. May be removed.",
  reserve: "Room to be given back when the disk is full.",
};

/** Each variable: who reads it, what is used without it, what it does. */
export async function listVariables() {
  const read = await namesRead();
  const missing = [...read].filter((name) => !(name in VARIABLES) && !FOREIGN.has(name));
  if (missing.length > 0) throw new Error(`Describe in scripts/docs/variables.mjs: ${missing.join(", ")}`);
  const unread = Object.keys(VARIABLES).filter((name) => !read.has(name));
  if (unread.length > 0)
    throw new Error(`scripts/docs/variables.mjs has what nothing reads: ${unread.join(", ")}`);
  const rows = Object.entries(VARIABLES).map(([name, { who, usual, meaning }]) => [
    `\`${name}\``,
    who,
    usual,
    meaning,
  ]);
  return table(["variable", "read by", "without it", "meaning"], rows);
}

/** Each file and folder of a home. */
export async function listFiles() {
  const { homeOf } = await loadSource("src/home/endpoint.ts");
  const home = join(root, "home");
  const { home: _, socketFolders: __, ...paths } = homeOf({ STEPWELL_HOME: home });
  for (const path of Object.values(paths)) {
    const name = relative(home, path).split(sep).join("/");
    if (name.startsWith("..")) continue;
    const isKnown = Object.keys(FILES).some((each) => `${name}/`.startsWith(each) || name === each);
    if (!isKnown) throw new Error(`Describe in scripts/docs/configuration.mjs: ${name}`);
  }
  return table(
    ["in the home", "what it is"],
    Object.entries(FILES).map(([name, meaning]) => [`\`${name}\``, meaning]),
  );
}

async function namesRead() {
  const { ERRORS } = await loadSource("src/errors/table.ts");
  const { CLIENT_ERRORS } = await loadSource("src/errors/client-table.ts");
  const codes = { ...ERRORS, ...CLIENT_ERRORS };
  const names = new Set();
  for (const text of sources()) {
    for (const [, name] of text.matchAll(READ)) names.add(name);
    for (const [, name] of text.matchAll(OURS)) if (!(name in codes)) names.add(name);
  }
  if (names.size < 10) throw new Error("the sources that read the environment were not found");
  return names;
}

function sources() {
  return FOLDERS.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true })
      .filter((name) => /\.(?:ts|py)$/.test(name) && !/(?:^|\/)(?:gen|v1)\//.test(name))
      .map((name) => readFileSync(join(root, folder, name), "utf8")),
  );
}

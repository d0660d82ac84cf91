/** The files of deploy/: each is what its reader takes it for, and the scripts are run, with stand-ins for SLURM's programs. */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import ava from "ava";
import { parseAllDocuments } from "yaml";
import { ensureBundle } from "../support/bundle.js";
import { ROOT, scratchHome } from "../support/home.js";
import { until } from "../support/until.js";

const DEPLOY = join(ROOT, "deploy");

interface Mounted {
  readonly name: string;
  readonly mountPath: string;
}

interface Container {
  readonly env?: readonly { readonly name: string; readonly value: string }[];
  readonly args?: readonly string[];
  readonly volumeMounts: readonly Mounted[];
  readonly securityContext?: { readonly runAsUser?: number; readonly readOnlyRootFilesystem?: boolean };
}

interface PodSpec {
  readonly terminationGracePeriodSeconds: number;
  readonly securityContext: { readonly runAsUser: number };
  readonly initContainers?: readonly Container[];
  readonly containers: readonly Container[];
  readonly volumes: readonly Volume[];
}

interface Volume {
  readonly name: string;
  readonly hostPath?: { readonly path: string };
  readonly persistentVolumeClaim?: { readonly claimName: string };
}

interface Resource {
  readonly kind: string;
  readonly spec: PodSpec & { readonly template?: { readonly spec: PodSpec } };
}

function yamlOf<Value>(path: string): Value[] {
  const documents = parseAllDocuments(readFileSync(join(DEPLOY, path), "utf8"), { version: "1.2" });
  return documents.map((document) => {
    const [error] = document.errors;
    if (error) throw new Error(`${path}: ${error.message}`);
    return document.toJS() as Value;
  });
}

/** The home of the image, which who logs beside it has to share. */
const HOME = "/data/stepwell";

/** What outlives a pod; undefined for a folder that goes with it. */
const placeOf = (volume: Volume | undefined) =>
  volume?.hostPath?.path ?? volume?.persistentVolumeClaim?.claimName;

/** A pod that runs the daemon or logs to it: one user, one home on one volume, and time to end. */
for (const file of ["daemonset.yaml", "sidecar.yaml"]) {
  ava(`${file}: who logs and who delivers share a home, a user and a volume, and have time to end`, (t) => {
    const resources = yamlOf<Resource>(`kubernetes/${file}`);
    const pods = resources.filter(({ kind }) => kind !== "PersistentVolumeClaim");
    const specs = pods.map(({ spec }) => spec.template?.spec ?? spec);
    const paths = new Set<string | undefined>();
    let daemons = 0;
    for (const spec of specs) {
      t.true(spec.terminationGracePeriodSeconds >= 30);
      for (const container of [...(spec.initContainers ?? []), ...spec.containers]) {
        for (const { name } of container.volumeMounts)
          t.true(spec.volumes.some((each) => each.name === name));
        if (container.env === undefined) continue;
        const env = Object.fromEntries(container.env.map(({ name, value }) => [name, value]));
        t.is(env["STEPWELL_HOME"], HOME);
        t.is(container.securityContext?.runAsUser ?? spec.securityContext.runAsUser, 1000);
        const mount = container.volumeMounts.find(({ mountPath }) => HOME.startsWith(`${mountPath}/`));
        const path = placeOf(spec.volumes.find(({ name }) => name === mount?.name));
        t.truthy(path, "the home is on a volume that outlives its pod");
        paths.add(path);
        if (container.args?.join(" ") === "daemon run") {
          daemons++;
          t.true(container.securityContext?.readOnlyRootFilesystem);
        } else t.is(env["STEPWELL_AUTOSTART"], "0", "who logs starts no daemon of its own");
      }
    }
    t.is(daemons, 1);
    t.is(paths.size, 1, "one volume for all");
  });
}

ava("the compose file's containers share a home and a user; the image runs the daemon as no root", (t) => {
  const [{ services } = { services: {} }] = yamlOf<{
    services: Record<
      string,
      {
        user: string;
        volumes: string[];
        environment?: Record<string, string>;
        read_only?: boolean;
        stop_grace_period?: string;
      }
    >;
  }>("container/compose.yaml");
  t.deepEqual(Object.keys(services), ["stepwell", "training"]);
  for (const { user, volumes } of Object.values(services)) {
    t.is(user, "1000:1000");
    t.true(volumes.includes("stepwell:/data"));
    for (const [from = ""] of volumes
      .map((each) => each.split(":"))
      .filter(([each]) => each?.startsWith(".")))
      t.true(existsSync(join(DEPLOY, "container", from)) || from === "../../dist", from);
  }
  t.like(services["training"]?.environment, { STEPWELL_HOME: HOME, STEPWELL_AUTOSTART: "0" });
  t.is(services["stepwell"]?.environment, undefined, "the image says where the home is");
  t.like(services["stepwell"], { read_only: true, stop_grace_period: "30s" });
  const lines = readFileSync(join(DEPLOY, "container/Containerfile"), "utf8").split("\n");
  for (const line of [
    'CMD ["daemon", "run"]',
    "USER 1000",
    `ENV STEPWELL_HOME=${HOME}`,
    "STOPSIGNAL SIGTERM",
  ])
    t.true(lines.includes(line), line);
});

ava("a SLURM job is told two minutes before its end, and waits for a delivery for a minute at most", (t) => {
  const linesOf = (name: string) => readFileSync(join(DEPLOY, "slurm", name), "utf8");
  t.regex(linesOf("train.sbatch"), /^#SBATCH --signal=B:USR1@120$/m);
  t.regex(linesOf("train.sbatch"), /^#SBATCH --requeue$/m);
  for (const name of ["train.sbatch", "epilog.sh"]) t.regex(linesOf(name), /stepwell flush --timeout 60\b/);
});

ava("the shell scripts are ones", (t) => {
  const scripts = readdirSync(join(DEPLOY, "slurm"));
  t.deepEqual(scripts.sort(), ["epilog.sh", "prolog.sh", "train.sbatch"]);
  for (const name of scripts) {
    const text = readFileSync(join(DEPLOY, "slurm", name), "utf8");
    // The test of a job sets this variable; a cluster need not.
    t.is(text.match(/NODE_FOLDER/g)?.length, 1, name);
    t.regex(text, /"\$\{NODE_FOLDER:-\/var\/tmp\/stepwell\}["/]/, name);
    const { status, stderr } = spawnSync("bash", ["-n", join(DEPLOY, "slurm", name)], { encoding: "utf8" });
    t.is(status, 0, stderr);
  }
});

/** Ends a process with all that it started, if any of them is left. */
function endGroup(pid: number | undefined): void {
  try {
    process.kill(-(pid ?? 0), "SIGKILL");
  } catch {
    // They have ended by themselves.
  }
}

const isRoot = process.getuid?.() === 0;
/** The prolog gives a folder to a user, and the epilog becomes that user. */
const test = isRoot && process.platform === "linux" ? ava : ava.skip;

test("a SLURM job's run survives the signal before a preemption, is delivered, and the epilog delivers what a job left", async (t) => {
  const command = await ensureBundle();
  const scratch = await scratchHome(t);
  const folder = join(scratch.paths.home, "..");
  const bin = join(folder, "bin");
  await mkdir(bin);
  const programs = {
    // Its options are SLURM's affair; what it passes signals on to is the program.
    srun: 'while case "$1" in --*) true;; *) false;; esac; do shift; done\nexec "$@"',
    stepwell: `exec '${process.execPath}' '${command}' "$@"`,
    // Logs, and ends with a checkpoint when it is told to.
    python: `trap 'stepwell param checkpoint=7; exit 0' USR1
stepwell log loss=0.5 --step 1
touch "$NODE_FOLDER/logged"
while :; do sleep 0.05; done`,
  };
  for (const [name, text] of Object.entries(programs))
    await writeFile(join(bin, name), `#!/bin/bash\n${text}\n`, { mode: 0o755 });
  const job = { SLURM_JOB_NAME: "train", SLURM_JOB_ID: "17", SLURM_JOB_NUM_NODES: "1" };
  const user = { SLURM_JOB_UID: "0", SLURM_JOB_GID: "0" };
  const node = { NODE_FOLDER: join(folder, "node") };
  const home = join(node.NODE_FOLDER, "0/home");
  // The teardown of the scratch home ends what has its home in its environment.
  const env = { ...scratch.env, ...job, ...user, ...node, PATH: `${bin}:${process.env["PATH"]}` };
  t.teardown(() =>
    spawnSync(join(bin, "stepwell"), ["daemon", "stop"], { env: { ...env, STEPWELL_HOME: home } }),
  );

  t.is(spawnSync("sh", [join(DEPLOY, "slurm/prolog.sh")], { env }).status, 0);
  t.is(statSync(join(node.NODE_FOLDER, "0")).mode & 0o777, 0o700);
  const own = { STEPWELL_HOME: home };
  await scratch.here(["experiment-tracker", "register", "t", "--flavor=mlflow"], own);
  await scratch.here(["stack", "register", "s", "-e", "t", "--set"], own);

  await copyFile(join(DEPLOY, "slurm/train.sbatch"), join(folder, "train.sbatch"));
  const batch = spawn("bash", [join(folder, "train.sbatch")], {
    env,
    cwd: folder,
    detached: true,
    stdio: "ignore",
  });
  t.teardown(() => endGroup(batch.pid));
  await until("the program logs", () => existsSync(join(node.NODE_FOLDER, "logged")), Boolean);
  batch.kill("SIGUSR1");
  const { exitCode, signalCode } = await until(
    "the job has ended",
    () => batch,
    (each) => each.exitCode !== null || each.signalCode !== null,
  );
  t.deepEqual([exitCode, signalCode], [0, null]);
  const stopped = await scratch.here(["daemon", "status"], own);
  t.is(stopped.code, 3, "no daemon of the job's is left behind");

  // What a job left: a daemon that was killed with its step, as SLURM does it.
  const left = spawnSync(join(bin, "stepwell"), ["run", "--", "stepwell", "log", "loss=1"], {
    env: { ...env, ...own },
  });
  t.is(left.status, 0, String(left.stderr));
  const { pid } = JSON.parse(readFileSync(join(home, "endpoint.json"), "utf8")) as { pid: number };
  process.kill(pid, "SIGKILL");
  t.is(spawnSync("sh", [join(DEPLOY, "slurm/epilog.sh")], { env, encoding: "utf8" }).stderr, "");
  t.is((await scratch.here(["daemon", "status"], own)).code, 3, "the epilog leaves no daemon behind");

  await scratch.here(["daemon", "start"], own);
  const runs = await scratch.here(["runs", "list", "-o", "json"], own);
  const listed = JSON.parse(runs.stdout) as { run_id: string; run_name: string }[];
  t.is(listed.length, 2);
  for (const run of listed) t.like(run, { status: "FINISHED", journaled_points: 1 });
  const job17 = listed.find(({ run_name }) => run_name === "train-17");
  const shown = await scratch.here(["runs", "show", job17?.run_id ?? "", "-o", "json"], own);
  t.like(
    JSON.parse(shown.stdout),
    { params: { checkpoint: "7" } },
    "it wrote its checkpoint when it was told",
  );
  const status = await scratch.here(["status", "-o", "json"], own);
  t.like(JSON.parse(status.stdout), { queued_points: 0, dead_letters: 0 });
  await scratch.here(["daemon", "stop"], own);
});

/**
 * The whole of Stepwell in one command, as the first one ever typed in a clone: `npm run demo`.
 *
 * Installs and builds what is missing, starts a daemon in a scratch home, registers a tracker and a
 * stack, trains a real model that streams to the daemon, flushes, reads the run back from MLflow's own
 * SQLite file and plots it. `npm run demo -- --typescript` does not look for Python. The home stays for
 * MLflow to open; the daemon is stopped, also after a failure or Ctrl-C. Exits with 0 only if every
 * point that was sent has been acknowledged and delivered. `npm run demo -- --relay` delivers to PostgreSQL through two
 * relays, and kills one of them in the middle; it needs the tools of the tests, and makes their MLflow from PyPI once.
 */
import { mkdtempSync, readdirSync, realpathSync, statSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "./build.mjs";
import { DemoError, environmentOf, quote, stepwell } from "./demo/commands.mjs";
import { outlookOf, shownWhile } from "./demo/outlook.mjs";
import { openProgress } from "./demo/progress.mjs";
import { openRelays } from "./demo/relays.mjs";
import { report } from "./demo/report.mjs";
import { lacksPython, prepareTraining, train } from "./demo/training.mjs";
import { installMeanwhile, isInstalled, root } from "./install.mjs";

async function main(args) {
  const unknown = args.find((arg) => !["--typescript", "--relay"].includes(arg));
  if (unknown !== undefined)
    throw new DemoError(`There is no option ${unknown}; there are --typescript and --relay.`);
  const isTypeScriptForced = args.includes("--typescript");
  const hasRelays = args.includes("--relay");
  const missing = {
    packages: !isInstalled({ tools: hasRelays }),
    build: !isBuilt(),
    python: lacksPython({ isTypeScriptForced }),
  };
  console.log(outlookOf(missing));
  const installing = () => installMeanwhile({ tools: hasRelays });
  if (missing.packages && !(await shownWhile("installing packages (npm ci)", installing())))
    throw new DemoError("The packages can't be installed; the reason is above.");
  if (missing.build) {
    console.log("building ...");
    if (!build()) throw new DemoError("The build failed; the reason is above.");
  }
  const training = await prepareTraining({ isTypeScriptForced });
  const home = realpathSync(mkdtempSync(join(tmpdir(), "stepwell-demo-")));
  const relays = hasRelays ? await openRelays() : undefined;
  try {
    const result = await withDaemon(home, (context) => stream(training, { ...context, relays }));
    await report(training, { ...result, relays });
  } finally {
    await relays?.close();
  }
}

/** Does the work with a daemon in the home, which is stopped whatever becomes of the work. */
async function withDaemon(home, work) {
  const abort = new AbortController();
  const interrupt = (name) => {
    process.exitCode = 128 + constants.signals[name];
    abort.abort(new DemoError(`Interrupted by ${name}.`));
  };
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(name, interrupt);
  // Whoever reads the output has closed it.
  process.stdout.on("error", () => abort.abort(new DemoError("Nobody reads the demo's output any more.")));
  const env = environmentOf(home);
  let isDone = false;
  try {
    console.log(`\n$ export STEPWELL_HOME=${quote(home)}`);
    await stepwell(["daemon", "start"], { env, signal: abort.signal });
    const result = await work({ home, env, signal: abort.signal });
    isDone = true;
    return result;
  } finally {
    const wait = isDone ? [] : ["--timeout=2"];
    const stopping = stepwell(["daemon", "stop", ...wait], { env });
    // What went wrong before must not be hidden by a stop that fails after it.
    await (isDone ? stopping : stopping.catch((error) => console.error(error.message)));
  }
}

/** Registers, trains and flushes; resolves to what the training and the daemon say of the run. */
async function stream(training, { home, env, signal, relays }) {
  const options = { env, signal };
  const place = relays?.trackerArgs ?? [];
  await stepwell(["experiment-tracker", "register", "tracker", "--flavor=mlflow", ...place], options);
  await stepwell(["stack", "register", "demo", "-e", "tracker", "--set"], options);
  console.log(`\nTraining ${training.title}. Every step streams to the daemon;`);
  const where = relays ? "MLflow's database has" : "MLflow's file has";
  console.log(`points are journaled once they are on its disk, and delivered once ${where} them:`);
  console.log(`$ ${training.shown}`);
  const progress = await openProgress(home, (counts) => relays?.onCounts(counts, progress));
  let trained;
  try {
    trained = await train(training, { ...options, progress });
    progress.endTraining();
    await stepwell(["flush", "--timeout=60"], { ...options, isAnswerShown: false });
    await progress.untilCounted();
  } finally {
    progress.close();
  }
  return { home, ...trained, ...(await deliveryOf(trained.runId, options)) };
}

/** Where the daemon has delivered the run to. */
async function deliveryOf(runId, options) {
  const shown = await stepwell(["runs", "show", runId, "-o", "json"], {
    ...options,
    isAnswerShown: false,
  });
  const delivery = JSON.parse(shown).deliveries[0];
  if (delivery === undefined) throw new DemoError("The daemon knows no delivery of the run.");
  return { uri: delivery.experiment_tracker_url, mlflowRunId: delivery.mlflow_run_id };
}

/** Whether there is a build, and no source is newer than its last step. */
function isBuilt() {
  const modifiedMs = (path) => statSync(join(root, path), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const builtMs = modifiedMs("build/stepwell.js");
  return ["src", "clients/typescript/src", "clients/typescript/examples"].every((folder) =>
    readdirSync(join(root, folder), { recursive: true }).every(
      (name) => modifiedMs(join(folder, name)) <= builtMs,
    ),
  );
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  process.exitCode ||= 1;
  const reason = error instanceof Error ? error.message : String(error);
  console.error(`The demo failed: ${reason}`);
}

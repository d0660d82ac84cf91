/** The end of the demo: the curves, the counts, and where to look at the run. */
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { DemoError, quote } from "./commands.mjs";
import { databasePathOf, readRun } from "./mlflow-database.mjs";

const plotHeight = 8;
const plotWidthMax = 100;

/**
 * Reads the run back from MLflow's file, or from the database behind relays, plots and counts it. Rejects with a DemoError
 * when a point that was sent is not there, or the run has not ended as it should.
 */
export async function report(training, { home, uri, mlflowRunId, sent, acknowledged, elapsedMs, relays }) {
  const metrics = training.curves.map(({ metric }) => metric);
  const { status, points, curves } = relays
    ? await relays.readRun(mlflowRunId, metrics)
    : await readRun(databasePathOf(uri), mlflowRunId, metrics);
  // The command's own drawing, which was built meanwhile.
  const { plot } = await import("../../build/src/cli/output/plot.js");
  const { isUnicode } = await import("../../build/src/cli/output/screen.js");
  const width = Math.min(process.stdout.columns || 80, plotWidthMax);
  for (const { metric, isLog } of training.curves) {
    const drawing = { title: metric, points: curves.get(metric), isLog, width, height: plotHeight };
    console.log(`\n${plot({ ...drawing, isUnicode: isUnicode(process.env) }).join("\n")}`);
  }
  console.log("");
  for (const [what, count] of [
    ["points sent by the training", sent],
    ["acknowledged: on the daemon's disk", acknowledged],
    [`delivered: counted in ${relays ? "PostgreSQL" : "MLflow's file"}`, points],
  ])
    console.log(`${what.padEnd(36)} ${count.toLocaleString("en").padStart(9)}`);
  console.log(`\nThe training took ${(elapsedMs / 1000).toFixed(1)} s. To see its curves in a browser:`);
  console.log(`  STEPWELL_HOME=${quote(home)} npx stepwell ui`);
  // The database behind relays ends with the demo.
  if (!relays)
    console.log(
      `The same run in MLflow's own page:\n  ${mlflowCommand()} ui --backend-store-uri ${quote(uri)}`,
    );
  console.log("");
  console.log(`experiment_tracker_url: ${uri}`);
  console.log(`mlflow_run_id: ${mlflowRunId}`);
  if (sent === 0 || sent !== acknowledged || sent !== points)
    throw new DemoError(
      `Points are missing: ${sent} sent, ${acknowledged} acknowledged, ${points} delivered.`,
    );
  if (status !== "FINISHED") throw new DemoError(`The run's status in MLflow is ${status}, not FINISHED.`);
}

function mlflowCommand() {
  if (isOnPath("mlflow")) return "mlflow";
  return isOnPath("uvx") ? "uvx mlflow" : "pip install mlflow && mlflow";
}

function isOnPath(name) {
  return (process.env.PATH ?? "").split(delimiter).some((folder) => existsSync(join(folder, name)));
}

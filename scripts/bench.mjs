/**
 * Measures what Stepwell promises, beside MLflow's own ways on the same machine in the same
 * run, and prints one table. Benchmarks are no tests: nothing fails for being slow.
 *
 *   npm run bench                     everything, about half an hour
 *   npm run bench -- --quick          smaller amounts, about ten minutes
 *   npm run bench -- --only drain     one figure; its name as in the list that --help prints
 *   npm run bench -- --json FILE      writes the figures, too
 *   npm run bench -- --page FILE      writes them as a page
 */
import { writeFileSync } from "node:fs";
import { cpus, loadavg, totalmem } from "node:os";
import { parseArgs } from "node:util";
import { build } from "./build.mjs";
import { ensureInstalled } from "./install.mjs";

const { values: options } = parseArgs({
  options: {
    quick: { type: "boolean" },
    only: { type: "string" },
    json: { type: "string" },
    page: { type: "string" },
    help: { type: "boolean" },
  },
});

if (!ensureInstalled() || !build()) process.exit(1);
const figures = {
  ...(await import("./bench/figures.mjs")),
  ...(await import("./bench/compiled-clients.mjs")),
  ...(await import("./bench/server.mjs")),
  ...(await import("./bench/step-outage.mjs")),
  ...(await import("./bench/stuck-tracker.mjs")),
  ...(await import("./bench/many-lanes.mjs")),
  ...(await import("./bench/quota.mjs")),
  ...(await import("./bench/short-runs.mjs")),
  ...(await import("./bench/gateway.mjs")),
  ...(await import("./bench/command-line.mjs")),
  ...(await import("./bench/relay.mjs")),
  ...(await import("./bench/curves.mjs")),
  ...(await import("./bench/page.mjs")),
  ...(await import("./bench/observing.mjs")),
  ...(await import("./bench/watch.mjs")),
};
const { measureSlowness } = await import("./bench/slowness.mjs");
const { formatPage, formatTable } = await import("./bench/table.mjs");
const names = [
  "fsync",
  "pythonClient",
  "killedStep",
  "typescriptClient",
  "goClient",
  "javaClient",
  "acknowledgements",
  "drain",
  "besideDrain",
  "peers",
  "shortRuns",
  "serverDrain",
  "relay",
  "gateway",
  "stepOutage",
  "stuckTracker",
  "manyLanes",
  "quota",
  "curves",
  "memoryOfLargeBatches",
  "memoryOfSmallBatches",
  "idle",
  "commandLine",
  "page",
  "watch",
  "systemMetrics",
  "metrics",
];

if (options.page && (options.quick || options.only)) {
  console.error("The page has all figures of one whole run: leave --quick and --only out.");
  process.exit(2);
}
if (options.help || (options.only !== undefined && !names.includes(options.only))) {
  console.log(
    `npm run bench -- [--quick] [--only FIGURE] [--json FILE] [--page FILE]\nfigures: ${names.join(", ")}`,
  );
  process.exit(options.help ? 0 : 2);
}

const busy = loadavg()[0] / cpus().length;
if (busy > 0.5) console.error("Others use this machine: what is measured now says little.");
const slowness = measureSlowness();
const context = { scale: options.quick ? 0.2 : 1 };
const found = [];
let failed = 0;
for (const name of names.filter((each) => options.only === undefined || each === options.only)) {
  const begin = performance.now();
  process.stderr.write(`${name} ...`);
  try {
    found.push(...(await figures[name](context)));
  } catch (error) {
    failed += 1;
    process.stderr.write(` failed: ${error.message}\n`);
    continue;
  }
  process.stderr.write(` ${((performance.now() - begin) / 1000).toFixed(0)} s\n`);
}
const machine = `${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GB, Node ${process.version}`;
const day = new Date().toISOString().slice(0, 10);
console.log(
  `\n${machine}, ${day}; node -e 0 takes ${slowness.toFixed(2)} times as long as on the reference machine\n\n${formatTable(found, slowness)}`,
);
if (failed > 0) console.log(`\n${failed} figures could not be measured: see above`);
if (options.json)
  writeFileSync(options.json, `${JSON.stringify({ machine, slowness, figures: found }, undefined, 2)}\n`);
if (options.page && failed === 0) writeFileSync(options.page, formatPage(found, { machine, day, slowness }));
process.exit(failed > 0 ? 1 : 0);

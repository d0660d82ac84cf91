/** The program behind `npm run scale`. What it does stands in docs/scale.md. */
import { readFileSync, writeFileSync } from "node:fs";
import { cpus, loadavg, totalmem } from "node:os";
import { parseArgs } from "node:util";
import type { Teardown } from "../relay/relay.js";
import { startMlflowPostgres } from "../support/mlflow-postgres.js";
import { lacking, WAYS, type Way } from "./balancers.js";
import { runLightFleet, tooMany } from "./light-fleet.js";
import { descriptorsMax } from "./measures.js";
import { runDaemons } from "./real-daemons.js";
import { daemonRows, lightRows, SECTIONS, withSection } from "./report.js";

const HELP = `npm run scale -- [--clients 1000,10000] [--daemons 200] [--way direct,haproxy,envoy]
  [--packs 3] [--points 20] [--rate 3000] [--json FILE] [--page FILE]
0 clients or 0 daemons: without them. --rate: points in a second of all clients together.`;

const { values } = parseArgs({
  options: {
    clients: { type: "string", default: "1000,10000" },
    daemons: { type: "string", default: "200" },
    way: { type: "string", default: WAYS.join(",") },
    packs: { type: "string", default: "3" },
    points: { type: "string", default: "20" },
    rate: { type: "string", default: "3000" },
    json: { type: "string" },
    page: { type: "string" },
    help: { type: "boolean" },
  },
});

const fleets = values.clients.split(",").map(Number);
const ways = values.way.split(",") as Way[];
const [daemons, packs, points, pointsPerSecond] = [
  ...[values.daemons, values.packs, values.points, values.rate].map(Number),
] as [number, number, number, number];
const areNumbers = [...fleets, daemons, packs, points, pointsPerSecond].every(
  (each) => Number.isSafeInteger(each) && each >= 0,
);
if (values.help || !areNumbers || !ways.every((way) => WAYS.includes(way))) {
  console.log(HELP);
  process.exit(values.help ? 0 : 2);
}

console.log(`${descriptorsMax()} file descriptors are allowed to each process.`);
const missing = [...fleets.map((clients) => tooMany(clients)), ...ways.map(lacking)].filter(Boolean);
for (const each of missing) console.log(`Not here: ${each}.`);
if (missing.length > 0) process.exit(1);

const ends: (() => unknown)[] = [];
const t: Teardown = { teardown: (end) => ends.push(end) };
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void endEarly());
const light = [];
const real = [];
let hasFailed = false;
try {
  // As much as two relays open at most, and what a server that keeps its word does.
  const postgres = await startMlflowPostgres([
    ...["fsync=on", "max_connections=100", "shared_buffers=256MB", "max_wal_size=4GB"],
  ]);
  ends.push(() => postgres.remove());
  for (const clients of fleets.filter((count) => count > 0))
    for (const way of ways) {
      console.log(`${clients} light clients, ${way} ...`);
      const figures = await within(() =>
        runLightFleet(t, postgres, { way, clients, packs, points, pointsPerSecond }, console.log),
      );
      light.push(figures);
      console.log(lightRows([figures]).join("\n"));
    }
  if (daemons > 0)
    for (const way of ways.slice(0, 1)) {
      console.log(`${daemons} daemons, ${way} ...`);
      const figures = await within(() => runDaemons(t, postgres, { way, daemons, points: packs * 1_000 }));
      real.push(figures);
      console.log(daemonRows([figures]).join("\n"));
    }
} catch (error) {
  hasFailed = true;
  console.log(error);
} finally {
  for (const end of ends.toReversed()) await end();
}

const faults = [...light, ...real].flatMap((each) => each.faults);
for (const fault of faults) console.log(`Not exact: ${fault}.`);
if (values.json) writeFileSync(values.json, `${JSON.stringify({ light, real }, undefined, 2)}\n`);
if (values.page && !hasFailed) {
  const machine = `${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GB, Node ${process.version}`;
  const load = `load ${loadavg()[1]?.toFixed(1)} at the end`;
  const taken = `Taken on ${new Date().toISOString().slice(0, 10)}: ${machine}, ${load}.`;
  const rows = [taken, "", ...lightRows(light), "", ...daemonRows(real)].join("\n");
  writeFileSync(values.page, withSection(readFileSync(values.page, "utf8"), SECTIONS.figures, rows));
}
process.exit(hasFailed || faults.length > 0 || light.length + real.length === 0 ? 1 : 0);

/** Leaves no relay, balancer or database behind. */
async function endEarly(): Promise<void> {
  for (const end of ends.splice(0).toReversed()) await Promise.resolve(end()).catch(() => undefined);
  process.exit(1);
}

/** Runs one fleet, and ends all that it started. */
async function within<Figures>(run: () => Promise<Figures>): Promise<Figures> {
  const before = ends.length;
  try {
    return await run();
  } finally {
    for (const end of ends.splice(before).toReversed()) await end();
  }
}

/** The program behind `npm run torture`. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { pythonEnvironment } from "../support/python-environment.js";
import { runCampaign } from "./campaign.js";
import { TORTURE_PYTHON } from "./python.js";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "1" },
    seed: { type: "string", default: String(Date.now() % 2 ** 31) },
    mode: { type: "string", default: "kill" },
    rate: { type: "string", default: "8000" },
    json: { type: "string" },
    keep: { type: "boolean", default: false },
    points: { type: "string" },
    broken: { type: "string" },
  },
});

const folder = mkdtempSync(join(tmpdir(), "stepwell-torture-"));
console.log(`seed ${values.seed}, in ${folder}`);
const rate = Number(values.rate);
const report = await runCampaign({
  folder,
  seed: Number(values.seed),
  seconds: Number(values.minutes) * 60,
  clients: [
    { name: "raw", pointsPerSecond: rate },
    { name: "typescript", pointsPerSecond: 4_000 },
    { name: "python", pointsPerSecond: 4_000 },
  ],
  python: await pythonEnvironment(TORTURE_PYTHON),
  namedShare: 0.85,
  ...(values.points ? { points: values.points.split(";") as [] } : {}),
  daemonKillsMin: 0,
  hitsFirst: 6,
  ...(values.broken === undefined ? {} : { broken: values.broken as "fsync" }),
  log: (line) => console.log(line),
});
console.log(JSON.stringify(report, undefined, 2));
if (values.json) writeFileSync(values.json, `${JSON.stringify(report, undefined, 2)}\n`);
if (!values.keep) rmSync(folder, { recursive: true, force: true });

/** The program behind `npm run torture`. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { pythonEnvironment } from "../support/python-environment.js";
import { runCampaign } from "./campaign.js";
import { TORTURE_PYTHON } from "./python.js";
import { Stage } from "./stage.js";
import { killDuringStateChanges } from "./state-changes.js";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "1" },
    seed: { type: "string", default: String(Date.now() % 2 ** 31) },
    mode: { type: "string", default: "kill" },
    kills: { type: "string", default: "1000" },
    rate: { type: "string", default: "8000" },
    json: { type: "string" },
    keep: { type: "boolean", default: false },
    points: { type: "string" },
    broken: { type: "string" },
  },
});

const folder = mkdtempSync(join(tmpdir(), "stepwell-torture-"));
console.log(`seed ${values.seed}, in ${folder}`);
const report = await (values.mode === "state" ? tortureState() : torture());
console.log(JSON.stringify(report, undefined, 2));
if (values.json) writeFileSync(values.json, `${JSON.stringify(report, undefined, 2)}\n`);
if (!values.keep) rmSync(folder, { recursive: true, force: true });

/** Kills during changes of components and stacks: --kills says how many. */
async function tortureState() {
  const stage = new Stage(folder);
  return await killDuringStateChanges({
    kills: Number(values.kills),
    seed: Number(values.seed),
    start: async () => {
      const life = await stage.startDaemon();
      const endpoint = { endpoint: `unix:${stage.paths.socketPath}` };
      const end = async () => {
        life.kill();
        await life.ended;
      };
      return { endpoint, end };
    },
    log: (line) => console.log(line),
  });
}

async function torture() {
  return await runCampaign({
    folder,
    seed: Number(values.seed),
    seconds: Number(values.minutes) * 60,
    clients: [
      { name: "raw", pointsPerSecond: Number(values.rate) },
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
}

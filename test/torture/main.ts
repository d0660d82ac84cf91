/** The program behind `npm run torture`. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { PYTHON_CLIENT, pythonEnvironment } from "../support/python-environment.js";
import { pageOf } from "./page.js";
import { canRecord } from "./power/recorder.js";
import { MODES, runSuite, type TortureMode } from "./suite.js";

const HELP = `npm run torture -- [--minutes N] [--seed S] [--mode all|${MODES.join("|")}] [--kills N] [--json FILE] [--page FILE]`;

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "1" },
    seed: { type: "string", default: String(Date.now() % 2 ** 31) },
    mode: { type: "string", default: "all" },
    kills: { type: "string", default: "1000" },
    json: { type: "string" },
    page: { type: "string" },
    help: { type: "boolean" },
  },
});

const { minutes, seed, mode } = values;
const isKnown = ["all", ...MODES].includes(mode);
if (
  values.help ||
  !isKnown ||
  !(Number(minutes) > 0) ||
  !(Number(values.kills) > 0) ||
  !Number.isSafeInteger(Number(seed))
) {
  console.log(HELP);
  process.exit(values.help ? 0 : 2);
}
if (["all", "power"].includes(mode) && !canRecord()) {
  console.log(
    "Power cuts need Linux and a C compiler (cc): without them the other modes run, each by its name.",
  );
  process.exit(1);
}

const folder = mkdtempSync(join(tmpdir(), "stepwell-torture-"));
console.log(`seed ${seed}, in ${folder}`);
const log = (line: string) => console.log(line);
const report = await runSuite({
  folder,
  seed: Number(seed),
  minutes: Number(minutes),
  modes: mode === "all" ? MODES : [mode as TortureMode],
  stateKills: Number(values.kills),
  python: await pythonEnvironment(PYTHON_CLIENT),
  log,
});
const command = `npm run torture -- --minutes ${minutes} --seed ${seed} --mode ${mode}`;
const page = pageOf(report, command, new Date().toISOString().slice(0, 10));
console.log(`\n${page}`);
for (const { findings, faults } of Object.values(report.campaigns))
  for (const each of [...findings, ...faults]) console.log(each);
if (values.json) writeFileSync(values.json, `${JSON.stringify({ command, ...report }, undefined, 2)}\n`);
if (values.page) writeFileSync(values.page, page);
if (report.failures.length === 0) rmSync(folder, { recursive: true, force: true });
process.exit(report.failures.length === 0 ? 0 : 1);

/**
 * The first minutes of three people who have the command: in a clone, in a container, and in a SLURM job. Those of who
 * installs packages stand with the packages. All of it is in the terminal pages of test/pages.
 */
import { spawnSync } from "node:child_process";
import { chownSync, copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import anyTest from "ava";
import { ensureBundle } from "../support/bundle.js";
import { ROOT, type ScratchHome, scratchHome } from "../support/home.js";
import { seesPages } from "../support/pages.js";
import { hasTerminal } from "../support/terminal.js";

const test = testIf(hasTerminal());
const UNNAMED = 54_321;
/** The suite is quiet by itself. */
const LOUD = { STEPWELL_QUIET: "" };

function testIf(canRun: boolean) {
  return canRun ? anyTest.serial : anyTest.serial.skip;
}

/** A folder beside the home with programs on a PATH that begins with it, the command among them. */
async function programs(
  home: ScratchHome,
  more: Readonly<Record<string, string>> = {},
): Promise<{ readonly folder: string; readonly path: string }> {
  const folder = join(home.paths.home, "..");
  const bin = join(folder, "bin");
  mkdirSync(bin);
  const all = { ...more, stepwell: `exec '${process.execPath}' '${await ensureBundle()}' "$@"` };
  for (const [name, text] of Object.entries(all))
    writeFileSync(join(bin, name), `#!/bin/bash\n${text}\n`, { mode: 0o755 });
  return { folder, path: `${bin}:${process.env["PATH"]}` };
}

const TRAINING = `stepwell param lr=0.1
for step in 1 2 3 4 5 6 7 8; do echo "{\\"step\\": $step, \\"loss\\": 0.$((9 - step))}"; done | stepwell log --stdin
`;

test("in a clone", async (t) => {
  const home = await scratchHome(t);
  const { folder, path } = await programs(home);
  writeFileSync(join(folder, "train.sh"), TRAINING);
  await seesPages(t, {
    name: "clone",
    cwd: folder,
    env: { ...home.env, ...LOUD, PATH: path },
    places: { HOME: home.paths.home },
    lines: [
      "stepwell status",
      { once: "stepwell run --experiment-name first --run-name shell -- sh train.sh" },
      "stepwell flush",
      "stepwell status",
      "stepwell runs show {run}",
      "stepwell experiment-tracker describe",
      { once: "stepwell daemon stop" },
    ],
  });
});

/** Only root can become another user, and only where others may read this folder. */
function canBeUnnamed(): boolean {
  const words = [`--reuid=${UNNAMED}`, "--clear-groups", "test", "-r", join(ROOT, "package.json")];
  return process.getuid?.() === 0 && spawnSync("setpriv", words).status === 0;
}

testIf(hasTerminal() && canBeUnnamed())("in a container: a user without a name, without HOME", async (t) => {
  const home = await scratchHome(t);
  const { folder, path } = await programs(home);
  chownSync(folder, UNNAMED, UNNAMED);
  await seesPages(t, {
    name: "container",
    cwd: folder,
    env: { PATH: path, STEPWELL_HOME: home.paths.home },
    places: { HOME: home.paths.home },
    shell: ["setpriv", `--reuid=${UNNAMED}`, `--regid=${UNNAMED}`, "--clear-groups", "sh", "-c"],
    lines: [
      "stepwell daemon status",
      { once: "stepwell run --run-name job -- stepwell log loss=0.5 --step 1" },
      "stepwell flush",
      "stepwell runs list --columns run_name,status,state",
      { once: "stepwell daemon stop" },
    ],
  });
});

test("in a SLURM job", async (t) => {
  const home = await scratchHome(t);
  const { folder, path } = await programs(home, {
    // Its options are SLURM's affair.
    srun: 'while case "$1" in --*) true;; *) false;; esac; do shift; done\nexec "$@"',
    python: "exec stepwell log loss=0.5 --step 1",
  });
  copyFileSync(join(ROOT, "deploy/slurm/train.sbatch"), join(folder, "train.sbatch"));
  const node = join(folder, "node");
  const own = join(node, String(process.getuid?.()), "home");
  mkdirSync(join(own, ".."), { recursive: true, mode: 0o700 });
  const job = { SLURM_JOB_NAME: "train", SLURM_JOB_ID: "17", SLURM_JOB_NUM_NODES: "1" };
  await seesPages(t, {
    name: "slurm",
    cwd: folder,
    env: { ...home.env, ...LOUD, ...job, PATH: path, NODE_FOLDER: node },
    places: { HOME: own },
    lines: [
      { once: "bash train.sbatch" },
      `STEPWELL_HOME=$NODE_FOLDER/$(id -u)/home stepwell status`,
      `STEPWELL_HOME=$NODE_FOLDER/$(id -u)/home stepwell runs list --columns run_name,status,state`,
      { once: `STEPWELL_HOME=$NODE_FOLDER/$(id -u)/home stepwell daemon stop` },
    ],
  });
});

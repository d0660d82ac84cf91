/** The samples that README.md shows, run as it shows them: by the package's name. */
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { scratchFolder } from "../../../test/support/folder.js";
import { ROOT, scratchHome } from "../../../test/support/home.js";
import { runFile } from "./support/child.js";

const PACKAGE = join(ROOT, "clients/typescript");
const BUILT = join(ROOT, "build/clients/typescript");
const SAMPLES = ["train-and-log", "watch-run", "register-tracker"];

test("the samples do what they say", async (t) => {
  const home = await scratchHome(t);
  const folder = await scratchFolder(t);
  const installed = join(folder, "node_modules/stepwell-client");
  mkdirSync(installed, { recursive: true });
  cpSync(join(PACKAGE, "package.json"), join(installed, "package.json"));
  symlinkSync(join(BUILT, "src"), join(installed, "dist"));
  const env = {
    ...home.env,
    STEPWELL_COMMAND: `'${process.execPath}' '${join(ROOT, "build/stepwell.js")}'`,
    MLFLOW_PASSWORD: "canary-lovelace",
  };
  const sample = async (name: string, ...args: string[]) => {
    const file = join(folder, `${name}.mjs`);
    const text = readFileSync(join(BUILT, "examples", `${name}.js`), "utf8");
    writeFileSync(file, text.replace('"../src/index.js"', '"stepwell-client"'));
    const { code, stdout, stderr } = await runFile(file, env, args);
    t.is(code, 0, stderr);
    t.false(`${stdout}${stderr}`.includes("canary"));
    return stdout.trim();
  };
  const runId = await sample("train-and-log");
  const watched = (await sample("watch-run", runId)).split("\n");
  t.regex(watched.at(-2) ?? "", /^line is FINISHED: 5002 points at the daemon, \d+ of all runs wait$/);
  t.regex(watched.at(-1) ?? "", /^sqlite:.*mlflow\.db$/);
  const shown = (await home.json(["runs", "show", runId])) as {
    readonly metrics: Record<string, number>;
    readonly params: Record<string, string>;
  };
  // Anscombe's line is y = 3 + x / 2.
  const { slope = 0, intercept = 0 } = shown.metrics;
  t.true(slope > 0.45 && slope < 0.55, `the slope is ${slope}`);
  t.true(intercept > 2.4 && intercept < 3.1, `the intercept is ${intercept}`);
  t.is(shown.params["rate"], "0.01");
  t.is(await sample("register-tracker"), "runs go to server of the stack server");
  // None of them is left out here, or on the page.
  const files = readdirSync(join(PACKAGE, "examples")).map((name) => name.replace(/\.ts$/, ""));
  t.deepEqual(files.sort(), [...SAMPLES, "iris", "network"].sort());
});

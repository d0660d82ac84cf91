import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { scratchFolder } from "./folder.js";
import { MLFLOW_3, PYTHON_ENVIRONMENT_MS_MAX } from "./python-environment.js";
import { testWith } from "./test-with.js";

const run = promisify(execFile);
const wanted = { name: "small", requirements: ["iniconfig==2.1.0"], pythons: MLFLOW_3.pythons };

testWith(wanted)(
  "processes that need an environment at the same time get one, also in an empty home",
  async (t) => {
    t.timeout(PYTHON_ENVIRONMENT_MS_MAX);
    const home = await scratchFolder(t);
    const { XDG_CACHE_HOME: _, STEPWELL_TEST_CACHE: __, ...env } = process.env;
    const module = new URL("./python-environment.js", import.meta.url).href;
    const script = `
    const { pythonEnvironment } = await import(${JSON.stringify(module)});
    process.stdout.write(await pythonEnvironment(${JSON.stringify(wanted)}));`;
    const ask = () =>
      run(process.execPath, ["--input-type=module", "-e", script], { env: { ...env, HOME: home } });
    const answers = await Promise.all([ask(), ask(), ask()]);
    const pythons = new Set(answers.map(({ stdout }) => stdout));
    t.is(pythons.size, 1);
    const [python = ""] = pythons;
    t.true(python.startsWith(home));
    await t.notThrowsAsync(run(python, ["-c", "import iniconfig"]));
  },
);

/** What commands take with the daemon up, and the list of 100,000 components. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { root } from "../install.mjs";
import { withHome } from "./home.mjs";
import { percentile } from "./table.mjs";

const PEAK =
  "data:text/javascript,process.on('exit',()=>console.error('peak',process.resourceUsage().maxRSS))";

/** Writes them behind the daemon's back, while none runs: one by one they would take minutes. */
async function addComponents(stateFolder, count) {
  const { openStore } = await import(join(root, "build/src/store/store.js"));
  const store = await openStore(stateFolder);
  for (let begin = 0; begin < count; begin += 1_000) {
    const changes = Array.from({ length: 1_000 }, (_, index) => {
      const id = (begin + index).toString(16).padStart(32, "0");
      const name = `tracker-${begin + index}`;
      const rest = { flavor: "mlflow", configuration: { tracking_uri: "sqlite:////data/mlflow.db" } };
      const value = {
        id,
        type: "experiment_tracker",
        name,
        ...rest,
        labels: { team: "a" },
        createdMs: begin,
      };
      return { table: "component", key: id, value };
    });
    await store.write(changes, { sync: true });
  }
  await store.close();
}

/** Seconds and MB that one command takes. */
async function measureCommand(command, args, env) {
  const begin = performance.now();
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    ["--import", PEAK, command, ...args],
    {
      env,
      maxBuffer: 1 << 28,
    },
  );
  const seconds = (performance.now() - begin) / 1000;
  return { seconds, megabytes: Number(/peak (\d+)/.exec(stderr)?.[1] ?? Number.NaN) / 1000, stdout };
}

export async function commandLine() {
  return await withHome(async (home) => {
    const median = async (work) => {
      const timesMs = [];
      for (let index = 0; index < 11; index++) {
        const begin = performance.now();
        await work();
        timesMs.push(performance.now() - begin);
      }
      return percentile(timesMs, 0.5);
    };
    const own = await median(() => home.run(process.execPath, "-e", "0"));
    const status = await median(() => home.stepwell("status"));
    const list = await median(() => home.stepwell("stack", "list"));
    const help = await median(() => home.stepwell("--help"));
    const against = (command, ms) => ({
      name: `stepwell ${command}, median, against Node's own`,
      value: ms / own,
      unit: "times",
      atMost: 1.6,
      note: `${ms.toFixed(0)} ms`,
    });
    const figures = [
      { name: "Node's own start and end (node -e 0), median", value: own, unit: "ms" },
      against("status", status),
      against("stack list", list),
      against("--help", help),
    ];
    return [...figures, ...(await manyComponents(home))];
  });
}

async function manyComponents(home) {
  await home.stepwell("daemon", "stop");
  await addComponents(join(home.folder, "state"), 100_000);
  await home.stepwell("daemon", "start");
  const args = ["experiment-tracker", "list", "-o", "json"];
  const { seconds, megabytes, stdout } = await measureCommand(
    join(root, "build/stepwell.js"),
    args,
    home.env,
  );
  if (JSON.parse(stdout).length < 100_000) throw new Error("the list is not whole");
  return [
    { name: "list -o json of 100,000 components", value: seconds, unit: "s", atMost: 2, isOfCpu: true },
    { name: "the command's memory for it", value: megabytes, unit: "MB", atMost: 200 },
  ];
}

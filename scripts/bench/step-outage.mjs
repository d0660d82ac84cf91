/** What an outage costs a step: the same step with its server up, stopped and gone, in turns. */
import { join } from "node:path";
import { root } from "../install.mjs";
import { withHome } from "./home.mjs";
import { benchPython } from "./python.mjs";

const { MlflowServer } = await import("../../build/test/support/mlflow-server.js");

export async function stepOutage({ scale }) {
  const python = await benchPython();
  const server = await MlflowServer.start();
  try {
    return await withHome((home) => stepTimes(home, python, server, scale));
  } finally {
    await server.remove();
  }
}

async function stepTimes(home, python, server, scale) {
  const uri = `--tracking_uri=${server.url}`;
  await home.stepwell("experiment-tracker", "register", "server", "--flavor=mlflow", uri, "--auth=none");
  await home.stepwell("stack", "register", "server", "-e", "server", "--set");
  home.env.PYTHONPATH = join(root, "clients/python/src");
  const program = "scripts/bench/step_outage.py";
  const stepSeconds = async (rounds) => Number(await home.run(python, program, String(rounds)));
  const drained = () => home.stepwell("flush", "--timeout=600");
  // So many rounds as take ten seconds here; the first steps also warm everything up.
  const rounds = Math.round((500 / (await stepSeconds(500))) * 10 * Math.max(scale, 0.3));
  await drained();
  const seconds = { up: [], stopped: [], gone: [] };
  for (let turn = 0; turn < Math.ceil(3 * scale); turn++) {
    seconds.up.push(await stepSeconds(rounds));
    await drained();
    server.pause();
    seconds.stopped.push(await stepSeconds(rounds));
    server.resume();
    await drained();
    await server.kill();
    seconds.gone.push(await stepSeconds(rounds));
    await server.restart();
    await drained();
  }
  // The best of each: what else the machine does only adds.
  const up = Math.min(...seconds.up);
  const note = (kind) => `in turns: ${seconds[kind].map((each) => each.toFixed(2)).join(", ")} s`;
  const against = (kind, name) => {
    const value = Math.min(...seconds[kind]) / up;
    return {
      name: `a step with its server ${name}, against up`,
      value,
      unit: "times",
      atMost: 1.05,
      note: note(kind),
    };
  };
  return [
    { name: "a step that trains and logs, its server up", value: up, unit: "s", note: note("up") },
    against("stopped", "stopped (it answers nothing)"),
    against("gone", "gone"),
  ];
}

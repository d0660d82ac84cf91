/**
 * A program that nobody changed, with MLflow's own client: to a server itself, through the gateway with MLflow alone, and
 * through the gateway where the Python client is installed beside it, which spares MLflow's some work. The server takes
 * 20 ms for an answer, or none. The ways take turns, so that all meet the same machine; the best round of each counts, for
 * what else runs on it costs the quick ways more of their time than the slow one.
 */
import { join } from "node:path";
import { withHome } from "./home.mjs";
import { InstantServer } from "./instant-server.mjs";

const { MLFLOW_3, pythonEnvironment } = await import("../../build/test/support/python-environment.js");
const { installedClient } = await import("../../build/test/support/installed-client.js");
const latencyMs = 20;
const rounds = 5;

export async function gateway({ scale }) {
  const python = await pythonEnvironment(MLFLOW_3);
  const calls = Math.max(100, Math.round(500 * scale));
  const far = await allWays(python, calls, latencyMs);
  const near = await allWays(python, calls, 0);
  const row = (name, found) => ({ name, value: least(found), unit: "ms", note: listed(found) });
  const times = (way) => least(far.direct) / least(far[way]);
  const added = (way) => least(near[way]) - least(near.direct);
  return [
    row(`mlflow.log_metric to a server with ${latencyMs} ms, p50`, far.direct),
    row("the same through the gateway, the Python client installed, p50", far.light),
    row("the same through the gateway, MLflow alone, p50", far.through),
    {
      name: "through the gateway against direct, the Python client installed",
      value: times("light"),
      unit: "times",
      target: 5,
    },
    { name: "through the gateway against direct, MLflow alone", value: times("through"), unit: "times" },
    row("mlflow.log_metric to a server that answers at once, p50", near.direct),
    {
      name: "what the gateway adds to that, MLflow alone, p50",
      value: added("through"),
      unit: "ms",
      atMost: 1.5,
      isOfCpu: true,
      note: listed(near.through),
    },
    {
      name: "what it adds where the Python client is installed, p50",
      value: added("light"),
      unit: "ms",
      note: listed(near.light),
    },
  ];
}

function least({ p50 }) {
  return Math.min(...p50);
}

/** The median of each round, for each way. */
async function allWays(python, calls, delayMs) {
  return await withHome(async (home) => {
    const server = new InstantServer(delayMs);
    await server.start();
    try {
      const uri = `--tracking_uri=${server.url}`;
      await home.stepwell("experiment-tracker", "register", "server", "--flavor=mlflow", uri, "--auth=none");
      await home.stepwell("stack", "register", "server", "-e", "server", "--set");
      const printed = await home.stepwell("env");
      const variables = [...printed.matchAll(/^export (\S+=\S+)$/gm)].map(([, variable]) => variable);
      const path = `PYTHONPATH=${installedClient(join(home.folder, "installed")).join(":")}`;
      const ways = {
        direct: [...variables, `MLFLOW_TRACKING_URI=${server.url}`],
        through: variables,
        light: [...variables, path],
      };
      const found = Object.fromEntries(Object.keys(ways).map((way) => [way, { p50: [], cpu: [] }]));
      for (let round = 0; round < rounds; round++)
        for (const [way, environment] of Object.entries(ways)) {
          const words = [...environment, python, "scripts/bench/gateway_calls.py", String(calls)];
          const { p50, cpu } = JSON.parse((await home.run("env", ...words)).trim().split("\n").at(-1));
          found[way].p50.push(p50);
          found[way].cpu.push(cpu);
        }
      return found;
    } finally {
      server.stop();
    }
  });
}

function listed({ p50, cpu }) {
  const each = p50.map((ms) => ms.toFixed(2)).join(", ");
  return `${each}; the client's CPU a call: ${Math.min(...cpu).toFixed(2)} ms`;
}

/**
 * MLflow's own client, unmodified, with and without the gateway: before a server that takes 20 ms for an answer, and
 * before one that answers at once. The ways take turns, so that both meet the same machine.
 */
import { withHome } from "./home.mjs";
import { InstantServer } from "./instant-server.mjs";

const { MLFLOW_3, pythonEnvironment } = await import("../../build/test/support/python-environment.js");
const latencyMs = 20;
const rounds = 5;

export async function gateway({ scale }) {
  const python = await pythonEnvironment(MLFLOW_3);
  const calls = Math.max(100, Math.round(500 * scale));
  const far = await bothWays(python, calls, latencyMs);
  const near = await bothWays(python, calls, 0);
  const listed = (timesMs) => timesMs.map((ms) => ms.toFixed(2)).join(", ");
  const added = median(near.through) - median(near.direct);
  return [
    {
      name: `MLflow's log_metric to a server with ${latencyMs} ms, p50`,
      value: median(far.direct),
      unit: "ms",
      note: listed(far.direct),
    },
    {
      name: "the same through the gateway, p50",
      value: median(far.through),
      unit: "ms",
      note: listed(far.through),
    },
    {
      name: "through the gateway against direct",
      value: median(far.direct) / median(far.through),
      unit: "times",
      target: 5,
    },
    {
      name: "MLflow's log_metric to a server that answers at once, p50",
      value: median(near.direct),
      unit: "ms",
      note: listed(near.direct),
    },
    {
      name: "what the gateway adds to that, p50",
      value: added,
      unit: "ms",
      atMost: 1.5,
      isOfCpu: true,
      note: listed(near.through),
    },
  ];
}

/** The medians of each round, direct and through the gateway. */
async function bothWays(python, calls, delayMs) {
  return await withHome(async (home) => {
    const server = new InstantServer(delayMs);
    await server.start();
    try {
      const uri = `--tracking_uri=${server.url}`;
      await home.stepwell("experiment-tracker", "register", "server", "--flavor=mlflow", uri, "--auth=none");
      await home.stepwell("stack", "register", "server", "-e", "server", "--set");
      const [, address] = /^export MLFLOW_TRACKING_URI=(\S+)$/m.exec(await home.stepwell("env")) ?? [];
      const found = { direct: [], through: [] };
      for (let round = 0; round < rounds; round++)
        for (const [way, url] of [
          ["direct", server.url],
          ["through", address],
        ])
          found[way].push(
            JSON.parse(await home.run(python, "scripts/bench/gateway_calls.py", url, String(calls))).p50,
          );
      return found;
    } finally {
      server.stop();
    }
  });
}

function median(numbers) {
  return numbers.toSorted((one, other) => one - other)[Math.floor(numbers.length / 2)];
}

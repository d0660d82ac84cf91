/**
 * The drain into a real MLflow server, beside the best that a loop by hand gets out of the
 * same server: log-batch requests of 1,000 points that are ready beforehand, over connections
 * that are kept, with 1, 2 and 4 under way, each on a run of its own.
 */
import { Agent, request } from "node:http";
import { Feed } from "./feed.mjs";
import { BenchHome } from "./home.mjs";

const { MlflowServer } = await import("../../build/test/support/mlflow-server.js");
const runs = 4;
const batchPoints = 1000;
/** Whose turn it is, beside the loops, which are named by the requests that they keep under way. */
const ours = "drain";

export async function serverDrain({ scale }) {
  const points = Math.max(12, Math.round(120 * scale)) * batchPoints;
  const home = await BenchHome.make();
  const server = await MlflowServer.start({ workers: 2 });
  const agent = new Agent({ keepAlive: true, maxSockets: runs });
  try {
    const uri = `--tracking_uri=${server.url}`;
    await home.stepwell("experiment-tracker", "register", "server", "--flavor=mlflow", uri, "--auth=none");
    await home.stepwell("stack", "register", "server", "-e", "server");
    const rates = new Map([1, 2, 4, ours].map((entrant) => [entrant, []]));
    const entrants = [...rates.keys()];
    // The server slows with what it holds, by a twentieth for each of these: each goes first, second, third and last once.
    for (let round = 0; round < entrants.length; round++) {
      for (const entrant of [...entrants.slice(round), ...entrants.slice(0, round)]) {
        const own = rates.get(entrant);
        if (entrant === ours) own.push(await drain(home, points));
        else own.push(await loop(agent, server.url, entrant, points));
      }
    }
    const drains = rates.get(ours);
    rates.delete(ours);
    const best = Math.max(...[...rates.values()].map(median));
    const each = [...rates].map(([underWay, own]) => `${underWay}: ${listed(own)}`).join("; ");
    const byHandName = "log-batch by hand over kept connections, best of 1, 2, 4 under way";
    return [
      { name: byHandName, value: best, unit: "points/s", note: each },
      {
        name: "drain into a server",
        value: median(drains),
        unit: "points/s",
        note: `${listed(drains)}; ${runs} runs, ${points} points`,
      },
      {
        name: "drain into a server against the loop by hand",
        value: median(drains) / best,
        unit: "times",
        target: 0.95,
      },
    ];
  } finally {
    agent.destroy();
    await server.remove();
    await home.remove();
  }
}

/** Of an even number of them. */
function median(numbers) {
  const sorted = numbers.toSorted((one, other) => one - other);
  return (sorted[sorted.length / 2 - 1] + sorted[sorted.length / 2]) / 2;
}

const listed = (rates) => rates.map((rate) => Math.round(rate)).join(", ");

/** Points a second of the daemon, from the moment when what is journaled has somewhere to go. */
async function drain(home, points) {
  await home.stepwell("stack", "set", "default");
  const feeds = [];
  for (let run = 0; run < runs; run++) {
    const feed = await Feed.open(home.endpoint.endpoint);
    await feed.points(points / runs, batchPoints, 20);
    feeds.push(feed);
  }
  const begin = performance.now();
  await home.stepwell("stack", "set", "server");
  await home.stepwell("flush", "--timeout=900");
  const seconds = (performance.now() - begin) / 1000;
  for (const feed of feeds) feed.close();
  return points / seconds;
}

/** Points a second of a loop with so many requests under way. */
async function loop(agent, url, underWay, points) {
  const bodies = [];
  for (let run = 0; run < underWay; run++)
    bodies.push(await bodiesOf(agent, url, points / batchPoints / underWay));
  const begin = performance.now();
  await Promise.all(
    bodies.map(async (own) => {
      for (const body of own) await post(agent, `${url}/api/2.0/mlflow/runs/log-batch`, body);
    }),
  );
  return points / ((performance.now() - begin) / 1000);
}

/** Requests of so many points each, of a run that is made for them. */
export async function bodiesOf(agent, url, count, points = batchPoints) {
  const api = `${url}/api/2.0/mlflow/runs/create`;
  const { run } = JSON.parse(
    await post(agent, api, JSON.stringify({ experiment_id: "0", start_time: Date.now() })),
  );
  return Array.from({ length: count }, (_, batch) => {
    // As the feed's batches: one metric each.
    const key = `metric/${batch % 20}`;
    const metrics = Array.from({ length: points }, (__, index) => {
      return { key, value: 0.5, timestamp: 1_700_000_000_000, step: batch * points + index };
    });
    return Buffer.from(JSON.stringify({ run_id: run.info.run_id, metrics }));
  });
}

export function post(agent, url, body) {
  return new Promise((resolve, reject) => {
    const sent = request(url, {
      method: "POST",
      agent,
      headers: { "content-type": "application/json", "content-length": Buffer.byteLength(body) },
    });
    sent.on("error", reject);
    sent.on("response", (response) => {
      let text = "";
      response.on("data", (chunk) => (text += chunk));
      response.on("end", () => {
        if (response.statusCode === 200) resolve(text);
        else reject(new Error(`${response.statusCode}: ${text.slice(0, 200)}`));
      });
    });
    sent.end(body);
  });
}

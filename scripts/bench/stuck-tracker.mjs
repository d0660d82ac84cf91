/** A tracker whose server lets nobody in, for all of a run: what that costs the disk, and another tracker. */
import { createServer } from "node:http";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Feed } from "./feed.mjs";
import { bytesBelow } from "./folder-bytes.mjs";
import { withHome } from "./home.mjs";

const batchPoints = 1000;
/** Of every so many batches the first ones are the stuck tracker's. */
const turn = { batches: 10, stuck: 3 };
const rounds = 3;
const diskSecondsMax = 20;
const settleMs = 5_000;

export async function stuckTracker({ scale }) {
  const server = createServer((asked, answer) => {
    asked.resume();
    answer.writeHead(401, { "content-type": "text/plain" }).end("You are not authenticated.");
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const points = 4_000_000;
    const rates = { alone: [], beside: [] };
    let beside;
    // In turns, the best of each: what else the machine does only slows down.
    for (let round = 0; round < Math.ceil(rounds * scale); round++) {
      rates.alone.push((await withHome((home) => drainOf(home, points))).pointsPerSecond);
      beside = await withHome((home) => drainOf(home, points, server.address().port));
      rates.beside.push(beside.pointsPerSecond);
    }
    return [
      {
        name: "drain into SQLite beside a tracker that gets 401, against alone",
        value: Math.max(...rates.beside) / Math.max(...rates.alone),
        unit: "times",
        target: 0.95,
        note: `${rates.beside.map(Math.round).join(", ")} and ${rates.alone.map(Math.round).join(", ")} points/s`,
      },
      {
        name: "journal on disk afterwards, against the entries of that tracker",
        value: beside.diskBytes / beside.stuckBytes,
        unit: "times",
        atMost: 2,
        note: `${megabytes(beside.diskBytes)} MB for ${megabytes(beside.stuckBytes)} MB as they were sent`,
      },
    ];
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

/** The rate of the lane that drains, and what the journal holds when it has. */
async function drainOf(home, points, refusingPort) {
  const uri = `--tracking_uri=http://127.0.0.1:${refusingPort ?? 9}`;
  await home.stepwell("experiment-tracker", "register", "stuck", "--flavor=mlflow", uri, "--auth=none");
  await home.stepwell("experiment-tracker", "register", "tracker", "--flavor=mlflow");
  const { endpoint } = home.endpoint;
  // Until the stack has trackers nothing can flow.
  const free = await Feed.open(endpoint);
  const stuck = refusingPort === undefined ? undefined : await Feed.open(endpoint, "stuck");
  const round = turn.batches - turn.stuck;
  for (let sent = 0; sent < points; sent += round * batchPoints) {
    await stuck?.points(turn.stuck * batchPoints, batchPoints, turn.stuck);
    await free.points(round * batchPoints, batchPoints, round);
  }
  // What was journaled is written back to the disk first: it is not the same for both.
  await sleep(settleMs);
  const begin = performance.now();
  await home.stepwell("stack", "register", "both", "-e", "tracker", "-e", "stuck", "--set");
  const isFlowing = async () =>
    (await home.status()).lanes.some(
      ({ tracker, queuedPoints }) => tracker === "tracker" && queuedPoints > 0n,
    );
  do await sleep(100);
  while (await isFlowing());
  const pointsPerSecond = points / ((performance.now() - begin) / 1000);
  const stuckBytes = stuck?.sentBytes ?? 0;
  let diskBytes = bytesBelow(join(home.folder, "journal"));
  for (let waited = 0; diskBytes > 2 * stuckBytes && waited < diskSecondsMax; waited++) {
    await sleep(1000);
    diskBytes = bytesBelow(join(home.folder, "journal"));
  }
  return { pointsPerSecond, stuckBytes, diskBytes };
}

function megabytes(bytes) {
  return (bytes / 1e6).toFixed(0);
}

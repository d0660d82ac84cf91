/** A journal at its quota: how far its disk goes, how soon there is room again, and what is given back. */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { status } from "@grpc/grpc-js";
import { Feed } from "./feed.mjs";
import { bytesBelow } from "./folder-bytes.mjs";
import { withHome } from "./home.mjs";

const quotaBytes = 128e6;
/** More than the quota holds, at 24 bytes a point. */
const points = 10_000_000;
const batchPoints = 1000;
const drainedSecondsMax = 20;

export async function quota() {
  return await withHome(
    async (home) => {
      const journal = join(home.folder, "journal");
      await fill(home);
      const fullBytes = bytesBelow(journal);
      const begin = performance.now();
      await home.addTracker();
      while (!(await isTaken(home))) await sleep(100);
      const roomSeconds = (performance.now() - begin) / 1000;
      await home.untilDrained();
      let leftBytes = bytesBelow(journal);
      for (let waited = 0; leftBytes > quotaBytes / 10 && waited < drainedSecondsMax; waited++) {
        await sleep(1000);
        leftBytes = bytesBelow(journal);
      }
      const what = `a journal at its quota of ${quotaBytes / 1e6} MB`;
      return [
        { name: `${what}: on disk, against it`, value: fullBytes / quotaBytes, unit: "times", atMost: 1.1 },
        { name: `${what}: takes batches again after`, value: roomSeconds, unit: "s" },
        { name: `${what}: on disk once it is drained`, value: leftBytes / 1e6, unit: "MB", atMost: 12.8 },
      ];
    },
    { STEPWELL_JOURNAL_QUOTA_BYTES: String(quotaBytes) },
  );
}

/** Sends until the daemon takes no more. */
async function fill(home) {
  const feed = await Feed.open(home.endpoint.endpoint);
  try {
    await feed.points(points, batchPoints, 20);
  } catch (error) {
    if (isFull(error)) return;
    throw error;
  }
  throw new Error("the quota was never reached");
}

async function isTaken(home) {
  try {
    const feed = await Feed.open(home.endpoint.endpoint);
    await feed.points(batchPoints, batchPoints, 1);
    feed.close();
    return true;
  } catch (error) {
    if (isFull(error)) return false;
    throw error;
  }
}

function isFull(error) {
  return error.code === status.RESOURCE_EXHAUSTED;
}

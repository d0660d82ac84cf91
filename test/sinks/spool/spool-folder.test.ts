import { readdirSync, rmSync } from "node:fs";
import test from "ava";
import { systemClock } from "../../../src/home/clock.js";
import { SpoolFolder } from "../../../src/sinks/spool/spool-folder.js";
import { HOME_ID, packFor } from "../../relay/relay.js";
import { scratchFolder } from "../../support/folder.js";

/** A pack that tells each record's position. */
function spooled(run: number) {
  const pack = packFor({ run, records: [100] });
  return { ...pack, recordsThrough: [{ seq: pack.lastSeq, points: 100, bytes: 100 }] };
}

test("behind so many bytes no bundle is written, until what waits is taken away", async (t) => {
  const folder = await scratchFolder(t);
  const spool = await SpoolFolder.open({
    ...{ folder, homeId: HOME_ID, trackerId: "b".repeat(32), clock: systemClock, log: () => undefined },
    ...{ incarnations: () => [], ownId: async (runId: string) => runId, bytesMax: 1 },
  });
  const bundles = () => readdirSync(`${folder}/${HOME_ID}`);
  t.like(await spool.write([spooled(1)]), { kind: "retry", scope: "run", code: "STEPWELL_BUNDLE_WAITS" });
  const [first = ""] = bundles();
  const full = await spool.write([spooled(2)]);
  t.like(full, { kind: "retry", scope: "backend", code: "STEPWELL_BUNDLE_WAITS" });
  t.regex("reason" in full ? full.reason : "", /no more are written/);
  t.deepEqual(bundles(), [first]);
  rmSync(`${folder}/${HOME_ID}/${first}`);
  await spool.takeReceipts();
  t.like(await spool.write([spooled(2)]), { kind: "retry", scope: "run" });
  t.is(bundles().length, 1);
});

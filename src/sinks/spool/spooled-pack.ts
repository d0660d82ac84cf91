/** A pack as a bundle holds it. */
import type { BundleWriter } from "../../bundles/bundle-writer.js";
import type { BundleRun } from "../../gen/stepwell/v1/bundles.js";
import { pointsIn, viewBatch } from "../../model/batch-view.js";
import type { Pack, RecordThrough } from "../../model/pack.js";
import { endMessage, leftMessage, parentMessages, startMessage } from "../../model/wire-run.js";
import { parentsOf } from "../parent-tag.js";
import type { RunIds } from "../run-ids.js";

/** Writes its run with its records. */
export async function writePack(writer: BundleWriter, pack: Pack, ownId: RunIds["ownId"]): Promise<void> {
  await writer.run(runOf(pack));
  const hasTags = pack.tags.length > 0;
  for (const [index, payload] of pack.records.entries()) {
    const { seq, points, bytes } = throughOf(pack, index);
    await writer.record({
      ...{ sequence: BigInt(seq), pointsThrough: BigInt(points), bytesThrough: BigInt(bytes) },
      payload: Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength),
      parents: parentMessages(await parentsOf(hasTags ? viewBatch(payload).tags : [], ownId)),
    });
  }
}

function runOf(pack: Pack): BundleRun {
  const { runId, start, end, after, records } = pack;
  const first = throughOf(pack, 0);
  const [payload = new Uint8Array()] = records;
  return {
    ...{ runId, runStart: start && startMessage(start), goesOn: start?.goesOn === true },
    runEnd: end && endMessage(end),
    after: leftMessage(after),
    afterSequence: BigInt(after?.seq ?? 0),
    afterPoints: BigInt(first.points - pointsIn(viewBatch(payload).columns)),
    afterBytes: BigInt(Math.max(0, first.bytes - payload.length)),
    ...{ afterBundle: 0n, run: undefined },
  };
}

function throughOf({ recordsThrough = [] }: Pack, index: number): RecordThrough {
  const through = recordsThrough[index];
  if (!through) throw new RangeError("a pack for a spool tells each record's position");
  return through;
}

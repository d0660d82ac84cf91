/** A pack as it travels to a relay: its records are the journal's own bytes. */
import { DeliverRequest, type RelayPack } from "../../gen/stepwell/v1/relay.js";
import type { Pack } from "../../model/pack.js";
import type { RunStart } from "../../model/run.js";
import type { BackendRun } from "../../model/target.js";
import { endMessage, leftMessage, parentMessages, runMessage, startMessage } from "../../model/wire-run.js";

/** What goes with a pack. */
export interface PackHead {
  readonly number: number;
  readonly knownWrites: number;
  /** What is known of the run at a backend that gives runs ids of its own. */
  readonly run: BackendRun | undefined;
  /** The backend's ids of parents that the records name by other ones. */
  readonly parents: ReadonlyMap<string, string>;
}

/** The request with a pack that has a start, as bytes. */
export function encodePack(pack: Pack, start: RunStart, head: PackHead): Uint8Array {
  return DeliverRequest.encode({
    message: { $case: "pack", value: packMessage(pack, start, head) },
  }).finish();
}

function packMessage(pack: Pack, start: RunStart, head: PackHead): RelayPack {
  const { number, knownWrites, run, parents } = head;
  const { runId, author, after, lastSeq, pointsThrough, bytesThrough, records, end } = pack;
  return {
    number: BigInt(number),
    runId,
    runStart: startMessage(start),
    goesOn: start.goesOn === true,
    after: leftMessage(after),
    lastSequence: BigInt(lastSeq),
    pointsThrough: BigInt(pointsThrough),
    bytesThrough: BigInt(bytesThrough),
    records: records as Buffer[],
    runEnd: end && endMessage(end),
    knownWrites: BigInt(knownWrites),
    run: runMessage(run),
    incarnation: author.incarnation,
    parents: parentMessages(parents),
  };
}

/** Runs and cursors as the protocol's messages between daemons, relays and bundles carry them; both ways. */
import type { RunEnd as WireEnd, RunStart as WireStart } from "../gen/stepwell/v1/ingest.js";
import type { NamedParent, RelayRun, LeftCursor as WireLeft } from "../gen/stepwell/v1/relay.js";
import { RunStatus } from "../gen/stepwell/v1/types.js";
import type { LeftCursor } from "./cursor.js";
import { isId } from "./id.js";
import type { RunEnd, RunStart } from "./run.js";
import type { BackendRun } from "./target.js";

export function leftMessage(left: LeftCursor | undefined): WireLeft | undefined {
  return left && { homeId: left.homeId, incarnation: left.incarnation, sequence: BigInt(left.seq) };
}

export function readLeft(left: WireLeft | undefined): LeftCursor | undefined {
  return left && { homeId: left.homeId, incarnation: left.incarnation, seq: Number(left.sequence) };
}

/** What is known of a run; one that was asked for has no id yet. */
export function runMessage(run: BackendRun | undefined): RelayRun | undefined {
  if (!run) return undefined;
  const { experimentId } = run;
  if (run.kind === "asked") return { mlflowRunId: "", experimentId, isBare: false };
  return { mlflowRunId: run.mlflowRunId, experimentId, isBare: run.isBare === true };
}

export function readRun(run: RelayRun | undefined, url: string): BackendRun | undefined {
  if (!run) return undefined;
  const { mlflowRunId, experimentId, isBare } = run;
  if (mlflowRunId === "") return { kind: "asked", experimentId };
  return { kind: "known", mlflowRunId, experimentId, url, ...(isBare ? { isBare } : {}) };
}

/** Parents that records name by other ids than those that stand in their place. */
export function parentMessages(parents: ReadonlyMap<string, string>): NamedParent[] {
  return [...parents].map(([named, runId]) => ({ named, runId }));
}

/** Throws nothing: an id that is none is passed over. */
export function readParents(messages: readonly NamedParent[]): ReadonlyMap<string, string> {
  return new Map(messages.filter(({ runId }) => isId(runId)).map(({ named, runId }) => [named, runId]));
}

export function startMessage(start: RunStart): WireStart {
  const { experimentName, runName, startTimeMs, user, sourceName, parentRunId, hasOwnTags, workspace } =
    start;
  return {
    ...{ experimentName, runName, user, sourceName, parentRunId, trackers: [] },
    startTimeMs: BigInt(startTimeMs),
    ...(hasOwnTags ? { hasOwnTags } : {}),
    ...(workspace ? { workspace } : {}),
  };
}

export function endMessage({ status, endTimeMs }: RunEnd): WireEnd {
  return { status: STATUS[status], endTimeMs: BigInt(endTimeMs) };
}

const STATUS = {
  RUNNING: RunStatus.RUN_STATUS_RUNNING,
  FINISHED: RunStatus.RUN_STATUS_FINISHED,
  FAILED: RunStatus.RUN_STATUS_FAILED,
  KILLED: RunStatus.RUN_STATUS_KILLED,
} as const;

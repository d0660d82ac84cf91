/** Every metric of a daemon. */
import type { DaemonSnapshot } from "./daemon-snapshot.js";
import { type Metric, one, type Reading } from "./metric.js";
import { PROCESS_METRICS, type ProcessSnapshot } from "./process-metrics.js";

const POINTS: readonly Metric<DaemonSnapshot>[] = [
  {
    name: "stepwell.points.received",
    kind: "counter",
    unit: "{point}",
    description:
      "Metric points that came, from clients, the gateway and spools. A batch that the journal failed for comes again, and counts again; a duplicate does not count.",
    attributes: [],
    read: ({ intake }) => one(intake.receivedPoints),
  },
  {
    name: "stepwell.points.refused",
    kind: "counter",
    unit: "{point}",
    description: "Those of them that were refused at the door, with an error for who logged them.",
    attributes: [],
    read: ({ intake }) => one(intake.refusedPoints),
  },
  {
    name: "stepwell.points.journaled",
    kind: "counter",
    unit: "{point}",
    description: "Those of them that are on disk: acknowledged.",
    attributes: [],
    read: ({ intake }) => one(intake.journaledPoints),
  },
  {
    name: "stepwell.points.delivered",
    kind: "counter",
    unit: "{point}",
    description: "Points that a tracker's backend confirmed; what it forgot and was sent again counts again.",
    attributes: ["stepwell.tracker"],
    read: ({ trackers }) => byTracker(trackers, ({ deliveredPoints }) => deliveredPoints),
  },
  {
    name: "stepwell.points.parked",
    kind: "counter",
    unit: "{point}",
    description: "Points that became dead letters. Those of runs that never began have no tracker.",
    attributes: ["stepwell.tracker"],
    read: ({ trackers }) => byTracker(trackers, ({ parkedPoints }) => parkedPoints),
  },
  {
    name: "stepwell.points.retried",
    kind: "counter",
    unit: "{point}",
    description: "Points of dead letters that were journaled again, by `stepwell dead-letter retry`.",
    attributes: [],
    read: ({ intake }) => one(intake.retriedPoints),
  },
  {
    name: "stepwell.entries.refused",
    kind: "counter",
    unit: "{entry}",
    description: "Entries of any kind that were refused at the door, by the error's code.",
    attributes: ["error.type"],
    read: ({ intake }) =>
      [...intake.refusedEntries].map(([code, value]) => ({ attributes: { "error.type": code }, value })),
  },
  {
    name: "stepwell.batches.duplicate",
    kind: "counter",
    unit: "{batch}",
    description: "Batches that came again after they were journaled: acknowledged once more, and not kept.",
    attributes: [],
    read: ({ intake }) => one(intake.duplicateBatches),
  },
];

const QUEUE: readonly Metric<DaemonSnapshot>[] = [
  {
    name: "stepwell.queue.points",
    kind: "up-down",
    unit: "{point}",
    description: "Points that are journaled and that the tracker's backend does not have yet.",
    attributes: ["stepwell.tracker"],
    read: ({ waiting }) => byTracker(waiting, ({ queuedPoints }) => queuedPoints),
  },
  {
    name: "stepwell.queue.size",
    kind: "up-down",
    unit: "By",
    description: "Bytes of what waits for the tracker's backend: points, params, tags, starts and ends.",
    attributes: ["stepwell.tracker"],
    read: ({ waiting }) => byTracker(waiting, ({ queuedBytes }) => queuedBytes),
  },
  {
    name: "stepwell.queue.oldest_age",
    kind: "gauge",
    unit: "s",
    description: "How long the oldest entry has been waiting for the tracker's backend.",
    attributes: ["stepwell.tracker"],
    read: ({ waiting, nowMs }) =>
      byTracker(waiting, ({ oldestMs }) => (oldestMs === 0 ? 0 : Math.max(0, nowMs - oldestMs) / 1_000)),
  },
  {
    name: "stepwell.queue.lanes",
    kind: "up-down",
    unit: "{lane}",
    description:
      "Lanes that hold entries, by state: `idle`, `flushing`, `waiting` for the run's start, `retrying`, `held` until somebody acts.",
    attributes: ["stepwell.tracker", "stepwell.lane.state"],
    read: ({ waiting }) =>
      [...waiting].flatMap(([tracker, { lanes }]) =>
        Object.entries(lanes).map(([state, value]) => ({
          attributes: { "stepwell.tracker": tracker, "stepwell.lane.state": state },
          value,
        })),
      ),
  },
  {
    name: "stepwell.dead_letters.kept",
    kind: "up-down",
    unit: "{letter}",
    description: "Dead letters that are kept.",
    attributes: [],
    read: ({ deadLetters }) => one(deadLetters.letters),
  },
  {
    name: "stepwell.dead_letters.entries",
    kind: "up-down",
    unit: "{entry}",
    description: "Entries in them.",
    attributes: [],
    read: ({ deadLetters }) => one(deadLetters.entries),
  },
];

const JOURNAL: readonly Metric<DaemonSnapshot>[] = [
  {
    name: "stepwell.journal.usage",
    kind: "up-down",
    unit: "By",
    description: "Bytes that the journal holds against its quota.",
    attributes: [],
    read: ({ journal }) => one(journal.bytes),
  },
  {
    name: "stepwell.journal.limit",
    kind: "up-down",
    unit: "By",
    description: "The journal's quota: when it is full, clients wait and then drop.",
    attributes: [],
    read: ({ journal }) => one(journal.quotaBytes),
  },
  {
    name: "stepwell.journal.kept",
    kind: "up-down",
    unit: "By",
    description: "Bytes of delivered records that stay for a while, beside those.",
    attributes: [],
    read: ({ journal }) => one(journal.keptBytes),
  },
  {
    name: "stepwell.journal.pending",
    kind: "up-down",
    unit: "By",
    description: "Bytes that wait for an fsync.",
    attributes: [],
    read: ({ journal }) => one(journal.pendingBytes),
  },
  {
    name: "stepwell.journal.fsync.duration",
    kind: "histogram",
    unit: "s",
    description: "How long the journal took to bring a group of batches to disk.",
    attributes: [],
    read: ({ writes }) => one(writes.fsyncs),
  },
  {
    name: "stepwell.journal.failures",
    kind: "counter",
    unit: "{failure}",
    description: "Writes that failed, after which the journal is opened anew.",
    attributes: [],
    read: ({ writes }) => one(writes.failures),
  },
  {
    name: "stepwell.journal.damaged_segments",
    kind: "up-down",
    unit: "{segment}",
    description: "Segments of the journal that are damaged or gone.",
    attributes: [],
    read: ({ journal }) => one(journal.damagedSegments),
  },
  {
    name: "stepwell.batch.ack.duration",
    kind: "histogram",
    unit: "s",
    description:
      "How long a batch took from its arrival until it was on disk, which is when it is acknowledged.",
    attributes: [],
    read: ({ intake }) => one(intake.acks),
  },
];

const BACKENDS: readonly Metric<DaemonSnapshot>[] = [
  {
    name: "stepwell.backend.packs",
    kind: "counter",
    unit: "{pack}",
    description:
      "Packs that were sent, by what became of them: `delivered`, `elsewhere` (the backend stood at another position), `retry`, `hold`, `refused`.",
    attributes: ["stepwell.tracker", "stepwell.outcome"],
    read: ({ trackers }) =>
      [...trackers].flatMap(([tracker, { outcomes }]) =>
        Object.entries(outcomes).map(([outcome, value]) => ({
          attributes: { "stepwell.tracker": tracker, "stepwell.outcome": outcome },
          value,
        })),
      ),
  },
  {
    name: "stepwell.backend.request.duration",
    kind: "histogram",
    unit: "s",
    description: "How long a backend took for the packs that were sent to it at once.",
    attributes: ["stepwell.tracker"],
    read: ({ trackers }) => byTracker(trackers, ({ requests }) => requests),
  },
  {
    name: "stepwell.artifact.waiting",
    kind: "up-down",
    unit: "{artifact}",
    description: "Artifacts that wait for their server.",
    attributes: [],
    read: ({ artifacts }) => one(artifacts.count),
  },
  {
    name: "stepwell.artifact.usage",
    kind: "up-down",
    unit: "By",
    description: "Their bytes.",
    attributes: [],
    read: ({ artifacts }) => one(artifacts.bytes),
  },
  {
    name: "stepwell.artifact.limit",
    kind: "up-down",
    unit: "By",
    description: "How many bytes of artifacts may wait.",
    attributes: [],
    read: ({ artifacts }) => one(artifacts.quotaBytes),
  },
];

const CLIENTS: readonly Metric<DaemonSnapshot>[] = [
  {
    name: "stepwell.producer.connected",
    kind: "up-down",
    unit: "{producer}",
    description: "Clients that have a stream open.",
    attributes: [],
    read: ({ connectedProducers }) => one(connectedProducers),
  },
  {
    name: "stepwell.lease.lost",
    kind: "counter",
    unit: "{lease}",
    description: "Leases of runs and steps whose process vanished without a word.",
    attributes: [],
    read: ({ lostLeases }) => one(lostLeases),
  },
];

/** All of them, in the order in which they are told. */
export const DAEMON_METRICS: readonly Metric<DaemonSnapshot & { readonly process: ProcessSnapshot }>[] = [
  ...[...POINTS, ...QUEUE, ...JOURNAL, ...BACKENDS, ...CLIENTS],
  ...PROCESS_METRICS,
];

function byTracker<Counts, Value>(
  all: ReadonlyMap<string, Counts>,
  read: (counts: Counts) => Value,
): readonly Reading<Value>[] {
  return [...all].map(([tracker, counts]) => ({
    attributes: { "stepwell.tracker": tracker },
    value: read(counts),
  }));
}

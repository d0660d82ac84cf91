/** Every metric of a relay. */
import type { DurationCounts } from "../model/durations.js";
import { type Metric, one } from "./metric.js";
import { PROCESS_METRICS, type ProcessSnapshot } from "./process-metrics.js";

/** What a relay has and did, as plain numbers; counts begin with the relay. */
export interface RelaySnapshot {
  readonly tally: {
    readonly groups: number;
    readonly deliveredPoints: number;
    readonly outcomes: Readonly<Record<string, number>>;
    readonly commits: DurationCounts;
  };
  readonly streams: number;
  /** What each stream may have under way. */
  readonly windowBytes: number;
  readonly waitingPacks: number;
  /** Tenants with a limit, and those of them that are over it. */
  readonly tenants: { readonly limited: number; readonly over: number };
}

/** All of them, in the order in which they are told. */
export const RELAY_METRICS: readonly Metric<RelaySnapshot & { readonly process: ProcessSnapshot }>[] = [
  {
    name: "stepwell.relay.streams",
    kind: "up-down",
    unit: "{stream}",
    description: "Streams of homes that are open.",
    attributes: [],
    read: ({ streams }) => one(streams),
  },
  {
    name: "stepwell.relay.stream_window",
    kind: "gauge",
    unit: "By",
    description: "The credit of a stream: bytes that each may have under way.",
    attributes: [],
    read: ({ windowBytes }) => one(windowBytes),
  },
  {
    name: "stepwell.relay.pack.waiting",
    kind: "up-down",
    unit: "{pack}",
    description: "Packs that wait for a group.",
    attributes: [],
    read: ({ waitingPacks }) => one(waitingPacks),
  },
  {
    name: "stepwell.relay.packs",
    kind: "counter",
    unit: "{pack}",
    description:
      "Packs that were answered, by what became of them: `delivered`, `elsewhere`, `retry`, `hold`, `refused`.",
    attributes: ["stepwell.outcome"],
    read: ({ tally }) =>
      Object.entries(tally.outcomes).map(([outcome, value]) => ({
        attributes: { "stepwell.outcome": outcome },
        value,
      })),
  },
  {
    name: "stepwell.relay.points.delivered",
    kind: "counter",
    unit: "{point}",
    description: "Metric points that the backend confirmed.",
    attributes: [],
    read: ({ tally }) => one(tally.deliveredPoints),
  },
  {
    name: "stepwell.relay.groups",
    kind: "counter",
    unit: "{group}",
    description: "Groups of packs that were written, each as one transaction where the backend has any.",
    attributes: [],
    read: ({ tally }) => one(tally.groups),
  },
  {
    name: "stepwell.relay.commit.duration",
    kind: "histogram",
    unit: "s",
    description: "How long the backend took for a group.",
    attributes: [],
    read: ({ tally }) => one(tally.commits),
  },
  {
    name: "stepwell.relay.tenant.limited",
    kind: "up-down",
    unit: "{tenant}",
    description: "Tenants that have a limit.",
    attributes: [],
    read: ({ tenants }) => one(tenants.limited),
  },
  {
    name: "stepwell.relay.tenant.over_limit",
    kind: "up-down",
    unit: "{tenant}",
    description: "Those of them that are over it: what they send waits.",
    attributes: [],
    read: ({ tenants }) => one(tenants.over),
  },
  ...PROCESS_METRICS,
];

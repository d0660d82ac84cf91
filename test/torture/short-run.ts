import type { RunEnd } from "../../src/model/run.js";

/** What a short run logs: all of it follows from its id. */
export interface ShortRun {
  readonly experiment: string;
  readonly tracker: "first" | "second";
  readonly param: { readonly key: string; readonly value: string };
  readonly point: {
    readonly key: string;
    readonly step: number;
    readonly timestampMs: number;
    readonly value: number;
  };
  readonly status: Exclude<RunEnd["status"], "RUNNING">;
}

const STATUSES = ["FINISHED", "FINISHED", "FAILED", "KILLED"] as const;
const EXPERIMENTS = 3;

export function shortRunOf(runId: string): ShortRun {
  const digits = Number.parseInt(runId.slice(0, 8), 16);
  return {
    experiment: `sweep ${digits % EXPERIMENTS}`,
    tracker: digits % 2 === 0 ? "first" : "second",
    param: { key: "learning_rate", value: runId.slice(0, 12) },
    point: { key: "loss", step: digits % 1000, timestampMs: 1_700_000_000_000 + digits, value: digits / 7 },
    status: STATUSES[digits % STATUSES.length] ?? "FINISHED",
  };
}

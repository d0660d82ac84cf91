import type { Metric } from "./metric.js";
import { one } from "./metric.js";

/** What every process of ours tells of itself, by OpenTelemetry's own names. */
export interface ProcessSnapshot {
  readonly userSeconds: number;
  readonly systemSeconds: number;
  readonly residentBytes: number;
  readonly upSeconds: number;
}

/** The process as it is now. */
export function processSnapshot(): ProcessSnapshot {
  const { user, system } = process.cpuUsage();
  return {
    userSeconds: user / 1e6,
    systemSeconds: system / 1e6,
    residentBytes: process.memoryUsage.rss(),
    upSeconds: process.uptime(),
  };
}

export const PROCESS_METRICS: readonly Metric<{ readonly process: ProcessSnapshot }>[] = [
  {
    name: "process.cpu.time",
    kind: "counter",
    unit: "s",
    description: "Time of a processor that the process took.",
    attributes: ["cpu.mode"],
    read: ({ process: { userSeconds, systemSeconds } }) => [
      { attributes: { "cpu.mode": "user" }, value: userSeconds },
      { attributes: { "cpu.mode": "system" }, value: systemSeconds },
    ],
  },
  {
    name: "process.memory.usage",
    kind: "up-down",
    unit: "By",
    description: "Physical memory that the process has.",
    attributes: [],
    read: ({ process }) => one(process.residentBytes),
  },
  {
    name: "process.uptime",
    kind: "gauge",
    unit: "s",
    description: "How long the process has been running.",
    attributes: [],
    read: ({ process }) => one(process.upSeconds),
  },
];

/** The write path: what takes clients' entries into the journal, and watches the clients. */
import { hostname } from "node:os";
import type { HomePaths } from "../home/endpoint.js";
import { Door } from "../ingest/door.js";
import { Reception } from "../ingest/reception.js";
import type { LeaseWatch } from "../leases/lease-watch.js";
import { makeLeases } from "../leases/leases.js";
import type { StepRuns } from "../leases/step-runs.js";
import type { Clock } from "../model/clock.js";
import type { Log } from "../model/log.js";
import { VERSION } from "../model/version.js";
import { Gpus } from "../monitor/gpus.js";
import { machineReader } from "../monitor/machine-reading.js";
import { Monitor } from "../monitor/monitor.js";
import { ProcessTable } from "../monitor/process-table.js";
import type { Run } from "../runs/run.js";
import { Spools } from "../spool/spools.js";
import type { Stores } from "./stores.js";

/** What it is made with. */
export interface WriteOptions {
  readonly paths: HomePaths;
  readonly clock: Clock;
  readonly log: Log;
  readonly leaseReturnMs: number;
  /** A run has ended, as is about to be journaled. */
  readonly onRunEnded: (run: Run) => void;
}

/** Who takes what clients send, and who watches them. */
export interface WritePath {
  readonly door: Door;
  readonly steps: StepRuns;
  readonly watch: LeaseWatch;
  readonly reception: Reception;
  /** Logs metrics of the system to runs; it looks once it is started. */
  readonly monitor: Monitor;
}

/** Makes it; the watch looks once it is started. */
export function makeWritePath(options: WriteOptions, stores: Stores): WritePath {
  const { paths, clock, log, leaseReturnMs } = options;
  const { history, journal, runs, params, leases, pipelines, producers, counts, backendRuns, tallies } =
    stores;
  const door = new Door({
    ...{ journal, runs, params, leases, clock, counts, ids: backendRuns, tally: tallies.intake },
    onEnded: options.onRunEnded,
  });
  const { stepEndsFolder } = paths;
  const parts = {
    door,
    leases,
    pipelines,
    runs,
    clock,
    log,
    stepEndsFolder,
    leaseReturnMs,
    leaseTally: tallies.leases,
  };
  const { steps, watch, machine } = makeLeases({ ...parts, ids: backendRuns });
  const reception = new Reception({
    ...{ journal, producers, counts, log, daemonVersion: VERSION, homeId: () => history.homeId },
    presence: watch,
  });
  // What a process left in its spool comes before the end of its runs.
  watch.putFirst(new Spools({ door, reception, folder: paths.clientSpoolsFolder, machine, clock, log }));
  const monitor = new Monitor({
    ...{ runs, leases, pipelines, stacks: stores.stacks, door, machine, clock, log },
    ...{ gpus: new Gpus({ clock, log }), host: hostname() },
    readMachine: machineReader(),
    readProcesses: () => ProcessTable.read(),
  });
  return { door, steps, watch, reception, monitor };
}

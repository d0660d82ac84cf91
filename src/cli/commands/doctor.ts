import { EXIT } from "../../errors/row.js";
import { StepwellError } from "../../errors/stepwell-error.js";
import { type Component, ComponentType } from "../../gen/stepwell/v1/stacks.js";
import type { HomeCheck, HomeFacts, SegmentSalvage } from "../../model/home-check.js";
import type { Column, PlainRecord } from "../answer.js";
import type { Context } from "../context.js";
import * as program from "../doctor-program.js";
import { type Connection, findDaemon } from "../find-daemon.js";
import { homeChecks } from "../home-checks.js";
import { stateFault } from "../home-fault.js";
import type { OutputOptions } from "../options.js";
import { render } from "../output.js";
import { trySpawnLock } from "../spawn-lock.js";
import { stopDaemon } from "../stop-daemon.js";
import { KEYCHAIN_CALL_MS_MAX } from "../wait.js";
import { present } from "./status.js";
import { askTracker } from "./tracker-test.js";

/** Options of `doctor`. */
export interface DoctorOptions extends OutputOptions {
  readonly salvage?: true;
  readonly stop?: true;
}

/** How long a daemon that is in the way may drain; what is left is on disk. */
const DRAIN_MS = 1_000;
const CHECK_COLUMNS: readonly Column[] = ["check", "result", "finding", "remedy"].map((key) => ({ key }));

/** `doctor`: looks at everything, with or without a daemon; starts none. Exits with 1 when anything failed. */
export async function doctor(context: Context, options: DoctorOptions): Promise<number> {
  if (options.salvage) return salvage(context, options);
  if (options.stop) throw new StepwellError("STEPWELL_USAGE", "--stop goes with --salvage.");
  const found = await findDaemon(context);
  try {
    const ours = await homeChecks(context, found);
    const facts = found && (await factsOf(found));
    const servers = found && facts ? await serverChecks(found, facts) : [];
    const checks = [...ours, ...(await program.examine(context, facts)), ...servers];
    const items = checks.map((check) => ({ ...check }));
    context.stdout(render({ kind: "list", columns: CHECK_COLUMNS, items }, options.output));
    return checks.some(({ result }) => result === "failed") ? EXIT.failed : EXIT.ok;
  } finally {
    found?.close();
  }
}

/** `doctor --salvage`: brings back what can be read of damaged journal segments, while no daemon runs. */
async function salvage(context: Context, options: DoctorOptions): Promise<number> {
  await settleDaemon(context, options.stop ?? false);
  // Nobody starts a daemon meanwhile; one that was started already holds the home's own lock.
  const lock = trySpawnLock(context.paths.spawnLockFile);
  try {
    const reports = await program.salvage(context);
    if (reports.length === 0) context.stderr("No segment of the journal is damaged.\n");
    const items = reports.map(salvageView);
    context.stdout(render({ kind: "list", columns: SALVAGE_COLUMNS, items }, options.output));
    const parked = reports.reduce((sum, report) => sum + report.parked.records, 0);
    if (parked > 0) context.stderr("Send what was parked: stepwell dead-letter retry --all.\n");
    return reports.some(({ fault }) => fault !== "") ? EXIT.failed : EXIT.ok;
  } finally {
    lock?.release();
  }
}

/** Throws STEPWELL_HOME_LOCKED for a daemon that runs and is not to be stopped. */
async function settleDaemon(context: Context, mayStop: boolean): Promise<void> {
  const found = await findDaemon(context);
  if (!found) return;
  if (mayStop) {
    await stopDaemon(context, found, DRAIN_MS);
    context.stderr(`The daemon (pid ${found.info.pid}) has ended.\n`);
    return;
  }
  found.close();
  const sentence = `The daemon (pid ${found.info.pid}) runs; stepwell doctor --salvage --stop ends it first.`;
  throw new StepwellError("STEPWELL_HOME_LOCKED", sentence);
}

/** What servers answer to the daemon, which alone has the credentials. */
async function serverChecks(connection: Connection, { trackers }: HomeFacts): Promise<HomeCheck[]> {
  const servers = trackers.filter(({ configuration }) =>
    /^(https?|databricks)(:|$)/i.test(configuration["tracking_uri"] ?? ""),
  );
  const found = servers.map(async ({ name }) =>
    (await askTracker(connection, name)).map(
      ({ check, result, finding, remedy }) =>
        ({
          check: `tracker ${name}: ${check}`,
          result: result === "ok" || result === "warn" ? result : "failed",
          finding,
          remedy,
        }) as const,
    ),
  );
  return (await Promise.all(found)).flat();
}

/** What a running daemon says of what only it can read. */
async function factsOf({ call, stream, daemon, secrets, stacks }: Connection): Promise<HomeFacts> {
  const type = ComponentType.COMPONENT_TYPE_EXPERIMENT_TRACKER;
  const status = present((await call(daemon.getStatus.bind(daemon), {})).status);
  const components: Component[] = [];
  await stream(stacks.listComponents.bind(stacks), { type, options: undefined }, (piece) => {
    components.push(...piece.components);
  });
  const { stack: active } = await call(stacks.getStack.bind(stacks), { stack: "" });
  return {
    trackers: components.map(({ name, configuration }) => ({ name, configuration })),
    artifactStore: active?.artifactStore?.configuration ?? {},
    secrets: await call(secrets.getSecretBackend.bind(secrets), {}, KEYCHAIN_CALL_MS_MAX),
    deadLetters: Number(status.deadLetters),
    endedWithoutClosing: Number(status.producersEndedWithoutClosing),
    lastEnded: status.endedProducers.map((each) => ({ ...each, endedMs: Number(each.endedMs) })),
    producersWithLosses: Number(status.producersWithLosses),
    lanes: status.lanes.map(({ runId, tracker, state, lastError, queuedPoints }) => ({
      runId,
      tracker,
      state,
      lastError,
      queuedPoints: Number(queuedPoints),
    })),
    journalError: status.journalError,
    stateError: stateFault(status)?.message ?? "",
  };
}

const SALVAGE_COLUMNS: readonly Column[] = [
  "segment",
  "restored_points",
  "parked_points",
  "delivered_points",
  "unreadable_records",
  "fault",
].map((key) => ({ key }));

function salvageView(report: SegmentSalvage): PlainRecord {
  return {
    segment: report.segment,
    restored_records: report.restored.records,
    restored_points: report.restored.points,
    parked_records: report.parked.records,
    parked_points: report.parked.points,
    delivered_records: report.delivered.records,
    delivered_points: report.delivered.points,
    unknown_run_records: report.unknownRun.records,
    unknown_run_points: report.unknownRun.points,
    unreadable_records: report.unreadableRecords,
    fault: report.fault,
  };
}

import { EXIT } from "../../errors/row.js";
import { StepwellError, toStepwellError } from "../../errors/stepwell-error.js";
import { trySpawnLock } from "../../home/spawn-lock.js";
import { type Deadline, deadlineAfter } from "../../home/wait.js";
import type { HomeCheck, HomeFacts, SegmentSalvage } from "../../model/home-check.js";
import { DOCTOR_MS_MAX } from "../../model/limits.js";
import type { Context } from "../context.js";
import { type Connection, findDaemon } from "../daemon/find-daemon.js";
import { stopDaemon } from "../daemon/stop-daemon.js";
import type { OutputOptions } from "../input/options.js";
import type { Column, PlainRecord } from "../output/answer.js";
import { checkList } from "../output/check-list.js";
import { showAnswer } from "../output/output.js";
import { askFacts, askSecrets } from "./doctor-facts.js";
import * as program from "./doctor-program.js";
import { homeChecks } from "./home-checks.js";
import { serverChecks } from "./server-checks.js";

/** Options of `doctor`. */
export interface DoctorOptions extends OutputOptions {
  readonly salvage?: true;
  readonly stop?: true;
}

/** How long a daemon that is in the way may drain; what is left is on disk. */
const DRAIN_MS = 1_000;
const CHECK_COLUMNS: readonly Column[] = ["check", "result", "finding", "remedy"].map((key) => ({ key }));

/** `doctor`: looks at everything, with or without a daemon; starts none. Exits with 1 when anything failed, with 3 where none runs. */
export async function doctor(context: Context, options: DoctorOptions): Promise<number> {
  if (options.salvage) return salvage(context, options);
  if (options.stop) throw new StepwellError("STEPWELL_USAGE", "--stop goes with --salvage.");
  const deadline = deadlineAfter(DOCTOR_MS_MAX);
  const { found, refusal } = await look(context);
  try {
    const ours = await homeChecks(context, found, refusal);
    const checks = [
      ...ours,
      ...(found
        ? await checksWith(context, found, deadline)
        : ours.some(({ check, result }) => check === "home" && result === "failed")
          ? []
          : await program.examine(context, undefined, deadline)),
    ];
    const items = checks.map((check) => ({ ...check }));
    if (options.output === "fitted") context.stdout(checkList(checks, context.screen));
    else await showAnswer(context, { kind: "list", columns: CHECK_COLUMNS, items }, options.output);
    if (checks.some(({ result }) => result === "failed")) return EXIT.failed;
    return found ? EXIT.ok : EXIT.daemonUnreachable;
  } finally {
    found?.close();
  }
}

/** The daemon that answers, or why nothing was said to what may be one: somebody else could answer. */
async function look(context: Context): Promise<{ found?: Connection; refusal?: StepwellError }> {
  try {
    const found = await findDaemon(context);
    return found ? { found } : {};
  } catch (error) {
    const refusal = toStepwellError(error);
    if (refusal.code === "STEPWELL_HOME_OPEN" || refusal.code === "STEPWELL_ENDPOINT_FOREIGN")
      return { refusal };
    throw error;
  }
}

/** What a running daemon, the home's stores and the trackers' servers tell; the latter two at the same time. */
async function checksWith(context: Context, found: Connection, deadline: Deadline): Promise<HomeCheck[]> {
  const { facts, checks } = await askFacts(found);
  if (!facts) return [...checks, ...(await program.examine(context, undefined, deadline))];
  const examined = askSecrets(found, deadline).then((secrets) =>
    program.examine(context, { ...facts, secrets }, deadline),
  );
  const servers = facts.trackers.filter(hasServer).map(({ name }) => name);
  const [ofHome, ofServers] = await Promise.all([examined, serverChecks(found, servers, deadline)]);
  return [...checks, ...ofHome, ...ofServers];
}

function hasServer({ configuration }: HomeFacts["trackers"][number]): boolean {
  return /^(https?|grpcs?|databricks)(:|$)/i.test(configuration["tracking_uri"] ?? "");
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
    await showAnswer(context, { kind: "list", columns: SALVAGE_COLUMNS, items }, options.output);
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

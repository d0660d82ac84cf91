/** `run`: gives a program in any language a run, and ends it as the program ended. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:os";
import { basename } from "node:path";
import { StepwellError } from "../../errors/stepwell-error.js";
import { systemCode } from "../../errors/system-code.js";
import type { StepTracking } from "../../gen/stepwell/v1/steps.js";
import { systemClock } from "../../home/clock.js";
import { ownIdentity } from "../../home/process-identity.js";
import { userName } from "../../home/user.js";
import type { EndStatus } from "../../model/end-status.js";
import { newId } from "../../model/id.js";
import { isQuiet } from "../../model/quiet.js";
import { runNameOf } from "../../model/run-name.js";
import { posixWord } from "../../model/shell-word.js";
import {
  nodeName,
  SYSTEM_METRICS_FORMS,
  SYSTEM_METRICS_TAG,
  type SystemWish,
  systemMetricsSeconds,
  systemMetricsTag,
  wishOfVariables,
} from "../../model/system-metrics.js";
import type { Context } from "../context.js";
import { connect } from "../daemon/connect.js";
import { keepPresence } from "../daemon/presence.js";
import { visible } from "../output/people.js";
import { cutTo } from "../output/text-width.js";
import { commandOnPath } from "./command-folder.js";
import { environmentFor } from "./env.js";
import { missingProgram } from "./find-program.js";
import { type Forwarding, forwardSignals } from "./forward-signals.js";
import { keepOutput } from "./keep-output.js";
import { draftOutput } from "./output-draft.js";
import { keptOutput, type ProgramOutput, untouched } from "./program-output.js";
import { notify } from "./run-notify.js";
import { tellEnd } from "./step-end.js";

/** Options of `run`. */
export interface RunOptions {
  readonly experimentTracker?: string;
  readonly experimentName?: string;
  readonly runName?: string;
  /** Seconds, on or off; true where only the option is given. */
  readonly systemMetrics?: string | true;
  /** A line for a shell that is told of the run's end. */
  readonly notify?: string;
  /** Whether what the program writes is kept. */
  readonly output?: boolean;
}

/** What is told of a run is one line, whatever its name. */
const NAME_CELLS_TOLD = 80;

interface ProgramOptions extends RunOptions {
  readonly wish: SystemWish | undefined;
}

/** How a program ended. */
interface ProgramEnd {
  readonly status: EndStatus;
  /** As a shell reports it. */
  readonly code: number;
}

/**
 * Runs the program to its end. Resolves to its exit code. One that can't be found makes no run; and where its run can't begin, that is
 * thrown and the program is not started.
 */
export async function run(context: Context, words: readonly string[], options: RunOptions): Promise<number> {
  const [program] = words;
  if (program === undefined) throw new StepwellError("STEPWELL_USAGE", "Give the command behind --.");
  const wish = systemWish(context, options);
  // This command is on the program's PATH, whatever is on this one.
  const missing = program === "stepwell" ? undefined : missingProgram(program, context.env);
  if (missing !== undefined) return sayUnrunnable(context, program, missing);
  const { step, tracking, runName } = await begin(context, basename(program), options, wish);
  const say = (line: string) =>
    isQuiet(context.env["STEPWELL_QUIET"]) || context.stderr(`stepwell: ${visible(line)}\n`);
  const shown = cutTo(visible(runName), NAME_CELLS_TOLD, "...");
  say(`run ${shown} logs to ${tracking.tracker}. Look: stepwell runs show ${tracking.runId}`);
  const beganMs = systemClock.monotonicMs();
  const presence = keepPresence(context);
  // Before the program begins: it may be asked to end at once.
  const forwarding = forwardSignals();
  try {
    const output = isKept(context, options) ? keptOutput(words, context.env["SHELL"]) : untouched(words);
    const draft = draftOutput(context.paths.outputsFolder, tracking, output);
    const end = await runProgram(context, output, tracking, { ...options, wish }, forwarding);
    // A signal that comes now finds no program, and does not keep its end from being told.
    const standing = await tellEnd(context, { ...step, status: end.status });
    const lost = await keepOutput(context, tracking, end.output);
    await draft.end();
    if (lost !== undefined) say(`what run ${shown} wrote is not kept: ${lost}`);
    if (standing !== "") say(`run ${shown} ${end.status}. ${standing}`);
    const { runId, tracker } = tracking;
    if (options.notify)
      await notify(context, options.notify, { ...end, runId, runName, tracker, standing, beganMs });
    return end.code;
  } finally {
    forwarding.stop();
    presence.close();
  }
}

async function begin(context: Context, name: string, options: RunOptions, wish: SystemWish | undefined) {
  const [stepRunId, pipelineRunId] = [newId(), newId()];
  const { experimentTracker, experimentName } = options;
  // An empty name is none, as in MLflow.
  const runName = options.runName || runNameOf(stepRunId);
  const settings = { key: "experiment_tracker", experimentName, nested: undefined, tags: tagsOf(wish) };
  const connection = await connect(context);
  try {
    const { trackings } = await connection.call(connection.steps.startStep.bind(connection.steps), {
      ...{ stepRunId, pipelineRunId, pipelineName: "", pipelineRunName: runName, stepName: name },
      invocationId: name,
      experimentTrackers: experimentTracker === undefined ? [] : [experimentTracker],
      allExperimentTrackers: false,
      pipelineSettings: [],
      stepSettings: experimentName === undefined && wish === undefined ? [] : [settings],
      startTimeMs: 0n,
      process: ownIdentity(),
      user: userName(),
      sourceName: name,
      producerId: Buffer.alloc(0),
    });
    const [tracking] = trackings as [StepTracking];
    return { step: { stepRunId, pipelineRunId }, tracking, runName };
  } finally {
    connection.close();
  }
}

/** The option's word, or else that of MLflow's own variables; undefined: neither says anything. Throws STEPWELL_USAGE. */
function systemWish({ env }: Context, { systemMetrics }: RunOptions): SystemWish | undefined {
  if (systemMetrics === undefined) return wishOfVariables(env);
  const seconds = systemMetricsSeconds(systemMetrics === true ? "on" : systemMetrics);
  if (seconds === undefined)
    throw new StepwellError("STEPWELL_USAGE", `--system-metrics is ${SYSTEM_METRICS_FORMS}.`);
  return { everyMs: 1_000 * seconds, node: nodeName(env["MLFLOW_SYSTEM_METRICS_NODE_ID"] ?? "") };
}

function isKept({ env }: Context, { output = true }: RunOptions): boolean {
  return output && env["STEPWELL_RUN_OUTPUT"] !== "0";
}

function tagsOf(wish: SystemWish | undefined): Record<string, string> {
  return wish ? { [SYSTEM_METRICS_TAG]: systemMetricsTag(wish.everyMs / 1_000, wish.node) } : {};
}

async function runProgram(
  context: Context,
  output: ProgramOutput,
  tracking: StepTracking,
  options: ProgramOptions,
  forwarding: Forwarding,
): Promise<ProgramEnd & { readonly output: Buffer }> {
  const [program = "", ...args] = output.words;
  try {
    const env = {
      ...environmentOf(context, tracking, options),
      ...(await commandOnPath(context)),
      ...output.env,
    };
    const child = spawn(program, args, { stdio: output.stdio, env });
    forwarding.to({ kill: (signal) => signalTo(child, output.pid?.(), signal) });
    const [code, signal] = (await once(child, "exit")) as [number | null, NodeJS.Signals | null];
    return { ...endOf(code, signal, forwarding.hasForwarded()), output: await output.finish() };
  } catch (error) {
    const code = sayUnrunnable(context, program, systemCode(error) ?? String(error));
    return { status: "FAILED", code, output: await output.finish() };
  }
}

function signalTo(child: ChildProcess, pid: number | undefined, signal?: NodeJS.Signals | number): boolean {
  try {
    return pid === undefined ? child.kill(signal) : process.kill(pid, signal);
  } catch {
    // It ended just now.
    return false;
  }
}

/** Says it; returns the exit code of shells. */
function sayUnrunnable({ stderr }: Context, program: string, reason: string): number {
  const why = reason === "ENOENT" ? "there is no such program (ENOENT)" : reason;
  stderr(`error: ${program} can't be run: ${why}\n`);
  return reason === "ENOENT" ? 127 : 126;
}

/**
 * What the program needs to log to its run, beside what the caller's environment holds. MLflow takes no run that
 * MLFLOW_RUN_ID names once its program has set another experiment: unless the command was told one, the run is the
 * first that the program begins, in whatever experiment that is.
 */
function environmentOf(
  { env, paths, program }: Context,
  tracking: StepTracking,
  { experimentName, wish }: ProgramOptions,
): NodeJS.ProcessEnv {
  const { set, unset } = environmentFor(env, tracking.mlflowTrackingUri);
  const kept = Object.fromEntries(Object.entries(env).filter(([name]) => !unset.includes(name)));
  return {
    STEPWELL_COMMAND: program.map(posixWord).join(" "),
    ...kept,
    ...set,
    STEPWELL_HOME: paths.home,
    STEPWELL_RUN_ID: tracking.runId,
    ...(experimentName === undefined && tracking.parentRunId === "" ? {} : { MLFLOW_RUN_ID: tracking.runId }),
    // What the daemon logs already MLflow's own code would log again.
    ...(wish && wish.everyMs > 0 ? { MLFLOW_ENABLE_SYSTEM_METRICS_LOGGING: "false" } : {}),
    // MLflow's own default needs no name.
    ...(tracking.experimentName === "Default" ? {} : { MLFLOW_EXPERIMENT_NAME: tracking.experimentName }),
  };
}

/** Exit codes of shells and programs that a signal ended: SIGHUP, SIGINT, SIGKILL, SIGTERM. */
const KILLED_CODES = [129, 130, 137, 143];

function endOf(code: number | null, signal: NodeJS.Signals | null, wasAsked: boolean): ProgramEnd {
  if (signal !== null) return { status: "KILLED", code: 128 + (constants.signals[signal] ?? 0) };
  if (code === 0) return { status: "FINISHED", code };
  const isKilled = wasAsked || KILLED_CODES.includes(code ?? 0);
  return { status: isKilled ? "KILLED" : "FAILED", code: code ?? 1 };
}

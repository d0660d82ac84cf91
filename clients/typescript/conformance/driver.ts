/** Does what the conformance suite tells it; see clients/conformance/README.md. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import {
  type PointOptions,
  type Run,
  type RunOptions,
  StepwellClient,
  StepwellClientError,
} from "../src/index.js";

type Text = string | { readonly text?: string; readonly times?: number; readonly utf16?: string };

interface Command {
  readonly do: string;
  readonly run: string;
  readonly key: Text;
  readonly value: Text;
  readonly step?: string;
  readonly timestamp?: string;
  readonly model_id?: Text;
  readonly run_id?: Text;
  readonly run_name?: Text;
  readonly experiment_name?: Text;
  readonly status?: Text;
  readonly metrics: Readonly<Record<string, string>>;
  readonly steps: readonly string[];
  readonly values: readonly string[];
  readonly timestamps?: readonly string[];
  readonly count: number;
  readonly first?: number;
  readonly characters: number;
  readonly seconds?: number;
  readonly commands: readonly Command[];
  readonly inherits?: string;
}

class CannotBeSaid extends Error {}

const client = new StepwellClient();
const runs = new Map<string, Run>();

const does: Readonly<Record<string, (command: Command) => unknown>> = {
  start_run: (command) => {
    const run = client.startRun(runOptions(command));
    runs.set(command.run, run);
    return { run_id: run.runId };
  },
  log_metric: (command) =>
    runOf(command).logMetric(textOf(command.key), Number(command.value), pointOptions(command)),
  log_metrics: (command) => {
    const metrics = Object.entries(command.metrics).map(([key, value]) => [key, Number(value)] as const);
    runOf(command).logMetrics(Object.fromEntries(metrics), pointOptions(command));
  },
  log_series: (command) => {
    const { steps, values, timestamps } = command;
    const times = timestamps?.map(BigInt);
    runOf(command).logSeries(textOf(command.key), steps.map(BigInt), values.map(Number), times);
  },
  log_param: (command) => runOf(command).logParam(textOf(command.key), textOf(command.value)),
  set_tag: (command) => runOf(command).setTag(textOf(command.key), textOf(command.value)),
  log_many: (command) => {
    const run = runOf(command);
    const key = textOf(command.key);
    for (const step of stepsOf(command)) run.logMetric(key, step, { step });
  },
  log_large_series: (command) => {
    const steps = stepsOf(command);
    runOf(command).logSeries(textOf(command.key), steps, steps);
  },
  set_many_tags: (command) => {
    const run = runOf(command);
    for (let number = 0; number < command.count; number++)
      run.setTag(`${textOf(command.key)}${number}`, "x".repeat(command.characters));
  },
  drain: async ({ seconds }) => {
    const { isComplete, lanes, deadLetters } = await client.drain(waitOptions(seconds));
    const waiting = lanes.reduce((sum, { queuedPoints }) => sum + queuedPoints, 0);
    return { complete: isComplete, waiting, dead_letters: deadLetters };
  },
  flush: ({ seconds }) => client.flush(waitOptions(seconds)),
  close: ({ seconds }) => client.close(waitOptions(seconds)),
  end_run: (command) => {
    const status = command.status === undefined ? undefined : textOf(command.status);
    runOf(command).end(status as "FINISHED");
  },
  stats: () => client.stats(),
  fork: () => {
    throw new CannotBeSaid("Node has no fork that copies a process");
  },
  spawn: spawnDriver,
};

function runOf({ run }: Command): Run {
  const found = runs.get(run);
  if (found === undefined) throw new Error(`there is no run ${run}`);
  return found;
}

function stepsOf({ first = 0, count }: Command): number[] {
  return Array.from({ length: count }, (_, index) => first + index);
}

function textOf(given: Text): string {
  if (typeof given === "string") return given;
  if (given.utf16 !== undefined) return Buffer.from(given.utf16, "hex").swap16().toString("utf16le");
  if (given.text === undefined) throw new CannotBeSaid("a string is made of UTF-16, not of bytes");
  return given.text.repeat(given.times ?? 1);
}

function runOptions({ run_id, run_name, experiment_name }: Command): RunOptions {
  return {
    ...(run_id === undefined ? {} : { runId: textOf(run_id) }),
    ...(run_name === undefined ? {} : { runName: textOf(run_name) }),
    ...(experiment_name === undefined ? {} : { experimentName: textOf(experiment_name) }),
  };
}

function pointOptions({ step, timestamp, model_id }: Command): PointOptions {
  return {
    ...(step === undefined ? {} : { step: BigInt(step) }),
    ...(timestamp === undefined ? {} : { timestampMs: BigInt(timestamp) }),
    ...(model_id === undefined ? {} : { modelId: textOf(model_id) }),
  };
}

function waitOptions(seconds: number | undefined): { timeoutMs?: number } {
  return seconds === undefined ? {} : { timeoutMs: 1_000 * seconds };
}

async function spawnDriver({ commands, inherits }: Command): Promise<object> {
  const inherited = inherits === undefined ? {} : { STEPWELL_RUN_ID: runs.get(inherits)?.runId };
  const child = spawn(process.execPath, process.argv.slice(1), {
    env: { ...process.env, ...inherited },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const closed = once(child, "close");
  child.stdin.end(commands.map((one) => `${JSON.stringify(one)}\n`).join(""));
  const answers: unknown[] = [];
  for await (const line of createInterface({ input: child.stdout })) answers.push(JSON.parse(line));
  const [code] = (await closed) as [number | null];
  return { answers: answers.slice(1), code };
}

async function answer(command: Command): Promise<object> {
  const call = does[command.do];
  if (call === undefined) return { cannot: `there is no ${command.do}` };
  try {
    return { ok: (await call(command)) ?? {} };
  } catch (error) {
    if (error instanceof CannotBeSaid) return { cannot: error.message };
    if (!(error instanceof StepwellClientError))
      return { error: { code: "", sentence: String(error), remedy: "" } };
    const { code, message, remedy } = error;
    return { error: { code, sentence: message, remedy } };
  }
}

process.stdout.write(`${JSON.stringify({ ready: { language: "TypeScript", pid: process.pid } })}\n`);
for await (const line of createInterface({ input: process.stdin }))
  process.stdout.write(`${JSON.stringify(await answer(JSON.parse(line) as Command))}\n`);

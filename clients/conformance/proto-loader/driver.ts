/** Does what the conformance suite tells it, with the independent client; see ../README.md. */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { LoaderClient, limit, Refusal } from "./client.js";

type Text = string | { readonly text?: string; readonly times?: number; readonly utf16?: string };
type Command = Readonly<Record<string, unknown>>;

const INT64 = 2n ** 63n;
/** A part of a long list: 48 kB, which any daemon's message takes. */
const PART_POINTS = 2_000;
const ENDS = ["FINISHED", "FAILED", "KILLED"];

class CannotBeSaid extends Error {}

interface Run {
  readonly id: string;
  readonly params: Map<string, string>;
  readonly isInherited: boolean;
  isEnded: boolean;
}

const client = new LoaderClient();
const runs = new Map<unknown, Run>();

const does: Readonly<Record<string, (command: Command) => unknown>> = {
  start_run: (command) => {
    const inherited = process.env["STEPWELL_RUN_ID"];
    const isInherited = command["run_id"] === undefined && Boolean(inherited);
    const id = isInherited ? String(inherited) : idOf(command["run_id"]);
    const experiment = experimentOf(command["experiment_name"]);
    const name = checkedText("The run's name", command["run_name"] ?? "", "TAG_VALUE_CODE_POINTS_MAX");
    runs.set(command["run"], { id, params: new Map(), isInherited, isEnded: false });
    const goesOn = command["run_id"] === undefined ? {} : { run_end: { status: "RUN_STATUS_RUNNING" } };
    const start = { experiment_name: experiment, run_name: name, start_time_ms: String(Date.now()) };
    if (!isInherited) client.add(id, { run_start: start, ...goesOn }, 0);
    return { run_id: id };
  },
  log_metric: (command) => {
    const run = runOf(command);
    const column = columnOf(checkedKey(command["key"]), command, [command["value"]]);
    client.add(run.id, { metrics: [column] }, 1);
  },
  log_metrics: (command) => {
    const run = runOf(command);
    const columns = Object.entries(command["metrics"] as object).map(([key, value]) =>
      columnOf(checkedKey(key), command, [value]),
    );
    client.add(run.id, { metrics: columns }, columns.length);
  },
  log_series: (command) => {
    const run = runOf(command);
    const { steps, values, timestamps } = command as {
      steps: string[];
      values: string[];
      timestamps?: string[];
    };
    if (steps.length !== values.length || (timestamps ?? steps).length !== values.length)
      throw new Refusal("STEPWELL_COLUMN_UNEVEN", "The columns differ in length.");
    const column = {
      key: checkedKey(command["key"]),
      steps: steps.map(stepOf),
      timestamps_ms: timestamps?.map(timestampOf) ?? values.map(() => String(Date.now())),
      values: values.map(Number),
    };
    client.add(run.id, { metrics: [column] }, values.length);
  },
  log_param: (command) => {
    const run = runOf(command);
    const key = checkedKey(command["key"]);
    const value = checkedText("The param", command["value"], "PARAM_VALUE_CODE_POINTS_MAX");
    const known = run.params.get(key);
    if (known === value) return;
    if (known !== undefined) throw new Refusal("STEPWELL_PARAM_CHANGED", "The param has another value.");
    run.params.set(key, value);
    client.add(run.id, { params: [{ key, value }] }, 1);
  },
  set_tag: (command) => {
    const run = runOf(command);
    const key = checkedKey(command["key"]);
    const value = checkedText("The tag", command["value"], "TAG_VALUE_CODE_POINTS_MAX");
    client.add(run.id, { tags: [{ key, value }] }, 1);
  },
  log_many: logRange,
  log_large_series: logRange,
  set_many_tags: (command) => {
    const run = runOf(command);
    const value = "x".repeat(Number(command["characters"]));
    for (let number = 0; number < Number(command["count"]); number++)
      client.add(run.id, { tags: [{ key: `${String(command["key"])}${number}`, value }] }, 1);
  },
  drain: async ({ seconds }) => {
    const { drained, lanes, dead_letters } = await client.drain(seconds as number | undefined);
    const waiting = lanes.reduce((sum, { queued_points }) => sum + Number(queued_points), 0);
    return { complete: drained, waiting, dead_letters: Number(dead_letters) };
  },
  flush: ({ seconds }) => client.flush(seconds as number | undefined),
  close: async ({ seconds }) => {
    await client.flush(seconds as number | undefined);
    await client.close();
  },
  end_run: (command) => {
    const run = runs.get(command["run"]);
    if (run === undefined) throw new Error("there is no such run");
    end(run, command["status"] === undefined ? "FINISHED" : String(textOf(command["status"])));
  },
  stats: () => client.stats,
  fork: () => {
    throw new CannotBeSaid("Node has no fork that copies a process");
  },
  spawn: async ({ commands, inherits }) => {
    const inherited = inherits === undefined ? {} : { STEPWELL_RUN_ID: runs.get(inherits)?.id };
    const child = spawn(process.execPath, process.argv.slice(1), {
      env: { ...process.env, ...inherited },
      stdio: ["pipe", "pipe", "inherit"],
    });
    const closed = once(child, "close");
    child.stdin.end((commands as object[]).map((one) => `${JSON.stringify(one)}\n`).join(""));
    const answers: unknown[] = [];
    for await (const line of createInterface({ input: child.stdout })) answers.push(JSON.parse(line));
    const [code] = (await closed) as [number | null];
    return { answers: answers.slice(1), code };
  },
};

function logRange(command: Command): void {
  const run = runOf(command);
  const key = checkedKey(command["key"]);
  const [first, count] = [Number(command["first"] ?? 0), Number(command["count"])];
  for (let from = first; from < first + count; from += PART_POINTS) {
    const values = Array.from({ length: Math.min(PART_POINTS, first + count - from) }, (_, i) => from + i);
    const timestamps = values.map(() => String(Date.now()));
    const column = { key, steps: values.map(String), timestamps_ms: timestamps, values };
    client.add(run.id, { metrics: [column] }, values.length);
  }
}

function end(run: Run, status: string): void {
  if (!ENDS.includes(status)) throw new Refusal("STEPWELL_STATUS_INVALID", "That is no end.");
  if (run.isEnded) return;
  run.isEnded = true;
  const runEnd = { status: `RUN_STATUS_${status}`, end_time_ms: String(Date.now()) };
  if (!run.isInherited) client.add(run.id, { run_end: runEnd }, 0);
}

function columnOf(key: string, command: Command, values: readonly unknown[]): object {
  const { step = "0", timestamp = String(Date.now()), model_id: modelId } = command;
  const model = modelId === undefined ? "" : String(textOf(modelId));
  if (modelId !== undefined && !new RegExp(`^[\\w.-]{1,${limit("MODEL_ID_CHARACTERS_MAX")}}$`).test(model))
    throw new Refusal("STEPWELL_MODEL_ID_INVALID", "That is no id of a model.");
  return {
    key,
    steps: [stepOf(String(step))],
    timestamps_ms: [timestampOf(String(timestamp))],
    values: values.map(Number),
    model_id: model,
  };
}

function stepOf(text: string): string {
  const step = BigInt(text);
  if (step < INT64 && step >= -INT64) return text;
  throw new Refusal("STEPWELL_STEP_INVALID", "The step is no int64.");
}

function timestampOf(text: string): string {
  const timestamp = BigInt(text);
  if (timestamp < INT64 && timestamp >= 0n) return text;
  throw new Refusal("STEPWELL_TIMESTAMP_INVALID", "The timestamp is no time.");
}

function textOf(given: unknown): string {
  const {
    text,
    times = 1,
    utf16,
  } = (typeof given === "string" ? { text: given } : given) as Exclude<Text, string>;
  if (utf16 !== undefined) return Buffer.from(utf16, "hex").swap16().toString("utf16le");
  if (text === undefined) throw new CannotBeSaid("a string is made of UTF-16, not of bytes");
  return text.repeat(times);
}

function wellFormed(what: string, given: unknown): string {
  const text = textOf(given);
  if (text.isWellFormed()) return text;
  throw new Refusal("STEPWELL_TEXT_MALFORMED", `${what} is no Unicode.`);
}

function checkedText(what: string, given: unknown, bound: string): string {
  const text = wellFormed(what, given);
  if ([...text].length <= limit(bound)) return text;
  throw new Refusal("STEPWELL_VALUE_TOO_LONG", `${what} is too long.`);
}

function checkedKey(given: unknown): string {
  const key = wellFormed("The key", given);
  const isPlain = key.split("/").every((part) => !["", ".", ".."].includes(part)) && !key.startsWith("..");
  const isAllowed = /^[\p{L}\p{N}_\-. :/]+$/u.test(key) && [...key].length <= limit("KEY_CODE_POINTS_MAX");
  if (isPlain && isAllowed) return key;
  throw new Refusal("STEPWELL_KEY_INVALID", "MLflow takes no such key.");
}

function experimentOf(given: unknown): string {
  if (given === undefined) return "";
  const name = wellFormed("The experiment's name", given);
  if (name !== "" && [...name].length <= limit("EXPERIMENT_NAME_CODE_POINTS_MAX")) return name;
  throw new Refusal("STEPWELL_EXPERIMENT_INVALID", "An experiment can't be called so.");
}

function idOf(given: unknown): string {
  if (given === undefined) return randomBytes(16).toString("hex");
  const id = textOf(given);
  if (/^[0-9a-f]{32}$/.test(id)) return id;
  throw new Refusal("STEPWELL_RUN_ID_INVALID", "That is no run id.");
}

function runOf({ run }: Command): Run {
  const found = runs.get(run);
  if (found === undefined) throw new Error(`there is no run ${String(run)}`);
  if (found.isEnded) throw new Refusal("STEPWELL_RUN_ENDED", "The run has ended.");
  return found;
}

async function answer(command: Command): Promise<object> {
  const call = does[String(command["do"])];
  if (call === undefined) return { cannot: `there is no ${String(command["do"])}` };
  try {
    return { ok: (await call(command)) ?? {} };
  } catch (error) {
    if (error instanceof CannotBeSaid) return { cannot: error.message };
    if (error instanceof Refusal)
      return { error: { code: error.code, sentence: error.message, remedy: error.remedy } };
    return { error: { code: "", sentence: String(error), remedy: "" } };
  }
}

process.stdout.write(`${JSON.stringify({ ready: { language: "proto-loader", pid: process.pid } })}\n`);
for await (const line of createInterface({ input: process.stdin }))
  process.stdout.write(`${JSON.stringify(await answer(JSON.parse(line) as Command))}\n`);
for (const run of runs.values()) end(run, "FINISHED");
const exitSeconds = Number(process.env["STEPWELL_EXIT_TIMEOUT"] || limit("EXIT_WAIT_MS") / 1_000);
try {
  await client.flush(exitSeconds);
} catch (error) {
  process.stderr.write(`${error instanceof Refusal ? error.code : ""}: ${String(error)}\n`);
}
await client.close();
process.exit();

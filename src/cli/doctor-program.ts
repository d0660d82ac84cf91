/** Runs the doctor's program, which opens what only the daemon's side may open. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { StepwellError } from "../errors/stepwell-error.js";
import { ERRORS, type ErrorCode } from "../errors/table.js";
import type { HomeCheck, HomeFacts, SegmentSalvage } from "../model/home-check.js";
import type { Context } from "./context.js";
import { daemonEnvironment, daemonProgram } from "./spawn.js";

/** Databases may be locked for a second each. */
const EXAMINE_MS_MAX = 120_000;
/** A journal may be as large as its quota. */
const SALVAGE_MS_MAX = 3_600_000;

/** What it finds; `facts` are those of a running daemon. */
export async function examine(context: Context, facts: HomeFacts | undefined): Promise<HomeCheck[]> {
  return (await run(context, "examine", facts, EXAMINE_MS_MAX)) as HomeCheck[];
}

/** What became of each damaged segment. Throws STEPWELL_HOME_LOCKED while a daemon runs. */
export async function salvage(context: Context): Promise<SegmentSalvage[]> {
  return (await run(context, "salvage", undefined, SALVAGE_MS_MAX)) as SegmentSalvage[];
}

async function run(
  { env, paths, stderr }: Context,
  task: string,
  facts: HomeFacts | undefined,
  timeoutMs: number,
): Promise<unknown> {
  const child = spawn(process.execPath, ["--enable-source-maps", daemonProgram("doctor-main.js"), task], {
    stdio: ["pipe", "pipe", "pipe"],
    timeout: timeoutMs,
    env: { ...daemonEnvironment(env), STEPWELL_HOME: paths.home },
  });
  child.stderr.on("data", (bytes: Buffer) => stderr(bytes.toString()));
  // It may end before it has read anything.
  child.stdin.on("error", () => undefined);
  child.stdin.end(facts ? JSON.stringify(facts) : "");
  const [answer] = await Promise.all([text(child.stdout), once(child, "close")]);
  return parse(answer);
}

/** Throws the fault that the program answered, or STEPWELL_INTERNAL when it answered nothing whole. */
function parse(answer: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(answer);
  } catch (cause) {
    throw new StepwellError("STEPWELL_INTERNAL", "The doctor's program ended without an answer.", { cause });
  }
  if (Array.isArray(value)) return value;
  const { fault } = value as { fault: { code: ErrorCode; message: string } };
  const code = Object.hasOwn(ERRORS, fault.code) ? fault.code : "STEPWELL_INTERNAL";
  throw new StepwellError(code, fault.message);
}

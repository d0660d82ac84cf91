/** Runs the doctor's program, which opens what only the daemon's side may open. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { StepwellError } from "../../errors/stepwell-error.js";
import { ERRORS, type ErrorCode } from "../../errors/table.js";
import { privateFlags } from "../../home/private-memory.js";
import type { Deadline } from "../../home/wait.js";
import { failedCheck, type HomeCheck, type HomeFacts, type SegmentSalvage } from "../../model/home-check.js";
import { DOCTOR_MS_MAX } from "../../model/limits.js";
import type { Context } from "../context.js";
import { daemonEnvironment, daemonProgram } from "../daemon/spawn.js";

/** The program looks at nothing more so long before the deadline, and answers: a locked database takes a second. */
const ANSWER_MS = 2_000;
/** A journal may be as large as its quota. */
const SALVAGE_MS_MAX = 3_600_000;

/** What it finds by the deadline; `facts` are those of a running daemon. */
export async function examine(
  context: Context,
  facts: HomeFacts | undefined,
  deadline: Deadline,
): Promise<HomeCheck[]> {
  const leftMs = Math.floor(deadline.leftMs());
  const words = ["examine", String(Math.max(0, leftMs - ANSWER_MS))];
  try {
    // A timeout of 0 would be none.
    return (await run(context, words, facts, Math.max(1, leftMs))) as HomeCheck[];
  } catch (error) {
    if (deadline.leftMs() > 0) throw error;
    const finding = `They were not looked through before the ${DOCTOR_MS_MAX / 1000} s of a doctor's visit were over.`;
    return [failedCheck("stores", finding, "See whether the disk of the home answers, and try again.")];
  }
}

/** What became of each damaged segment. Throws STEPWELL_HOME_LOCKED while a daemon runs. */
export async function salvage(context: Context): Promise<SegmentSalvage[]> {
  return (await run(context, ["salvage"], undefined, SALVAGE_MS_MAX)) as SegmentSalvage[];
}

async function run(
  { env, paths, stderr }: Context,
  words: readonly string[],
  facts: HomeFacts | undefined,
  timeoutMs: number,
): Promise<unknown> {
  const child = spawn(
    process.execPath,
    ["--enable-source-maps", ...privateFlags(), daemonProgram("doctor"), ...words],
    {
      stdio: ["pipe", "pipe", "pipe"],
      timeout: timeoutMs,
      killSignal: "SIGKILL",
      env: { ...daemonEnvironment(env), STEPWELL_HOME: paths.home },
    },
  );
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

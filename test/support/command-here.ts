/**
 * The command in the test's own process, for what a test sets up or looks up beside its subject: a process for each
 * costs a fifth of a second of a processor, and there are a thousand.
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { answer } from "../../src/cli/answer.js";
import { type HomePaths, homeOf } from "../../src/home/endpoint.js";

const COMMAND = join(fileURLToPath(new URL("../../../", import.meta.url)), "build/stepwell.js");

/** What a command answered. */
export interface Answered {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs it in an environment. It asks nobody anything: nothing comes on standard input. */
export async function runHere(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Answered> {
  const said = { stdout: "", stderr: "" };
  const paths: HomePaths = homeOf(env);
  const context = {
    ...{ env, paths },
    program: [process.execPath, COMMAND],
    stdout: (text: string) => {
      said.stdout += text;
    },
    stderr: (text: string) => {
      said.stderr += text;
    },
  };
  return { code: await answer(context, args), ...said };
}

/**
 * The command for scripts of bash, run in the test's own process: one for each costs a third of a second of a processor.
 * What reads standard input, begins a program, stays, or takes a file of the caller's folder is run as it is.
 */

import { once } from "node:events";
import { chmod, writeFile } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import { createInterface } from "node:readline";
import type { ExecutionContext } from "ava";
import { runHere } from "./command-here.js";

/** Writes a program `stepwell` that asks this process, or is the command at `path` where that can't be. */
export async function placeShellCommand(
  t: Pick<ExecutionContext, "teardown">,
  program: string,
  path: string,
): Promise<void> {
  const fail = (socket: Socket) => (error: unknown) =>
    socket.end(`70\n\n${Buffer.from(String(error)).toString("base64")}\n`);
  const server = createServer((socket) => void answer(socket).catch(fail(socket))).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.teardown(() => server.close());
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  await writeFile(program, scriptOf(path, port ?? 0));
  await chmod(program, 0o755);
}

function scriptOf(path: string, port: number): string {
  return `#!/bin/bash
case " $* " in " run "*|" relay serve "*|" log "*|" artifact "*|*" bundle "*|*" --stdin "*) exec '${process.execPath}' '${path}' "$@";; esac
exec 3<>/dev/tcp/127.0.0.1/${port}
{ printf '%s\\0' "$@" | base64 -w0; echo; env -0 | base64 -w0; echo; } >&3
read -r code <&3; read -r out <&3; read -r err <&3
printf %s "$out" | base64 -d
printf %s "$err" | base64 -d >&2
exit "$code"
`;
}

async function answer(socket: Socket): Promise<void> {
  socket.on("error", () => undefined);
  const lines = createInterface({ input: socket })[Symbol.asyncIterator]();
  const args = await wordsOf(lines);
  const env = (await wordsOf(lines)).map((each) => [
    each.slice(0, each.indexOf("=")),
    each.slice(each.indexOf("=") + 1),
  ]);
  const { code, stdout, stderr } = await runHere(args, Object.fromEntries(env) as Record<string, string>);
  const told = [stdout, stderr].map((text) => Buffer.from(text).toString("base64"));
  socket.end(`${[code, ...told].join("\n")}\n`);
}

/** What stands in the next line: words, each with a zero behind it. */
async function wordsOf(lines: AsyncIterator<string>): Promise<string[]> {
  const next = await lines.next();
  return next.done ? [] : Buffer.from(next.value, "base64").toString().split("\0").slice(0, -1);
}

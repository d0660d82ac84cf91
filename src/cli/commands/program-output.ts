/**
 * A program's output, shown as ever and kept within a bound.
 *
 * What goes to a file still goes there without this process: it is read at the end, so that nothing of the program depends
 * on this command. What goes to a pipe comes by way of this process, both streams in the order in which they come. What
 * goes to a terminal has to be written to a terminal, or programs write otherwise: progress bars vanish, colours go, lines
 * come late. util-linux's `script` gives them one and passes on what they write; without it, and where only
 * a part of the three streams is at a terminal, that is not kept.
 */
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  closeSync,
  constants,
  fstatSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  type Stats,
} from "node:fs";
import { open } from "node:fs/promises";
import { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { isatty } from "node:tty";
import { posixWord } from "../../model/shell-word.js";
import { BoundedOutput, KEPT_BYTES_EACH } from "./bounded-output.js";

/** How long what a program started may hold its streams open after its own end. */
const STREAMS_END_MS = 2_000;

/** Where one of a program's two streams goes. */
type Way =
  | { readonly kind: "inherit" }
  | { readonly kind: "pipe"; readonly key: string }
  /** The file, and where in it the program begins to write. */
  | { readonly kind: "file"; readonly from: number; readonly key: string };

interface Fifo {
  readonly path: string;
  readonly reader: Readable;
  /** Held until the program has ended: a pipe without a writer is at its end. */
  readonly writeFd: number;
  readonly letGo: () => void;
}

/** How the program is started, and what is kept of it. */
export interface ProgramOutput {
  readonly words: readonly string[];
  readonly stdio: ("inherit" | number)[];
  /** What changes in its environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Whom signals are for, where that is not what is started. */
  readonly pid?: () => number | undefined;
  /** What is kept by now, and of how many bytes; undefined where that is read at the end. */
  readonly soFar?: () => { readonly bytes: () => Buffer; readonly count: number };
  /** What is kept; the program has ended, or could not be started. */
  readonly finish: () => Promise<Buffer>;
}

/** A program whose output is nobody's but its own. */
export function untouched(words: readonly string[]): ProgramOutput {
  return { words, stdio: ["inherit", "inherit", "inherit"], finish: async () => Buffer.alloc(0) };
}

/** A program whose output is kept; `shell` is the one of its environment. */
export function keptOutput(words: readonly string[], shell: string | undefined): ProgramOutput {
  if ([0, 1, 2].every((fd) => isatty(fd))) return atTerminal(words, shell);
  const kept = new BoundedOutput();
  const [out, error] = [wayOf(1), wayOf(2)];
  const ofOut = out.kind === "pipe" ? openFifo() : undefined;
  // Where both go the same way one pipe takes both, so that their order stays.
  const isOne = out.kind === "pipe" && error.kind === "pipe" && out.key === error.key;
  const ofError = isOne ? ofOut : error.kind === "pipe" ? openFifo() : undefined;
  const flows: Promise<void>[] = [];
  if (ofOut) flows.push(passOn(ofOut.reader, process.stdout, kept));
  if (ofError && !isOne) flows.push(passOn(ofError.reader, process.stderr, kept));
  return {
    words,
    stdio: ["inherit", ofOut?.writeFd ?? "inherit", ofError?.writeFd ?? "inherit"],
    ...(flows.length > 0 ? { soFar: () => ({ bytes: () => kept.bytes(), count: kept.count }) } : {}),
    finish: async () => {
      for (const fifo of new Set([ofOut, ofError])) fifo?.letGo();
      await ended(flows);
      const ways = [out, error].flatMap((way, at) => (way.kind === "file" ? [{ way, fd: at + 1 }] : []));
      const files = new Map(ways.map((each) => [each.way.key, each]));
      for (const { way, fd } of files.values()) await readFrom(fd, way.from, kept);
      return kept.bytes();
    },
  };
}

function atTerminal(words: readonly string[], shell: string | undefined): ProgramOutput {
  const fifo = hasScript() ? openFifo() : undefined;
  if (!fifo) return untouched(words);
  const kept = new BoundedOutput();
  const flows = [passOn(fifo.reader, undefined, kept)];
  // The shell gives way to the program, so that its pid is the program's.
  const line = `echo $$ >${posixWord(`${fifo.path}.pid`)}; ${shellBack(shell)}; exec ${words.map(posixWord).join(" ")}`;
  const options = ["--quiet", "--return", "--flush", "--command", line, "--log-out", fifo.path];
  return {
    words: ["script", ...options],
    // Of a job in the background the terminal's settings are nobody's: it would be stopped before its program began.
    stdio: [isInForeground() ? "inherit" : openSync("/dev/null", "r"), "inherit", "inherit"],
    // It asks the shell that this names, whose quoting may be another one.
    env: { SHELL: "/bin/sh" },
    // It would end by a signal without a word of it.
    pid: () => pidIn(`${fifo.path}.pid`),
    soFar: () => ({ bytes: () => withoutScript(kept.bytes()), count: kept.count }),
    finish: async () => {
      fifo.letGo();
      await ended(flows);
      return withoutScript(kept.bytes());
    },
  };
}

/**
 * A pipe with a name. Those of Node are sockets, which programs can't open anew, as a shell does for `>/dev/stderr`.
 * Undefined where none can be made.
 */
function openFifo(): Fifo | undefined {
  if (process.platform === "win32") return undefined;
  let folder: string | undefined;
  try {
    folder = mkdtempSync(join(tmpdir(), "stepwell-run-"));
    const path = join(folder, "output");
    if (spawnSync("mkfifo", ["-m", "600", path], { timeout: 5_000 }).status !== 0) throw new Error(path);
    const readFd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const writeFd = openSync(path, constants.O_WRONLY);
    const reader = new Socket({ fd: readFd, readable: true, writable: false });
    const made = folder;
    const letGo = () => {
      closeSync(writeFd);
      rmSync(made, { recursive: true, force: true });
    };
    return { path, reader, writeFd, letGo };
  } catch {
    if (folder) rmSync(folder, { recursive: true, force: true });
    return undefined;
  }
}

/** Whether the terminal is this job's, as Linux says; `&` in a shell begins one whose it is not. */
function isInForeground(): boolean {
  // Behind the program's name, in which anything may stand: state, parent, group, session, terminal, the terminal's group.
  const facts = readFileSync("/proc/self/stat", "utf8").split(") ").at(-1)?.split(" ") ?? [];
  return facts[2] === facts[5];
}

function pidIn(path: string): number | undefined {
  try {
    return Number.parseInt(readFileSync(path, "utf8"), 10) || undefined;
  } catch {
    return undefined;
  }
}

/** The program's environment has the shell that it had. */
function shellBack(shell: string | undefined): string {
  return shell === undefined ? "unset SHELL" : `export SHELL=${posixWord(shell)}`;
}

/** Whether there is one that can do it: util-linux's, 2.35 or newer. */
function hasScript(): boolean {
  if (process.platform !== "linux") return false;
  const { stdout } = spawnSync("script", ["--version"], { encoding: "utf8", timeout: 5_000 });
  const [, major = "0", minor = "0"] = /util-linux (\d+)\.(\d+)/.exec(stdout ?? "") ?? [];
  return Number(major) > 2 || (Number(major) === 2 && Number(minor) >= 35);
}

/** It frames what it logs by lines of its own, in the user's language; what is in brackets is the same in all. */
export function withoutScript(bytes: Buffer): Buffer {
  const text = bytes.toString("latin1");
  const begin = /^[^\n]* \[(?:[A-Z]+="|<)[^\n]*\]\n/;
  const end = /\n[^\n]* \[(?:COMMAND_EXIT_CODE="|<)[^\n]*\]\n$/;
  return Buffer.from(text.replace(begin, "").replace(end, ""), "latin1");
}

function wayOf(fd: number): Way {
  let stats: Stats;
  try {
    if (isatty(fd)) return { kind: "inherit" };
    stats = fstatSync(fd);
  } catch {
    return { kind: "inherit" };
  }
  const key = `${stats.dev}/${stats.ino}`;
  return stats.isFile() ? { kind: "file", from: stats.size, key } : { kind: "pipe", key };
}

/** Keeps what flows, and shows it at the pace of whoever reads it. Whoever reads no more ends the flow, as ever. */
async function passOn(from: Readable, to: Writable | undefined, kept: BoundedOutput): Promise<void> {
  // The command itself would end with its reader; here the program decides.
  to?.removeAllListeners("error").on("error", () => from.destroy());
  try {
    for await (const piece of from) {
      kept.push(piece as Buffer);
      if (to?.write(piece as Buffer) === false) await once(to, "drain");
    }
  } catch {
    // It broke off.
  }
}

async function ended(flows: readonly Promise<void>[]): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, STREAMS_END_MS);
  });
  await Promise.race([Promise.all(flows), late]).finally(() => clearTimeout(timer));
}

/** What stands in a file behind a position: its beginning and its end, where it is long. */
async function readFrom(fd: number, from: number, kept: BoundedOutput): Promise<void> {
  // By another opening of it: this one can only be written to.
  const file = await open(`/proc/self/fd/${fd}`, "r").catch(() => undefined);
  if (!file) return;
  try {
    const { size } = await file.stat();
    const bytes = size - from;
    if (bytes <= 0) return;
    const isWhole = bytes <= 2 * KEPT_BYTES_EACH;
    const pieces = isWhole
      ? [[from, bytes]]
      : [
          [from, KEPT_BYTES_EACH],
          [size - KEPT_BYTES_EACH, KEPT_BYTES_EACH],
        ];
    for (const [at = 0, length = 0] of pieces) {
      if (at > from) kept.skip(at - from - KEPT_BYTES_EACH);
      const buffer = Buffer.allocUnsafe(length);
      const { bytesRead } = await file.read(buffer, 0, length, at);
      kept.push(buffer.subarray(0, bytesRead));
    }
  } catch {
    // A file that can't be read any more is left out.
  } finally {
    await file.close();
  }
}

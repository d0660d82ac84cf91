/**
 * What servers say, in one file, each line with its time and who said it. The file is set aside as ".1" when it grows too
 * large, and one such is kept. It is there for people: whatever becomes of it, the servers go on.
 */
import { closeSync, fstatSync, renameSync, statSync, writeSync } from "node:fs";
import { openForAppending, readPlainSync } from "../home/plain-file.js";
import type { Clock } from "../model/clock.js";
import { LOG_FILE_BYTES_MAX } from "../model/limits.js";

/** Longer lines are cut: a server may say anything. */
const LINE_CHARACTERS_MAX = 8_000;

export class ServerLog {
  readonly #path: string;
  readonly #clock: Pick<Clock, "nowMs">;
  #file: number | undefined;

  constructor(path: string, clock: Pick<Clock, "nowMs">) {
    this.#path = path;
    this.#clock = clock;
    this.#file = this.#open();
  }

  /** One line. Never throws. */
  write(name: string, line: string): void {
    const text = `${new Date(this.#clock.nowMs()).toISOString()} ${name}: ${line.slice(0, LINE_CHARACTERS_MAX)}\n`;
    try {
      if (this.#file === undefined) return;
      if (fstatSync(this.#file).size > LOG_FILE_BYTES_MAX) this.#rotate();
      writeSync(this.#file, text);
    } catch {
      // A full disk, as a rule: the servers say so themselves.
    }
  }

  /** Takes what a stream brings, line by line. */
  follow(name: string, stream: NodeJS.ReadableStream): void {
    let rest = "";
    stream.setEncoding("utf8");
    stream.on("data", (text: string) => {
      const lines = `${rest}${text}`.split(/\r?\n/);
      rest = lines.pop() ?? "";
      if (rest.length > LINE_CHARACTERS_MAX) lines.push(rest);
      if (rest.length > LINE_CHARACTERS_MAX) rest = "";
      for (const line of lines) if (line !== "") this.write(name, line);
    });
    stream.on("end", () => rest !== "" && this.write(name, rest));
    stream.on("error", () => undefined);
  }

  #rotate(): void {
    renameSync(this.#path, `${this.#path}.1`);
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = this.#open();
  }

  #open(): number | undefined {
    try {
      return openForAppending(this.#path);
    } catch {
      return undefined;
    }
  }
}

/** How much there is of it by now. */
export function bytesOfLog(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/** The end of the log, for people: lines behind so many bytes; empty where there are none. */
export function lastLines(path: string, count: number, behind: number): string {
  try {
    const begin = Math.max(behind, bytesOfLog(path) - count * LINE_CHARACTERS_MAX);
    const lines = readPlainSync(path, begin).trimEnd().split("\n");
    return lines
      .slice(-count)
      .map((line) => `${line}\n`)
      .join("");
  } catch {
    // It was set aside just now, or never begun.
    return "";
  }
}

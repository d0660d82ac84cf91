/** The options that several commands share. */
import { InvalidArgumentError, Option } from "commander";
import { FORMATS, type Format } from "../output/output.js";

/** What a command with -o gets. */
export interface OutputOptions {
  readonly output: Format;
}

/** What a command that logs to a run gets. */
export interface LoggedOptions {
  /** Its id or the beginning of it; without it the run that the command is inside of. */
  readonly run?: string;
}

/** Wraps what a command does, so that its exit code is the program's. */
export type Does = <Arguments extends unknown[]>(
  action: (...args: Arguments) => Promise<number>,
) => (...args: Arguments) => Promise<void>;

/** How a command answers; stack register keeps -o for the orchestrator, as ZenML's does. */
export function output(flags = "-o, --output <format>"): Option {
  return new Option(flags, "how to answer").choices(FORMATS).default("fitted", "as the terminal has room");
}

/** A parser of seconds from 0 to max. It throws a usage error. */
export function secondsUpTo(max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== "" && value >= 0 && value <= max) return value;
    throw new InvalidArgumentError(`Give seconds from 0 to ${max}.`);
  };
}

/** Parses a count from 1 to 10,000. Throws a usage error. */
export function count(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 10_000) {
    throw new InvalidArgumentError("Give a whole number from 1 to 10000.");
  }
  return value;
}

/** Parses the number of a dead letter and adds it to those before. Throws a usage error. */
export function letterNumber(text: string, before: readonly number[] = []): number[] {
  if (/^[1-9]\d{0,14}$/.test(text)) return [...before, Number(text)];
  throw new InvalidArgumentError("Give a number as stepwell dead-letter list shows it.");
}

/** -l, --label K=V, any number of times. */
export function labels(description: string): Option {
  return new Option("-l, --label <key=value>", description).argParser(label).default({}, "none");
}

function label(text: string, before: Readonly<Record<string, string>>): Record<string, string> {
  const [, key, value] = /^([^=\s]+)=(.*)$/s.exec(text) ?? [];
  if (key === undefined || value === undefined) throw new InvalidArgumentError("Give labels as key=value.");
  return { ...before, [key]: value };
}

/** --dry-run of commands that change something. */
export function dryRun(): Option {
  return new Option("--dry-run", "check everything and change nothing");
}

/** How a sentence about a change begins: "Registered", or after --dry-run "Would register". */
export function did({ dryRun }: { readonly dryRun?: true }, done: string, verb: string): string {
  return dryRun ? `Would ${verb}` : done;
}

/** The options that several commands share. */
import { InvalidArgumentError, Option } from "commander";
import { FORMATS, type Format } from "./output.js";

/** What a command with -o gets. */
export interface OutputOptions {
  readonly output: Format;
}

/** How a command answers; stack register keeps -o for the orchestrator, as ZenML's does. */
export function output(flags = "-o, --output <format>"): Option {
  return new Option(flags, "how to answer").choices(FORMATS).default("table");
}

/** Parses seconds of up to a day. Throws a usage error. */
export function seconds(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !(value >= 0 && value <= 86_400)) {
    throw new InvalidArgumentError("Give seconds from 0 to 86400.");
  }
  return value;
}

/** Parses a count from 1 to 10,000. Throws a usage error. */
export function count(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 10_000) {
    throw new InvalidArgumentError("Give a whole number from 1 to 10000.");
  }
  return value;
}

/** KEY=VALUE as words of a command line. What a key or a value may be is the daemon's to say. */
import { InvalidArgumentError } from "commander";
import { StepwellError } from "../../errors/stepwell-error.js";

/** Something with a name. */
export interface Pair {
  readonly key: string;
  readonly value: string;
}

/** Words as pairs, split at the first equals sign. Throws STEPWELL_USAGE. */
export function readPairs(words: readonly string[]): Pair[] {
  return words.map((word) => {
    const [, key, value] = /^([^=]+)=(.*)$/s.exec(word) ?? [];
    if (key !== undefined && value !== undefined) return { key, value };
    throw new StepwellError("STEPWELL_USAGE", `Give what is logged as KEY=VALUE, and not as ${word}.`);
  });
}

/** A number as programs print it: digits, nan or inf; undefined for anything else. */
export function readNumber(text: string): number | undefined {
  const word = text.trim();
  const [, sign, special] = /^([+-]?)(nan|inf|infinity)$/i.exec(word) ?? [];
  if (special?.toLowerCase() === "nan") return Number.NaN;
  if (special !== undefined) return sign === "-" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(word) ? Number(word) : undefined;
}

/** A whole number of 64 bits; undefined for anything else. A float that is whole, as 4.0, is one. */
export function readInteger(text: string): bigint | undefined {
  const [, digits] = /^\s*([+-]?\d{1,19})(?:\.0*)?\s*$/.exec(text) ?? [];
  const value = digits === undefined ? undefined : BigInt(digits.replace("+", ""));
  return value !== undefined && BigInt.asIntN(64, value) === value ? value : undefined;
}

/** Parses --step. Throws a usage error. */
export function stepNumber(text: string): bigint {
  const step = readInteger(text);
  if (step !== undefined) return step;
  throw new InvalidArgumentError("Give a whole number from -2^63 to 2^63-1.");
}

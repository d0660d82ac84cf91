/** A secret as the state store holds it, and what its names and values may be. */
import { StepwellError } from "../errors/stepwell-error.js";
import { SECRET_BYTES_MAX, SECRET_NAME_MAX } from "../model/limits.js";
import { hasByteOrderMark } from "../model/names.js";
import type { BackendKind } from "./backend.js";

/** Values by key. */
export type SecretValues = Readonly<Record<string, string>>;

/** Everything about a secret but its values. */
export interface Secret {
  /** 32 hexadecimal digits. */
  readonly id: string;
  readonly name: string;
  /** In alphabetical order. */
  readonly keys: readonly string[];
  readonly backend: BackendKind;
  /** The item of the backend that holds the values. */
  readonly item: string;
  /** Made for the plain-text credentials of a component, by Stepwell itself. */
  readonly isAutomatic: boolean;
  /** Milliseconds since 1970. */
  readonly createdMs: number;
  /** Milliseconds since 1970. */
  readonly updatedMs: number;
}

/** No dot, since a reference is split at its first one. */
const NAME = /^[\p{L}\p{N}_][\p{L}\p{N}_-]*$/u;

/** Throws STEPWELL_SECRET_INVALID. */
export function checkSecretName(name: string): void {
  if (!NAME.test(name) || name.length > SECRET_NAME_MAX)
    throw invalid(`${JSON.stringify(name.slice(0, SECRET_NAME_MAX))} is no name for a secret.`);
  if (name === "name") throw invalid('A secret can\'t be called "name".');
}

/** Throws STEPWELL_SECRET_INVALID; no error shows a value. */
export function checkSecretValues(values: SecretValues): void {
  const entries = Object.entries(values);
  if (entries.length === 0) throw invalid("A secret needs a key at least.");
  for (const [key, value] of entries) {
    if (!NAME.test(key) || key.length > SECRET_NAME_MAX)
      throw invalid(`${JSON.stringify(key.slice(0, SECRET_NAME_MAX))} is no name for a key of a secret.`);
    if (key === "name") throw invalid('A key of a secret can\'t be called "name".');
    if (value === "") throw invalid(`The key ${JSON.stringify(key)} has no value.`);
    if (hasByteOrderMark(value))
      throw invalid(
        `The value of ${JSON.stringify(key)} begins with a byte-order mark, which can't be seen.`,
      );
    if (!value.isWellFormed()) throw invalid(`The value of ${JSON.stringify(key)} is no valid text.`);
  }
  const bytes = entries.reduce(
    (sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value),
    0,
  );
  if (bytes > SECRET_BYTES_MAX)
    throw invalid(`The secret has ${bytes} bytes; ${SECRET_BYTES_MAX} are allowed.`);
}

function invalid(sentence: string): StepwellError {
  return new StepwellError("STEPWELL_SECRET_INVALID", sentence);
}

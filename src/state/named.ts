/** Names, ids and unique prefixes of ids, as components and stacks share them. */
import { StepwellError } from "../errors/stepwell-error.js";
import type { ErrorCode } from "../errors/table.js";
import { nearMatch } from "./near-match.js";

/** The name of the stack and the components that every home has; they stay as they are. */
export const DEFAULT_NAME = "default";

const NAME = /^[\p{L}\p{N}][\p{L}\p{N} _.-]{0,249}$/u;
const CANDIDATES_SHOWN = 5;

export interface Named {
  readonly id: string;
  readonly name: string;
}

export function byName(one: Named, other: Named): number {
  return one.name < other.name ? -1 : 1;
}

/** The one of this name, id or unique prefix of an id. Throws STEPWELL_NAME_AMBIGUOUS, or `code` with a near match. */
export function find<Each extends Named>(
  all: readonly Each[],
  nameOrId: string,
  code: ErrorCode,
  kind: string,
): Each {
  const found = pick(all, nameOrId);
  if (found) return found;
  const names = all.map(({ name }) => name);
  const hint = nearMatch(nameOrId, names);
  throw new StepwellError(code, `There is no ${kind} ${JSON.stringify(nameOrId)}.${hint}`);
}

function pick<Each extends Named>(all: readonly Each[], nameOrId: string): Each | undefined {
  const exact = all.find((each) => each.name === nameOrId) ?? all.find((each) => each.id === nameOrId);
  if (exact || nameOrId === "") return exact;
  const matches = all.filter((each) => each.id.startsWith(nameOrId));
  if (matches.length <= 1) return matches[0];
  const shown = matches.slice(0, CANDIDATES_SHOWN).map(({ name, id }) => `${name} (${id})`);
  const more = matches.length > shown.length ? ` and ${matches.length - shown.length} more` : "";
  throw new StepwellError(
    "STEPWELL_NAME_AMBIGUOUS",
    `Several ids begin with ${nameOrId}: ${shown.join(", ")}${more}.`,
  );
}

/** Throws STEPWELL_NAME_INVALID or STEPWELL_NAME_TAKEN. */
export function checkName(name: string, others: readonly Named[]): void {
  if (!NAME.test(name))
    throw new StepwellError("STEPWELL_NAME_INVALID", `${JSON.stringify(name)} is not a valid name.`);
  if (others.some((other) => other.name === name))
    throw new StepwellError("STEPWELL_NAME_TAKEN", `The name ${JSON.stringify(name)} is taken.`);
}

/** Throws STEPWELL_DEFAULT_FIXED for what every home has. */
export function checkNotDefault(kind: string, { name }: Named): void {
  if (name === DEFAULT_NAME && kind !== "experiment tracker")
    throw new StepwellError("STEPWELL_DEFAULT_FIXED", `The default ${kind} can't be changed or deleted.`);
}

/** Names, ids and unique prefixes of ids, as components and stacks share them. */
import { StepwellError } from "../errors/stepwell-error.js";
import type { ErrorCode } from "../errors/table.js";
import { ID_PREFIX_CHARACTERS_MIN } from "../model/limits.js";
import { nearMatch } from "../model/near-match.js";

/** The name of the stack and the components that every home has; they stay as they are. */
export const DEFAULT_NAME = "default";

/** As ZenML's, without what looks like an option or a reference, and without what can't be seen. */
const NAME = /^(?!.*\{\{)[^\p{C}\s-][^\p{C}]{0,254}(?<!\s)$/u;
const CANDIDATES_SHOWN = 5;

export interface Named {
  readonly id: string;
  readonly name: string;
}

/** Things of one kind by id and by name. */
export class NamedMap<Each extends Named> {
  readonly #byId = new Map<string, Each>();
  readonly #byName = new Map<string, Each>();
  #sorted: readonly Each[] | undefined;
  readonly #kind: string;
  readonly #unknown: ErrorCode;

  /** `unknown` is thrown for a name that nothing has. */
  constructor(kind: string, unknown: ErrorCode) {
    this.#kind = kind;
    this.#unknown = unknown;
  }

  get size(): number {
    return this.#byId.size;
  }

  put(each: Each): void {
    this.delete(each.id);
    this.#byId.set(each.id, each);
    this.#byName.set(each.name, each);
  }

  delete(id: string): void {
    const before = this.#byId.get(id);
    if (before) this.#byName.delete(before.name);
    this.#byId.delete(id);
    this.#sorted = undefined;
  }

  /** All, by name. */
  list(): readonly Each[] {
    this.#sorted ??= [...this.#byId.values()].sort((one, other) => (one.name < other.name ? -1 : 1));
    return this.#sorted;
  }

  byId(id: string): Each | undefined {
    return this.#byId.get(id);
  }

  byName(name: string): Each | undefined {
    return this.#byName.get(name);
  }

  /**
   * The one of this name, id or unique prefix of an id, of ID_PREFIX_CHARACTERS_MIN or more. Throws
   * STEPWELL_NAME_AMBIGUOUS, or with a near match.
   */
  find(nameOrId: string): Each {
    const found = this.byName(nameOrId) ?? this.byId(nameOrId) ?? this.#byPrefix(nameOrId);
    if (found) return found;
    const hint = nearMatch(nameOrId, this.#byName.keys());
    throw new StepwellError(this.#unknown, `There is no ${this.#kind} ${JSON.stringify(nameOrId)}.${hint}`);
  }

  /** Throws STEPWELL_NAME_INVALID or STEPWELL_NAME_TAKEN. */
  checkNew(name: string): void {
    if (!NAME.test(name))
      throw new StepwellError("STEPWELL_NAME_INVALID", `${JSON.stringify(name)} is not a valid name.`);
    if (this.#byName.has(name))
      throw new StepwellError("STEPWELL_NAME_TAKEN", `The name ${JSON.stringify(name)} is taken.`);
  }

  /** Throws STEPWELL_DEFAULT_FIXED for what every home has. */
  checkNotDefault({ name }: Named): void {
    if (name === DEFAULT_NAME)
      throw new StepwellError(
        "STEPWELL_DEFAULT_FIXED",
        `The default ${this.#kind} can't be changed or deleted.`,
      );
  }

  #byPrefix(prefix: string): Each | undefined {
    if (prefix.length < ID_PREFIX_CHARACTERS_MIN) return undefined;
    const matches = [...this.#byId.values()].filter((each) => each.id.startsWith(prefix));
    if (matches.length <= 1) return matches[0];
    const shown = matches.slice(0, CANDIDATES_SHOWN).map(({ name, id }) => `${name} (${id})`);
    const more = matches.length > shown.length ? ` and ${matches.length - shown.length} more` : "";
    throw new StepwellError(
      "STEPWELL_NAME_AMBIGUOUS",
      `Several ids begin with ${prefix}: ${shown.join(", ")}${more}.`,
    );
  }
}

/** Words of answers that want a look, and those that need none. */
export const ERROR_WORDS: ReadonlySet<string> = new Set(["FAILED", "failed", "held"]);
export const WARN_WORDS: ReadonlySet<string> = new Set(["KILLED", "warn", "retrying"]);
export const GOOD_WORDS: ReadonlySet<string> = new Set(["ok"]);

import type { Environment, HomePaths } from "../home/endpoint.js";

/** What a command gets of its surroundings; nothing else is read. */
export interface Context {
  readonly env: Environment;
  readonly paths: HomePaths;
  /** What runs this command: the interpreter and the program. */
  readonly program: readonly string[];
  /** Answers. */
  readonly stdout: (text: string) => void;
  /** All else: progress, notes, errors. */
  readonly stderr: (text: string) => void;
}

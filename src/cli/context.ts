import type { Environment, HomePaths } from "../home/endpoint.js";
import type { Screen } from "./output/screen.js";

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
  /** The terminal that answers go to; undefined where that is a pipe or a file. */
  readonly screen?: Screen | undefined;
  /** The one that all else goes to. */
  readonly noteScreen?: Screen | undefined;
}

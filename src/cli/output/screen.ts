/** What is known of the terminal that a text goes to. */
import type { Environment } from "../../home/endpoint.js";

/** A terminal. Its width is asked each time: people change it. */
export interface Screen {
  readonly columns: number;
  /** Whether colours are wanted and can be shown. */
  readonly hasColor: boolean;
  /** Whether it shows more than ASCII. */
  readonly isUnicode: boolean;
  /** Whether a line can be drawn over. */
  readonly canRedraw: boolean;
}

const COLUMNS_USUAL = 80;
const COLUMNS_MIN = 20;

type Stream = Pick<NodeJS.WriteStream, "isTTY" | "columns">;

/** The terminal of a stream; undefined where it goes to a pipe or a file. */
export function screenOf(stream: Stream, env: Environment): Screen | undefined {
  if (!stream.isTTY) return undefined;
  const isDumb = env["TERM"] === "dumb";
  return {
    get columns() {
      return Math.max(COLUMNS_MIN, stream.columns || COLUMNS_USUAL);
    },
    hasColor: !isDumb && !env["NO_COLOR"],
    isUnicode: isUnicode(env),
    canRedraw: !isDumb,
  };
}

/**
 * Whether the character set is UTF-8, as the environment says.
 *
 * @public The demo asks, too.
 */
export function isUnicode(env: Environment): boolean {
  return /utf-?8/i.test(env["LC_ALL"] || env["LC_CTYPE"] || env["LANG"] || "");
}

/** What stands for what was cut. */
export function ellipsisOf({ isUnicode }: Pick<Screen, "isUnicode">): string {
  return isUnicode ? "…" : "..";
}

/**
 * The length of files as a ratchet. Most subjects fit into 300 lines; a file that is longer stands
 * here with its reason and its length, which may only fall. A limit without exceptions would shape
 * files by their length instead of by their subject.
 */
import type { Source } from "./source.js";

/** Lines of a file that nobody has to explain. */
export const LINES_MAX = 300;

/** A file that may be longer, as long as it is now. */
export interface LongFile {
  readonly path: string;
  readonly lines: number;
  /** Why two files would be harder to read than one. */
  readonly reason: string;
}

/** Every file that is longer. */
export const longFiles: readonly LongFile[] = [
  {
    path: "src/errors/table.ts",
    lines: 338,
    reason: "every error of the daemon and the command, in one table",
  },
  { path: "src/journal/journal.ts", lines: 347, reason: "what is asked of the journal, in one class" },
  { path: "src/journal/segment-list.ts", lines: 306, reason: "every change of which segments there are" },
  { path: "src/journal/segment.ts", lines: 319, reason: "every use of one segment's LevelDB" },
  { path: "test/gateway/local/filters.ts", lines: 364, reason: "the words of random filters, one list each" },
  { path: "test/gateway/local/programs.ts", lines: 448, reason: "random requests, one entry for each route" },
];

/** What is wrong with the files' lengths and with the exceptions, a sentence each. */
export function lengthFaultsOf(
  sources: readonly Pick<Source, "path" | "lines">[],
  exceptions: readonly LongFile[],
): string[] {
  const named = new Map(exceptions.map((exception) => [exception.path, exception]));
  const present = new Set(sources.map(({ path }) => path));
  return [
    ...sources.flatMap(({ path, lines }) => lengthFaultOf(path, lines, named.get(path)) ?? []),
    ...exceptions.filter(({ path }) => !present.has(path)).map(({ path }) => `${path}: named, and not there`),
    ...exceptions.filter(({ reason }) => reason === "").map(({ path }) => `${path}: named without a reason`),
  ];
}

function lengthFaultOf(path: string, lines: number, exception: LongFile | undefined): string | undefined {
  if (exception === undefined)
    return lines > LINES_MAX ? `${path}: ${lines} lines; above ${LINES_MAX} a file is named` : undefined;
  if (lines <= LINES_MAX) return `${path}: ${lines} lines need no exception any more`;
  if (lines > exception.lines) return `${path}: grew from ${exception.lines} to ${lines} lines`;
  if (lines < exception.lines) return `${path}: fell to ${lines} lines; its exception still says more`;
  return undefined;
}

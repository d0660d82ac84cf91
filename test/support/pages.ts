/**
 * What people see in a terminal, held against a page in test/pages: a change of a page shows in review.
 * STEPWELL_WRITE_PAGES=1 writes the pages anew. What differs from run to run is replaced: ids, times, sizes, versions.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import type { ExecutionContext } from "ava";
import { ROOT } from "./home.js";
import { onTerminalOf } from "./terminal.js";

const PAGES = join(ROOT, "test/pages");
const isWriting = process.env["STEPWELL_WRITE_PAGES"] === "1";
const ESCAPE = "\u001b";
const DRAWN_OVER = new RegExp(`${ESCAPE}\\[(\\d+)A\\r${ESCAPE}\\[J`);
/** How the points of a run that has just ended stand while some of them, or its end, are on their way. */
const PARTLY_THERE =
  /\b\d+ of (\d+ points) (?:is|are) delivered to (\S+); the others? (?:one )?(?:is|are) on disk, on the way\./g;
const ALL_HERE_OR_THERE =
  /\b(is|are) (?:on disk, on the way|delivered) to ([^\s.;]+)(?:; what else was logged is on disk, on the way)?\./g;
const WIDTHS = [80, 60] as const;

/** Who types. */
export interface Person {
  /** The page's name. */
  readonly name: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /**
   * Typed one after the other; {run} is the id of the last run that was told. What is to be typed once only, because it
   * begins or ends something, is typed in the wide terminal.
   */
  readonly lines: readonly (string | { readonly once: string })[];
  /** Paths that differ from run to run, by what they are called in the page. */
  readonly places: Readonly<Record<string, string>>;
  /** The shell that takes a line. */
  readonly shell?: readonly string[];
}

/** Types the lines in terminals of 80 and of 60 columns, and holds what is seen against the person's pages. */
export async function seesPages(t: ExecutionContext, person: Person): Promise<void> {
  const { name, cwd, lines, places, shell = ["sh", "-c"] } = person;
  const pages = WIDTHS.map((columns): Page => ({ columns, parts: [] }));
  let run = "";
  for (const each of lines) {
    const line = typeof each === "string" ? each : each.once;
    for (const { columns, parts } of typeof each === "string" ? pages : pages.slice(0, 1)) {
      const env = { ...person.env, ...terminalOf(columns) };
      const { code, shown } = await onTerminalOf([...shell, line.replace("{run}", run)], { env, cwd });
      const text = shown.replaceAll("\r\n", "\n");
      // A column of times is as wide as they are.
      const page = plainPage(text, places).replace(/^.*(STARTED|AGO).*$/gm, (row) =>
        row.replace(/ {2,}/g, "  "),
      );
      run = /runs show ([0-9a-f]{32})/.exec(text)?.[1] ?? run;
      parts.push(`$ ${line.replace("{run}", "ID")}\n${page}[${code}]\n`);
    }
  }
  for (const { columns, parts } of pages) isPage(t, `${name}-${columns}`, parts.join("\n"));
}

interface Page {
  readonly columns: number;
  readonly parts: string[];
}

/** The variables of a terminal that is so wide. */
export function terminalOf(columns: number): Record<string, string> {
  return { TEST_COLUMNS: String(columns), TERM: "xterm", LANG: "C.UTF-8", LC_ALL: "C.UTF-8" };
}

/** A text is the one in test/pages. */
export function isPage(t: ExecutionContext, name: string, text: string): void {
  const file = join(PAGES, `${name}.txt`);
  if (isWriting) {
    mkdirSync(PAGES, { recursive: true });
    writeFileSync(file, text);
  }
  t.is(text, readFileSync(file, "utf8"), "STEPWELL_WRITE_PAGES=1 writes the pages anew");
}

/** What stands there in the end, without colours, and with what differs from run to run by other names of the same width. */
export function plainPage(
  text: string,
  places: Readonly<Record<string, string>>,
  keptIds: readonly string[] = [],
): string {
  const named = Object.entries(places).reduce(
    (known, [name, path]) => known.replaceAll(path, name),
    stripVTControlCharacters(inTheEnd(text)),
  );
  const isKept = (id: string) => keptIds.some((kept) => kept.startsWith(id));
  return (
    named
      .replace(/\b[0-9a-f]{32}\b/g, (id) => (isKept(id) ? id : "ID"))
      .replace(/\bpid \d+/g, "pid PID")
      .replace(/^(pid +)\d+/gm, "$1PID")
      .replace(/127\.0\.0\.1:\d+/g, "127.0.0.1:PORT")
      .replace(/\b(now|\d+ (s|min|h|days?)( \d+ min)? ago)\b/g, "AGO")
      .replace(/(started|oldest age +|for) \d+ (s|min)\b/g, "$1 TIME")
      .replace(/took .*/g, "took TIME")
      .replace(/\b\d+(\.\d+)? (B|kB|MB|GB|TB)\b/g, "SIZE")
      .replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/g, "DATE")
      .replace(/(?<![.\d])\d+\.\d+\.\d+(?!\.?\d)/g, "VERSION")
      // A pid may be longer.
      .replace(/(pid PID, version)\s+VERSION/g, "$1 VERSION")
      .replace(/\b[0-9a-f]{8}(?= {2}|$)/gm, (id) => (isKept(id) ? id : "SHORT ID"))
      // A program ends while its last points are on their way, or when they are there.
      .replace(PARTLY_THERE, "$1 are on disk for, or at, $2.")
      .replace(ALL_HERE_OR_THERE, "$1 on disk for, or at, $2.")
      .replace(/^Waiting for the daemon .*\n/gm, "")
      .replace(/ +$/gm, "")
  );
}

/** A text without the lines that others were drawn over. */
function inTheEnd(text: string): string {
  const [first = "", ...rest] = text.split(DRAWN_OVER);
  let shown = first;
  for (let at = 0; at < rest.length; at += 2) {
    const kept = shown.split("\n").slice(0, -1 - Number(rest[at]));
    shown = kept.map((line) => `${line}\n`).join("") + (rest[at + 1] ?? "");
  }
  return shown;
}

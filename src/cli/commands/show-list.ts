import { EXIT } from "../../errors/row.js";
import type { Context } from "../context.js";
import type { Connection } from "../daemon/find-daemon.js";
import { askDaemon } from "../daemon/with-daemon.js";
import type { ListOptions } from "../input/list-options.js";
import { pageNote } from "../input/list-request.js";
import type { Column, PlainRecord } from "../output/answer.js";
import { chosenColumns } from "../output/columns.js";
import { listAnswer } from "../output/list-answer.js";

/** A list as a command shows it. */
export interface ShownList {
  /** Asked for when there is an answer, where they depend on it. */
  readonly columns: readonly Column[] | (() => readonly Column[]);
  /** What is listed, for people: "stacks". */
  readonly kind: string;
  /** Whether only some are asked for. */
  readonly isFiltered: boolean;
  /** Asks for the list and hands its pieces on, each with the number of all items. */
  readonly ask: (
    connection: Connection,
    take: (items: readonly PlainRecord[], total: number) => void,
  ) => Promise<void>;
}

/** Shows a list while it comes. */
export async function showList(context: Context, shown: ShownList, options: ListOptions): Promise<number> {
  const { columns } = shown;
  const begin = (all: readonly Column[]) =>
    listAnswer(chosenColumns(all, options.columns), options.output, context);
  const begun = typeof columns === "function" ? undefined : await begin(columns);
  return askDaemon(context, async (connection) => {
    let total = 0;
    let count = 0;
    const early: PlainRecord[] = [];
    await shown.ask(connection, (items, all) => {
      total = all;
      count += items.length;
      if (begun) begun.add(items);
      else early.push(...items);
    });
    const answer = begun ?? (await begin(typeof columns === "function" ? columns() : columns));
    if (!begun) answer.add(early);
    await answer.end();
    if (total === 0)
      context.stderr(shown.isFiltered ? "Nothing matches.\n" : `There are no ${shown.kind} yet.\n`);
    context.stderr(pageNote(options, total) || cutNote(shown.kind, count, total));
    return EXIT.ok;
  });
}

/** What to say of a list that is longer than its limit. */
function cutNote(kind: string, count: number, total: number): string {
  return count === 0 || count >= total ? "" : `${count} of ${total} ${kind} are shown: see --limit.\n`;
}

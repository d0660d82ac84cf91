/** The options that lists share: filters with operators, sorting, pages, columns. */
import { type Command, InvalidArgumentError, Option } from "commander";
import { count, labels, type OutputOptions, output } from "./options.js";

/** What a list command gets, besides a text for each of its filters. */
export interface ListOptions extends OutputOptions {
  readonly label?: Readonly<Record<string, string>>;
  readonly logicalOperator: "and" | "or";
  readonly sortBy?: string;
  readonly page?: number;
  readonly size?: number;
  readonly columns?: string;
}

/** Items on a page unless --size gives another number. */
export const PAGE_SIZE = 20;

/** What can stand before a filter's value, with a colon. */
export const FILTER_WORDS = [
  "equals",
  "notequals",
  "contains",
  "startswith",
  "endswith",
  "oneof",
  "gt",
  "gte",
  "lt",
  "lte",
] as const;

/** The filters of components and of stacks. */
export const COMPONENT_FILTERS = ["id", "name", "flavor", "created"] as const;
export const STACK_FILTERS = [
  "id",
  "name",
  "active",
  "experiment-tracker",
  "artifact-store",
  "orchestrator",
  "created",
] as const;

/** The filters of secrets and of runs. */
export const SECRET_FILTERS = ["id", "name", "backend", "created", "updated"] as const;
export const RUN_FILTERS = ["id", "name", "experiment", "status", "tracker", "started", "ended"] as const;

/** Adds a filter for each field, by its name with hyphens, and what the lists of components and stacks have. */
export function withListOptions(command: Command, filters: readonly string[]): Command {
  return withPlainListOptions(command, filters, "by name").addOption(
    labels("those with this label; operators as in the others: KEY=contains:VALUE"),
  );
}

/** The same for things without labels, whose order is told. */
export function withPlainListOptions(command: Command, filters: readonly string[], order: string): Command {
  for (const name of filters)
    command.option(
      `--${name} <filter>`,
      `those whose ${name.replace("-", " ")} is this, or as OPERATOR:VALUE`,
    );
  return command
    .addOption(
      new Option("--logical-operator <operator>", "whether all filters have to hold, or one")
        .choices(["and", "or"])
        .default("and"),
    )
    .addOption(
      new Option("--sort-by <[asc:|desc:]field>", `the order; ${order} unless given`).argParser(sorting),
    )
    .addOption(new Option("--page <number>", "one page of the list, from 1").argParser(count))
    .addOption(new Option("--size <number>", `items on a page; ${PAGE_SIZE} unless given`).argParser(count))
    .addOption(columns())
    .addOption(output())
    .addHelpText("after", `\nOperators of filters; without one it is equals:\n  ${FILTER_WORDS.join(", ")}`);
}

/** -c, --columns of everything that lists. */
export function columns(): Option {
  return new Option("-c, --columns <columns>", "which columns of csv, tsv and tables, separated by commas");
}

function sorting(text: string): string {
  if (/^((asc|desc):)?[a-z_]+(\.\S+)?$/.test(text)) return text;
  throw new InvalidArgumentError("Give a field, or asc:FIELD or desc:FIELD.");
}

/** One entry of `order_by`, as MLflow reads it: a name, perhaps with a direction behind it. */
import { invalid, RequestFault } from "../../requests/request-fault.js";
import { groupNodes } from "./clauses.js";
import { splitWords } from "./literals.js";
import { type Dialect, type EntityType, readName } from "./meaning.js";

export interface Order {
  readonly type: EntityType;
  readonly key: string;
  readonly isAscending: boolean;
}

/** Reads an entry; `attributes` are those that may be ordered by. */
export function readOrder(
  text: string,
  dialect: Pick<Dialect, "entityOf">,
  attributes: readonly string[],
): Order {
  const clause = clauseOf(text);
  const words = splitWords(clause.replaceAll("`", '"'));
  if (!words) throw new RequestFault("INTERNAL_ERROR", "No closing quotation");
  const [first, direction] = words;
  if (words.length > 2) throw notParsed(text);
  if (direction === undefined) return { ...readName(clause.trim(), dialect, attributes), isAscending: true };
  const word = direction.toLowerCase();
  if (word !== "asc" && word !== "desc") throw invalid(`Invalid ordering key in order_by clause '${text}'.`);
  return { ...readName((first ?? "").trim(), dialect, attributes), isAscending: word === "asc" };
}

/** The clause, where it is a name and nothing else. A lone `timestamp` is SQL's, and none; MLflow takes it nevertheless. */
function clauseOf(text: string): string {
  const nodes = groupNodes(text) ?? [];
  const [first, second] = nodes;
  const last = nodes.at(-1);
  if (!first || !last || first.begin > 0 || last.end < text.length) throw notParsed(text);
  if (first.kind === "identifier" && nodes.length === 1) return text;
  const isTimestamp = text.slice(0, first.end) === "timestamp";
  if (isTimestamp && nodes.length === 1) return "timestamp";
  if (isTimestamp && nodes.length === 2 && second?.kind === "order")
    return `timestamp ${text.slice(second.begin)}`;
  throw notParsed(text);
}

function notParsed(text: string): RequestFault {
  return invalid(`Invalid order_by clause '${text}'. Could not be parsed.`);
}

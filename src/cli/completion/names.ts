import { FilterOperator } from "../../gen/stepwell/v1/lists.js";
import { typeOfGroup } from "../commands/component.js";
import type { Context } from "../context.js";
import type { DaemonClients } from "../daemon/client.js";
import { findDaemon } from "../daemon/find-daemon.js";
import type { NameKind } from "./candidates.js";

/** More than this nobody reads. */
const NAMES_MAX = 200;

/** Names that begin so, of the daemon that answers; none where none does. */
export async function namesBeginning(context: Context, kind: NameKind, begun: string): Promise<string[]> {
  const connection = await findDaemon(context);
  if (!connection) return [];
  const { stacks, secrets, runs, call, stream } = connection;
  const operator = FilterOperator.FILTER_OPERATOR_STARTS_WITH;
  const filters = [{ field: kind === "runs" ? "id" : "name", operator, value: begun }];
  const options = { filters, anyFilter: false, sortBy: "", descending: false, offset: 0, limit: NAMES_MAX };
  const names: string[] = [];
  const take = (items: readonly { readonly name: string }[]) => names.push(...items.map(({ name }) => name));
  try {
    if (kind === "dead-letter") return await lettersBeginning(connection, begun);
    if (kind === "secret") take((await call(secrets.listSecrets.bind(secrets), { options })).secrets);
    else if (kind === "runs")
      names.push(
        ...(await call(runs.listRuns.bind(runs), { options, filter: "", orderBy: [] })).runs.map(
          ({ runId }) => runId,
        ),
      );
    else if (kind === "stack")
      await stream(stacks.listStacks.bind(stacks), { options }, (piece) => take(piece.stacks));
    else
      await stream(stacks.listComponents.bind(stacks), { type: typeOfGroup(kind), options }, (piece) =>
        take(piece.components),
      );
    return names;
  } finally {
    connection.close();
  }
}

/** Numbers of dead letters that begin so: of 12 also 120 to 129, 1200 to 1299 and so on. */
async function lettersBeginning({ deadLetters, call }: DaemonClients, begun: string): Promise<string[]> {
  if (!/^([1-9]\d{0,11})?$/.test(begun)) return [];
  const method = deadLetters.listDeadLetters.bind(deadLetters);
  const found = new Set<string>();
  for (let first = BigInt(begun || 1); found.size < NAMES_MAX; first *= 10n) {
    const request = { runId: "", tracker: "", afterNumber: first - 1n, limit: NAMES_MAX };
    const { letters } = await call(method, request);
    for (const { number } of letters) if (`${number}`.startsWith(begun)) found.add(`${number}`);
    if (letters.length === 0 || begun === "") break;
  }
  return [...found].slice(0, NAMES_MAX);
}

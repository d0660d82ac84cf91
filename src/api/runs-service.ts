import type { Dispatcher } from "../flush/dispatcher.js";
import type {
  GetRunDataRequest,
  GetRunDataResponse,
  Run as RunMessage,
  RunsServiceServer,
} from "../gen/stepwell/v1/runs.js";
import { counted } from "../model/counted.js";
import type { BackendRuns } from "../runs/backend-runs.js";
import type { DeadLetters } from "../runs/dead-letters.js";
import { deliveredTo, pointsAgain, type Run } from "../runs/run.js";
import type { RunBook } from "../runs/run-book.js";
import { type Fields, pageOf } from "../stacks/list-query.js";
import { runFactsOf } from "./run-facts.js";
import { placeOf } from "./run-place.js";
import { sayStanding, standingOf } from "./run-standing.js";
import { queryOf } from "./stack-messages.js";
import { unary } from "./unary.js";

const LIMIT_DEFAULT = 100;
const LIMIT_MAX = 10_000;
/** Dead letters that are looked through for one sentence. */
const LETTERS_LOOKED_AT_MAX = 1_000;

/** What runs can be chosen and sorted by. */
const RUN_FIELDS: Fields<Run> = {
  id: { kind: "texts", of: ({ runId }) => [runId] },
  name: { kind: "texts", of: ({ start }) => [start?.runName ?? ""] },
  experiment: { kind: "texts", of: ({ start }) => [start?.experimentName ?? ""] },
  status: { kind: "texts", of: ({ status }) => [status ?? ""] },
  tracker: {
    kind: "texts",
    of: ({ targets, askedTrackers }) => targets?.map(({ tracker }) => tracker) ?? askedTrackers,
  },
  started: { kind: "time", of: ({ start }) => start?.startTimeMs ?? 0 },
  ended: { kind: "time", of: ({ endTimeMs }) => endTimeMs },
};

/** What runs logged: their trackers tell, and the journal. */
export interface RunDataSource {
  /** A run's metrics, with the curves of some of them, params and tags. */
  readonly runData: (run: Run, wanted: Omit<GetRunDataRequest, "runId">) => Promise<GetRunDataResponse>;
  /**
   * Those of the runs that a filter means, in an order, with what both name of each, and what could not be looked at.
   * Throws STEPWELL_FILTER_INVALID.
   */
  readonly searchRuns: (
    runs: readonly Run[],
    filter: string,
    orderBy: readonly string[],
  ) => Promise<{
    readonly found: ReadonlyMap<string, Readonly<Record<string, string>>>;
    readonly missing: string;
  }>;
}

/** Who knows of runs, and what of them waits. */
export interface RunsServiceOptions {
  readonly runs: RunBook;
  readonly backendRuns: BackendRuns;
  readonly dispatcher: Pick<Dispatcher, "lanes">;
  readonly letters: { readonly deadLetters: DeadLetters };
}

export function runsService(
  books: RunsServiceOptions,
  { runData, searchRuns }: RunDataSource,
): RunsServiceServer {
  const { runs, backendRuns } = books;
  const messagesOf = (some: readonly Run[]) => Promise.all(some.map((run) => messageOf(books, run)));
  return {
    listRuns: unary(async ({ options, filter, orderBy }) => {
      const query = queryOf(options);
      const limit = Math.min(LIMIT_MAX, query.limit || LIMIT_DEFAULT);
      const all = await runs.list();
      if (filter === "" && orderBy.length === 0) {
        const { items, total } = pageOf(all, RUN_FIELDS, { ...query, limit });
        return { runs: await messagesOf(items), total, missing: "", found: [] };
      }
      // The newest are looked at, as many as one answer can hold.
      const { items, total } = pageOf(all, RUN_FIELDS, { ...query, offset: 0, limit: LIMIT_MAX });
      const { found, missing } = await searchRuns(items, filter, orderBy);
      const matching = inOrder(items, [...found.keys()], orderBy.length > 0);
      const page = matching.slice(query.offset, query.offset + limit);
      return {
        ...{ runs: await messagesOf(page), total: matching.length },
        missing: [...unseen(total - items.length), ...(missing === "" ? [] : [missing])].join(" "),
        found: page.map(({ runId }) => ({ values: { ...found.get(runId) } })),
      };
    }),
    getRunData: unary(async ({ runId, ...wanted }) =>
      runData(await runs.get(await backendRuns.ownId(runId)), wanted),
    ),
    getRun: unary(async ({ runId }) => await tellRun(books, await backendRuns.ownId(runId))),
  };
}

/** What is said of runs that a search left out. */
function unseen(count: number): string[] {
  if (count === 0) return [];
  return [`The ${LIMIT_MAX} newest runs were looked at, and ${counted(count, "older one")} not.`];
}

/** Those of the runs that were found: in the order that they were found in, or in their own. */
function inOrder(runs: readonly Run[], runIds: readonly string[], isOrdered: boolean): Run[] {
  const byId = new Map(runs.map((run) => [run.runId, run]));
  if (isOrdered) return runIds.map((id) => byId.get(id)).filter((run) => run !== undefined);
  const found = new Set(runIds);
  return runs.filter(({ runId }) => found.has(runId));
}

/** A run, and one sentence on how it stands. Throws STEPWELL_RUN_UNKNOWN or STEPWELL_NAME_AMBIGUOUS. */
export async function tellRun(
  books: RunsServiceOptions,
  runId: string,
): Promise<{ readonly run: RunMessage; readonly standing: string }> {
  const run = await messageOf(books, await books.runs.get(runId));
  const refused = await refusedOf(books.letters.deadLetters, run.runId);
  return { run, standing: sayStanding(run, [...books.dispatcher.lanes(run.runId)], refused) };
}

/** Entries of a run that were refused for good; undefined where there are too many of all runs to look through. */
async function refusedOf(deadLetters: DeadLetters, runId: string): Promise<number | undefined> {
  if (deadLetters.letters > LETTERS_LOOKED_AT_MAX) return undefined;
  if (deadLetters.letters === 0) return 0;
  let entries = 0;
  for await (const letter of deadLetters.list({ runId, tracker: "" })) entries += letter.entries;
  return entries;
}

async function messageOf(
  { runs, backendRuns, dispatcher }: RunsServiceOptions,
  run: Run,
): Promise<RunMessage> {
  const facts = runFactsOf(runs, run);
  return {
    ...standingOf([...dispatcher.lanes(run.runId)]),
    runId: run.runId,
    experimentName: run.start?.experimentName ?? "",
    ...facts,
    deliveries: await Promise.all(
      (run.targets ?? []).map(async (target) => {
        const delivered = deliveredTo(run, target.trackerId).points - pointsAgain(run, target.trackerId);
        return {
          tracker: target.tracker,
          ...(await placeOf(backendRuns, run.runId, target)),
          deliveredPoints: BigInt(delivered),
          queuedPoints: facts.journaledPoints - BigInt(delivered),
        };
      }),
    ),
  };
}

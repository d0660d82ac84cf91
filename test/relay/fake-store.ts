/** A store in memory with cursors by equality and a count of each home's transactions, as PostgreSQL's has them. */
import { type Amounts, Buckets, type BudgetAsk } from "../../src/model/budget.js";
import { type Cursor, type CursorAnswer, type CursorQuestion, isAsBelieved } from "../../src/model/cursor.js";
import type { Pack } from "../../src/model/pack.js";
import type { RelayedPack, RelayStore, StoreFacts, StoreWritten } from "../../src/relay/store.js";
import type { Outcome, SinkLimits } from "../../src/sinks/sink.js";

const WENT_BACK: Outcome = {
  ...{ kind: "retry", scope: "backend", code: "STEPWELL_BACKEND_FORGOT" },
  reason: "The store is an earlier state of itself.",
};

export class FakeStore implements RelayStore {
  limits: SinkLimits = { pointsMax: 20_000, textsMax: 2_000, packsMax: 300, requestsMax: 2 };
  keepsCursors = true;
  readonly place = "memory";
  known: StoreFacts = { backendId: "one", timeline: "1", durability: "replicated" };
  /** What each pack is told in place of being written, where it answers something. */
  answers: (pack: Pack) => Outcome | undefined = () => undefined;
  /** Waited for before a group is written. */
  gate: () => Promise<void> = async () => undefined;
  /** Waited for behind a group's commit, before its outcomes. */
  behind: () => Promise<void> = async () => undefined;
  /** Groups that came as far as the gate. */
  gated = 0;
  readonly groups: Pack[][] = [];
  readonly points = new Map<string, number>();
  /** Shared by several of them, as relays share a database. */
  buckets = new Buckets();
  writes = new Map<string, number>();
  cursors = new Map<string, Cursor>();
  /** Packs that were found elsewhere. */
  moved = 0;

  async write(packs: readonly RelayedPack[], known: ReadonlyMap<string, number>): Promise<StoreWritten> {
    this.gated += 1;
    await this.gate();
    this.groups.push(packs.map(({ pack }) => pack));
    const homes = new Set(packs.map(({ pack }) => pack.author.homeId));
    const wentBack = new Set([...homes].filter((id) => (this.writes.get(id) ?? 0) < (known.get(id) ?? 0)));
    const outcomes = packs.map(({ pack }) =>
      wentBack.has(pack.author.homeId) ? WENT_BACK : this.#write(pack),
    );
    for (const id of homes) if (!wentBack.has(id)) this.writes.set(id, (this.writes.get(id) ?? 0) + 1);
    const runs = new Map(
      packs.map(({ pack: { runId } }) => [
        runId,
        { kind: "known", mlflowRunId: runId, experimentId: "7", url: "" } as const,
      ]),
    );
    const writes = new Map([...homes].map((id) => [id, this.writes.get(id) ?? 0]));
    await this.behind();
    return { outcomes, writes, wentBack, durability: this.known.durability, runs };
  }

  #write(pack: Pack): Outcome {
    const told = this.answers(pack);
    if (told) return told;
    const { author, runId, after, lastSeq, pointsThrough, bytesThrough } = pack;
    const key = `${author.homeId}/${runId}`;
    const cursor = this.cursors.get(key);
    if (!isAsBelieved(cursor, after)) {
      this.moved += 1;
      return { kind: "elsewhere", homeId: author.homeId, cursor };
    }
    const { incarnation } = author;
    this.cursors.set(key, { seq: lastSeq, points: pointsThrough, bytes: bytesThrough, incarnation });
    this.points.set(runId, (this.points.get(runId) ?? 0) + pack.metrics.values.length);
    return { kind: "delivered", refused: [] };
  }

  async writesOf(homeId: string): Promise<number> {
    return this.writes.get(homeId) ?? 0;
  }

  async standing(questions: readonly CursorQuestion[]): Promise<CursorAnswer[]> {
    return questions.map(({ author, runId }) => ({
      homeId: author.homeId,
      cursor: this.cursors.get(`${author.homeId}/${runId}`),
    }));
  }

  async takeBudgets(asks: readonly BudgetAsk[]): Promise<ReadonlyMap<string, Amounts>> {
    return this.buckets.take(asks, performance.now());
  }

  async facts(): Promise<StoreFacts> {
    return this.known;
  }

  async close(): Promise<void> {}
}

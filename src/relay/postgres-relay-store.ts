/** MLflow's PostgreSQL database behind a relay. */
import type { Amounts, BudgetAsk } from "../model/budget.js";
import type { Clock } from "../model/clock.js";
import type { CursorAnswer, CursorQuestion } from "../model/cursor.js";
import type { PostgresAddress } from "../model/postgres-address.js";
import type { Rights } from "../model/rights.js";
import { PostgresStore } from "../sinks/mlflow-postgres/postgres-store.js";
import type { SinkLimits } from "../sinks/sink.js";
import type { RelayedPack, RelayStore, StoreFacts, StoreWritten } from "./store.js";

/** Above some thousand points a transaction's own cost is noise; so many take a second at the slowest that was seen. */
const LIMITS: SinkLimits = { pointsMax: 20_000, textsMax: 5_000, packsMax: 500, requestsMax: 4 };
/** For groups, and for questions beside them. */
const CONNECTIONS_MAX = 8;

export interface PostgresRelayOptions {
  readonly address: PostgresAddress;
  readonly credentials: () => Promise<{ readonly user: string; readonly password: string }>;
  readonly clock: Clock;
  readonly artifactRoot: string | undefined;
}

export class PostgresRelayStore implements RelayStore {
  readonly limits = LIMITS;
  readonly keepsCursors = true;
  readonly place: string;
  readonly #store: PostgresStore;

  constructor({ address, credentials, clock, artifactRoot }: PostgresRelayOptions) {
    const hosts = address.hosts.map(({ host, port }) => `${host}:${port}`).join(", ");
    this.place = `The database ${address.database} at ${hosts}`;
    this.#store = new PostgresStore({
      ...{ address, credentials, clock, artifactRoot: () => artifactRoot, connectionsMax: CONNECTIONS_MAX },
    });
  }

  async write(packs: readonly RelayedPack[], known: ReadonlyMap<string, number>): Promise<StoreWritten> {
    const rights = new Map(packs.map((each) => [each.pack, each.rights]));
    const { experimentIds, ...written } = await this.#store.write(
      packs.map(({ pack }) => pack),
      known,
      (pack) => rights.get(pack),
    );
    const runs = new Map(
      [...experimentIds].map(([runId, experimentId]) => [
        runId,
        // A run has our id there.
        { kind: "known", mlflowRunId: runId, experimentId, url: "" } as const,
      ]),
    );
    return { ...written, runs };
  }

  async writesOf(homeId: string, rights: Rights | undefined): Promise<number> {
    return await this.#store.writesOf(homeId, 0, rights);
  }

  async standing(
    questions: readonly CursorQuestion[],
    rights: Rights | undefined,
  ): Promise<readonly CursorAnswer[]> {
    return await this.#store.standing(questions, rights);
  }

  async takeBudgets(asks: readonly BudgetAsk[]): Promise<ReadonlyMap<string, Amounts>> {
    return await this.#store.takeBudgets(asks);
  }

  async facts(): Promise<StoreFacts> {
    return await this.#store.facts();
  }

  async close(): Promise<void> {
    await this.#store.close();
  }
}

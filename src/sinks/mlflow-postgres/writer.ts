/** Writes packs in one transaction; in another way, or in parts, where the database refuses that. */
import { type StepwellError, toStepwellError } from "../../errors/stepwell-error.js";
import type { Clock } from "../../model/clock.js";
import type { Pack } from "../../model/pack.js";
import type { Outcome } from "../sink.js";
import type { Connection } from "./connection.js";
import { isOfAPack, isOtherShape, outcomeOf, sqlStateOf } from "./faults.js";
import { countWrites, readWrites } from "./homes.js";
import { heldFor, type Identities } from "./identities.js";
import type { RightsOf } from "./place.js";
import { type Route, writeRequest } from "./request.js";
import { goneFault } from "./schema.js";
import type { Durability, Sessions } from "./session.js";

/** What became of packs. */
export interface StoreWritten {
  readonly outcomes: Outcome[];
  /** By home id, the home's transactions now; empty where nothing was asked. */
  readonly writes: ReadonlyMap<string, number>;
  /** Homes of which the database has fewer transactions than they know of: nothing of theirs was written. */
  readonly wentBack: ReadonlySet<string>;
  readonly durability: Durability;
  /** By run id, of the runs that were written to. */
  readonly experimentIds: ReadonlyMap<string, string>;
}

export interface WriterOptions {
  readonly sessions: Sessions;
  readonly clock: Clock;
  readonly artifactRoot: () => string;
  /** How the database is named in errors. */
  readonly database: string;
  readonly identities: Identities;
}

/** What is known of the packs beside what they hold. */
export interface Beside {
  /** By home id, the transactions that the home knows of. */
  readonly known: ReadonlyMap<string, number>;
  readonly rightsOf: RightsOf;
}

/** Two that add the same points at once collide, or wait for each other in a circle: COPY keeps to no order. */
const COLLISIONS = new Set(["23505", "40P01"]);

/** What packs are told while the store is behind what their home knows of. */
const WENT_BACK: Outcome = {
  scope: "backend",
  kind: "retry",
  code: "STEPWELL_BACKEND_FORGOT",
  reason: "The store is an earlier state of itself; what its runs have is compared.",
};

export class Writer {
  readonly #options: WriterOptions;

  constructor(options: WriterOptions) {
    this.#options = options;
  }

  /** Never throws for what the database does. */
  async write(
    connection: Connection,
    packs: readonly Pack[],
    beside: Beside,
    route: Route = "straight",
  ): Promise<StoreWritten> {
    try {
      return await this.#transact(connection, packs, beside, route);
    } catch (error) {
      await connection.rollback();
      if (isOtherShape(error)) this.#options.sessions.forget(connection);
      if (route === "straight" && COLLISIONS.has(sqlStateOf(error) ?? ""))
        return await this.write(connection, packs, beside, "in between");
      const fault = toStepwellError(error);
      // The connection is to the wrong server: the next one looks for the right one.
      if (fault.code === "STEPWELL_DATABASE_READ_ONLY") connection.destroy();
      if (isOfAPack(error)) return await this.#writeParts(connection, packs, beside, fault);
      return nothingBut(packs.map(() => outcomeOf(fault)));
    }
  }

  async #transact(
    connection: Connection,
    packs: readonly Pack[],
    { known, rightsOf }: Beside,
    route: Route,
  ): Promise<StoreWritten> {
    const { sessions, clock, artifactRoot, database, identities } = this.#options;
    const begun = await sessions.begin(connection);
    const outcomes = new Map<Pack, Outcome>();
    if (!(await sessions.hasOwnTables(connection))) {
      const gone = outcomeOf(goneFault(database));
      for (const pack of packs) if (knownOf(known, pack) > 0) outcomes.set(pack, gone);
      if (outcomes.size < packs.length) await sessions.ensureOwnTables(connection);
    }
    const others = await identities.others(
      connection,
      packs.filter((pack) => !outcomes.has(pack)).map((pack) => ({ pack, rights: rightsOf(pack) })),
    );
    for (const { pack, rights } of others) outcomes.set(pack, heldFor(rights));
    const asked = packs.filter((pack) => !outcomes.has(pack));
    if (asked.length === 0) {
      await connection.rollback();
      return nothingBut(packs.map((pack) => outcomes.get(pack) ?? WENT_BACK));
    }
    const found = await readWrites(connection, homesOf(asked));
    const wentBack = new Set(
      [...found].filter(([id, count]) => count < (known.get(id) ?? 0)).map(([id]) => id),
    );
    const live = asked.filter(({ author }) => !wentBack.has(author.homeId));
    const place = { shape: begun.shape, artifactRoot: artifactRoot(), nowMs: clock.nowMs(), rightsOf };
    const written = await writeRequest(connection, live, place, route);
    const counted = live.length > 0 ? await countWrites(connection, homesOf(live)) : [];
    const durability = await sessions.commit(connection, begun);
    for (const [index, pack] of live.entries()) outcomes.set(pack, written.outcomes[index] ?? WENT_BACK);
    return {
      outcomes: packs.map((pack) => outcomes.get(pack) ?? WENT_BACK),
      writes: new Map([...found, ...counted]),
      ...{ wentBack, durability, experimentIds: written.experimentIds },
    };
  }

  /** Halves until the pack that is refused stands alone. */
  async #writeParts(
    connection: Connection,
    packs: readonly Pack[],
    beside: Beside,
    { code, message: reason }: StepwellError,
  ): Promise<StoreWritten> {
    if (packs.length === 1) return nothingBut([{ kind: "refused", code, reason }]);
    const half = Math.ceil(packs.length / 2);
    const first = await this.write(connection, packs.slice(0, half), beside);
    const second = await this.write(connection, packs.slice(half), beside);
    return {
      outcomes: [...first.outcomes, ...second.outcomes],
      writes: new Map([...first.writes, ...second.writes]),
      wentBack: new Set([...first.wentBack, ...second.wentBack]),
      durability: first.durability === second.durability ? first.durability : "local",
      experimentIds: new Map([...first.experimentIds, ...second.experimentIds]),
    };
  }
}

/** Outcomes of packs that were not written. */
export function nothingBut(outcomes: Outcome[]): StoreWritten {
  const nothing = { writes: new Map(), wentBack: new Set<string>(), experimentIds: new Map() };
  return { outcomes, ...nothing, durability: "local" };
}

function knownOf(known: ReadonlyMap<string, number>, { author }: Pack): number {
  return known.get(author.homeId) ?? 0;
}

function homesOf(packs: readonly Pack[]): string[] {
  return [...new Set(packs.map(({ author }) => author.homeId))].sort();
}

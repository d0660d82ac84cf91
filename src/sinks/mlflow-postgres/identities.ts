/**
 * Whose homes are: the first identity that writes a home's pack through a relay, kept in a table of ours by the very
 * transaction that writes it. Somebody else's packs of that home are held, through whichever relay they come. Who
 * moves a home to another identity removes its row.
 */
import { StepwellError } from "../../errors/stepwell-error.js";
import type { Clock } from "../../model/clock.js";
import type { Pack } from "../../model/pack.js";
import type { Rights } from "../../model/rights.js";
import type { Outcome } from "../sink.js";
import type { Connection } from "./connection.js";
import { ensureRelayTables, hasRelayTables } from "./relay-tables.js";

/** How long a connection takes a home's identity for what it was, and of how many homes. */
const KNOWN_MS = 30_000;
const KNOWN_MAX = 10_000;

/** A pack with its sender's rights. */
export interface Sent {
  readonly pack: Pack;
  readonly rights: Rights | undefined;
}

type SentBy = Sent & { readonly rights: Rights };

interface Believed {
  readonly identity: string;
  readonly untilMs: number;
}

export class Identities {
  readonly #clock: Clock;
  /** By connection, what was read and committed: a home's identity, and until when that is believed. */
  readonly #known = new WeakMap<Connection, Map<string, Believed>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Those of the packs whose home is another identity's. Homes that are nobody's are their sender's from here on. */
  async others(connection: Connection, sent: readonly Sent[]): Promise<SentBy[]> {
    const asked = sent.filter((each): each is SentBy => each.rights !== undefined);
    const owners = new Map<string, string>();
    const unknown = asked.filter(({ pack: { author } }) => {
      const identity = this.#believed(connection, author.homeId);
      if (identity !== undefined) owners.set(author.homeId, identity);
      return identity === undefined;
    });
    if (unknown.length > 0) {
      await ensureRelayTables(connection);
      await this.#read(connection, unknown, owners);
    }
    const unowned = new Map(
      unknown
        .filter(({ pack: { author } }) => !owners.has(author.homeId))
        .reverse()
        .map(({ pack: { author }, rights }) => [author.homeId, rights.identity]),
    );
    if (unowned.size > 0) await this.#bind(connection, unowned, owners);
    return asked.filter(({ pack: { author }, rights }) => owners.get(author.homeId) !== rights.identity);
  }

  /** Throws STEPWELL_NOT_PERMITTED where the home is another identity's. */
  async refuseOther(connection: Connection, homeId: string, rights: Rights | undefined): Promise<void> {
    if (!rights || !(await hasRelayTables(connection))) return;
    const [found] = await connection.rows("SELECT identity FROM stepwell_identities WHERE home_id = $1", [
      homeId,
    ]);
    if (found && found[0] !== rights.identity) throw refusal(rights);
  }

  async #read(connection: Connection, asked: readonly SentBy[], owners: Map<string, string>): Promise<void> {
    const homeIds = [...new Set(asked.map(({ pack }) => pack.author.homeId))];
    const rows = await connection.rows(
      "SELECT home_id, identity FROM stepwell_identities WHERE home_id = ANY ($1)",
      [homeIds],
    );
    for (const [homeId, identity] of rows) {
      owners.set(homeId ?? "", identity ?? "");
      this.#believe(connection, homeId ?? "", identity ?? "");
    }
  }

  async #bind(
    connection: Connection,
    unowned: ReadonlyMap<string, string>,
    owners: Map<string, string>,
  ): Promise<void> {
    const columns = [[...unowned.keys()], [...unowned.values()]];
    const made = await connection.rows(
      `INSERT INTO stepwell_identities (home_id, identity)
       SELECT home_id, identity FROM unnest($1::text[], $2::text[]) AS n (home_id, identity) ORDER BY home_id
       ON CONFLICT DO NOTHING RETURNING home_id, identity`,
      columns,
    );
    for (const [homeId, identity] of made) owners.set(homeId ?? "", identity ?? "");
    if (made.length === unowned.size) return;
    // Another transaction was first.
    const rows = await connection.rows(
      "SELECT home_id, identity FROM stepwell_identities WHERE home_id = ANY ($1)",
      [[...unowned.keys()]],
    );
    for (const [homeId, identity] of rows) owners.set(homeId ?? "", identity ?? "");
  }

  #believed(connection: Connection, homeId: string): string | undefined {
    const known = this.#known.get(connection)?.get(homeId);
    return known && known.untilMs > this.#clock.monotonicMs() ? known.identity : undefined;
  }

  #believe(connection: Connection, homeId: string, identity: string): void {
    const homes = this.#known.get(connection) ?? new Map<string, Believed>();
    if (homes.size >= KNOWN_MAX) homes.clear();
    homes.set(homeId, { identity, untilMs: this.#clock.monotonicMs() + KNOWN_MS });
    this.#known.set(connection, homes);
  }
}

/** What a pack of somebody else's home is told. */
export function heldFor(rights: Rights): Outcome {
  const { code, message: reason } = refusal(rights);
  return { kind: "hold", scope: "backend", code, reason };
}

function refusal({ identity }: Rights): StepwellError {
  const sentence = `The home is another identity's, and ${identity} may not write or read for it.`;
  return new StepwellError("STEPWELL_NOT_PERMITTED", sentence);
}

/**
 * Producers: who streams, who may go on after a reconnect, who went without closing.
 *
 * A mark lives in the journal beside the records. When the segment that holds the last
 * mark of a producer goes, the mark moves here, into the state store, and stays: a
 * producer may come back after any time.
 */
import type { ProcessIdentity } from "../gen/stepwell/v1/types.js";
import { laterMark, type ProducerMark } from "../journal/mark.js";
import type { Store } from "../store/store.js";
import { TABLES } from "../store/tables.js";

/** What ended a producer's last stream. */
type Presence = "connected" | "closed" | "ended";

interface ProducerRow {
  readonly presence: Presence;
  readonly clientName: string;
  readonly clientVersion: string;
  readonly pid: number;
  /** The mark of a producer that the journal knows no more. */
  readonly retired?: { readonly epoch: string; readonly sequence: number };
}

/** Who a stream says it is. */
export interface ProducerIdentity {
  readonly producerId: string;
  readonly clientName: string;
  readonly clientVersion: string;
  readonly process: ProcessIdentity | undefined;
}

export class Producers {
  readonly #store: Store;
  readonly #ended = new Set<string>();
  #writing: Promise<unknown> = Promise.resolve();

  private constructor(store: Store) {
    this.#store = store;
  }

  /** Reads who was there: who was connected when the daemon ended has not closed. */
  static async open(store: Store): Promise<Producers> {
    const producers = new Producers(store);
    for (const { key, value } of await store.list<ProducerRow>(TABLES.producer)) {
      if (value.presence !== "closed") producers.#ended.add(key);
    }
    return producers;
  }

  /** Producers whose stream ended without Close and that did not come back. */
  get endedWithoutClosing(): number {
    return this.#ended.size;
  }

  /** The mark of a producer that the journal knows no more. */
  async retiredMark(producerId: string): Promise<ProducerMark | undefined> {
    const row = await this.#store.get<ProducerRow>(TABLES.producer, producerId);
    return row?.retired && { epoch: BigInt(row.retired.epoch), sequence: row.retired.sequence };
  }

  /** Keeps, on disk, marks that the journal is about to forget. */
  async retire(marks: ReadonlyMap<string, ProducerMark>): Promise<void> {
    await this.#serially(async () => {
      const changes = [];
      for (const [producerId, mark] of marks) {
        const row = (await this.#store.get<ProducerRow>(TABLES.producer, producerId)) ?? UNKNOWN;
        const before = row.retired && { epoch: BigInt(row.retired.epoch), sequence: row.retired.sequence };
        const { epoch, sequence } = laterMark(before, mark);
        const value: ProducerRow = { ...row, retired: { epoch: epoch.toString(), sequence } };
        changes.push({ table: TABLES.producer, key: producerId, value });
      }
      await this.#store.write(changes, { sync: true });
    });
  }

  async connected(identity: ProducerIdentity): Promise<void> {
    this.#ended.delete(identity.producerId);
    const { clientName, clientVersion } = identity;
    await this.#record(identity.producerId, {
      presence: "connected",
      clientName,
      clientVersion,
      pid: identity.process?.pid ?? 0,
    });
  }

  async disconnected(producerId: string, presence: "closed" | "ended"): Promise<void> {
    if (presence === "ended") this.#ended.add(producerId);
    await this.#record(producerId, { presence });
  }

  async #record(producerId: string, change: Partial<ProducerRow>): Promise<void> {
    await this.#serially(async () => {
      const row = (await this.#store.get<ProducerRow>(TABLES.producer, producerId)) ?? UNKNOWN;
      await this.#store.write([{ table: TABLES.producer, key: producerId, value: { ...row, ...change } }], {
        sync: false,
      });
    });
  }

  async #serially(change: () => Promise<void>): Promise<void> {
    const result = this.#writing.then(change);
    this.#writing = result.catch(() => undefined);
    await result;
  }
}

const UNKNOWN: ProducerRow = { presence: "ended", clientName: "", clientVersion: "", pid: 0 };

/**
 * Producers: who streams, who may go on after a reconnect, who went without closing.
 *
 * A mark lives in the journal beside the records. When the segment that holds the last
 * mark of a producer goes, the mark moves here, into the state store, and stays: a
 * producer may come back after any time. One that closed comes back no more: its row goes
 * with that segment instead, when everything that it sent is delivered. So a mark without
 * a row is of a producer that closed, or that was never welcomed: nobody needs it.
 * What the daemon takes out of a spool has a producer of its own, whose mark stays as well.
 */
import type { ProcessIdentity } from "../gen/stepwell/v1/types.js";
import { laterMark, type ProducerMark } from "../journal/mark.js";
import type { Clock } from "../model/clock.js";
import { Turns } from "../model/turns.js";
import type { Change, Store } from "../store/contract.js";
import { TABLES } from "../store/tables.js";

/** How a producer's last stream ended. "done": the daemon spoke for it, and may read the same spool again. */
export type Ending = "closed" | "ended" | "done";
type Presence = "connected" | Ending;

interface ProducerRow {
  readonly presence: Presence;
  readonly clientName: string;
  readonly clientVersion: string;
  readonly pid: number;
  /** When its last stream ended, in ms since 1970. */
  readonly endedMs?: number;
  /** A run that it sent entries for. */
  readonly runId?: string;
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

/** A producer whose stream ended without Close and that did not come back. */
export interface EndedProducer {
  readonly producerId: string;
  readonly clientName: string;
  readonly clientVersion: string;
  readonly pid: number;
  /** When it was noticed, in ms since 1970. */
  readonly endedMs: number;
  /** Empty where no run is known that it sent entries for. */
  readonly runId: string;
}

export class Producers {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #ended = new Map<string, EndedProducer>();
  readonly #writing = new Turns();

  private constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** Reads who was there: who was connected when the daemon ended has not closed. */
  static async open(store: Store, clock: Clock): Promise<Producers> {
    const producers = new Producers(store, clock);
    for (const { key, value } of await store.list<ProducerRow>(TABLES.producer)) {
      if (value.presence === "connected" || value.presence === "ended") producers.#noteEnd(key, value);
    }
    return producers;
  }

  /** Producers whose stream ended without Close and that did not come back. */
  get endedWithoutClosing(): number {
    return this.#ended.size;
  }

  /** The last of them, the newest first. */
  lastEnded(count: number): EndedProducer[] {
    const newestFirst = [...this.#ended.values()].sort((one, other) => other.endedMs - one.endedMs);
    return newestFirst.slice(0, count);
  }

  /** The mark of a producer that the journal knows no more. */
  async retiredMark(producerId: string): Promise<ProducerMark | undefined> {
    const row = await this.#store.get<ProducerRow>(TABLES.producer, producerId);
    return row?.retired && { epoch: BigInt(row.retired.epoch), sequence: row.retired.sequence };
  }

  /** Keeps, on disk, marks that the journal is about to forget, but for those of producers that closed. */
  async retire(marks: ReadonlyMap<string, ProducerMark>): Promise<void> {
    await this.#writing.take(async () => {
      const changes: Change[] = [];
      for (const [producerId, mark] of marks) {
        const row = await this.#store.get<ProducerRow>(TABLES.producer, producerId);
        if (!row) continue;
        const before = row.retired && { epoch: BigInt(row.retired.epoch), sequence: row.retired.sequence };
        const { epoch, sequence } = laterMark(before, mark);
        const value: ProducerRow = { ...row, retired: { epoch: epoch.toString(), sequence } };
        const isOver = row.presence === "closed";
        changes.push({ table: TABLES.producer, key: producerId, value: isOver ? undefined : value });
      }
      await this.#store.write(changes, { sync: true });
    });
  }

  /** Forgets producers that closed and have no mark in the journal. */
  async forgetClosed(hasMark: (producerId: string) => boolean): Promise<void> {
    await this.#writing.take(async () => {
      const rows = await this.#store.list<ProducerRow>(TABLES.producer);
      const over = rows.filter(({ key, value }) => value.presence === "closed" && !hasMark(key));
      const changes = over.map(({ key }) => ({ table: TABLES.producer, key, value: undefined }));
      if (changes.length > 0) await this.#store.write(changes, { sync: true });
    });
  }

  /** A new producer is on disk when this resolves: its marks count from here on. */
  async connected(identity: ProducerIdentity): Promise<void> {
    const { producerId, clientName, clientVersion, process } = identity;
    await this.#writing.take(async () => {
      const row = await this.#store.get<ProducerRow>(TABLES.producer, producerId);
      this.#ended.delete(producerId);
      const pid = process?.pid ?? 0;
      const value: ProducerRow = { ...row, presence: "connected", clientName, clientVersion, pid };
      const sync = row === undefined;
      await this.#store.write([{ table: TABLES.producer, key: producerId, value }], { sync });
    });
  }

  /** It sends entries for a run. */
  async sends(producerId: string, runId: string): Promise<void> {
    await this.#change(producerId, { runId });
  }

  /** Its stream is over. */
  async disconnected(producerId: string, presence: Ending): Promise<void> {
    const endedMs = this.#clock.nowMs();
    await this.#change(producerId, { presence, endedMs });
  }

  async #change(producerId: string, change: Partial<ProducerRow>): Promise<void> {
    await this.#writing.take(async () => {
      const before = await this.#store.get<ProducerRow>(TABLES.producer, producerId);
      // It never came to be welcomed.
      if (!before) return;
      const row: ProducerRow = { ...before, ...change };
      if (change.presence === "ended") this.#noteEnd(producerId, row);
      await this.#store.write([{ table: TABLES.producer, key: producerId, value: row }], { sync: false });
    });
  }

  #noteEnd(producerId: string, row: ProducerRow): void {
    const { presence, clientName, clientVersion, pid, runId = "" } = row;
    const nowMs = this.#clock.nowMs();
    const endedMs = presence === "connected" ? nowMs : (row.endedMs ?? nowMs);
    this.#ended.set(producerId, { producerId, clientName, clientVersion, pid, endedMs, runId });
  }
}

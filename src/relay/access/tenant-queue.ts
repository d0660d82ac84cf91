/**
 * Packs that wait for a group, fair between tenants: deficit round robin in bytes over tenants, and over the homes of
 * each (fair-queue.ts). A tenant with a thousand homes takes as much of a group as one with a single home. One that
 * is over its limit is passed over; what it has waits.
 */
import { FairQueue, type Waiting } from "../fair-queue.js";
import type { Backlog } from "./quotas.js";

export interface TenantWaiting extends Waiting {
  readonly tenant: string;
  readonly points: number;
}

/** What tenants may do. */
export interface Allowance {
  mayGo(tenant: string): boolean;
  spend(tenant: string, item: { readonly points: number; readonly bytes: number }): void;
}

interface Flow<Item extends TenantWaiting> {
  readonly queue: FairQueue<Item>;
  /** Bytes that it may still take in its turn. */
  deficit: number;
  points: number;
  bytes: number;
}

/** Bytes of each turn. */
const QUANTUM_BYTES = 64 * 1024;
const NOTHING: Backlog = { packs: 0, points: 0, bytes: 0 };

export class TenantQueue<Item extends TenantWaiting> {
  /** In the order of their turns. */
  readonly #flows = new Map<string, Flow<Item>>();
  /** Of all tenants together: a home's run may be under way once. */
  readonly #underWay = new Set<string>();
  readonly #allowance: () => Allowance;
  #size = 0;

  constructor(allowance: () => Allowance) {
    this.#allowance = allowance;
  }

  get size(): number {
    return this.#size;
  }

  /** What waits of a tenant. */
  backlogOf(tenant: string): Backlog {
    const flow = this.#flows.get(tenant);
    return flow ? { packs: flow.queue.size, points: flow.points, bytes: flow.bytes } : NOTHING;
  }

  add(item: Item): void {
    const { tenant, points, bytes } = item;
    const flow = this.#flows.get(tenant) ?? {
      ...{ queue: new FairQueue<Item>(this.#underWay), deficit: 0, points: 0, bytes: 0 },
    };
    flow.queue.add(item);
    flow.points += points;
    flow.bytes += bytes;
    this.#flows.set(tenant, flow);
    this.#size += 1;
  }

  /** Takes out what fits. */
  removeAll(fits: (item: Item) => boolean): Item[] {
    return [...this.#flows].flatMap(([tenant, flow]) => {
      const removed = flow.queue.removeAll(fits);
      this.#left(tenant, flow, removed);
      return removed;
    });
  }

  /** The next group; as FairQueue's. */
  next(take: (item: Item) => boolean): Item[] {
    const group: Item[] = [];
    let isFull = false;
    // As many rounds as it takes: a round in which nothing could go ends it.
    for (let hasMore = true; hasMore && !isFull; ) {
      hasMore = false;
      for (const tenant of [...this.#flows.keys()]) {
        const flow = this.#flows.get(tenant);
        if (!flow || isFull || !this.#allowance().mayGo(tenant)) continue;
        const turn = this.#turn(tenant, flow, take);
        group.push(...turn.taken);
        isFull = turn.isFull;
        hasMore ||= turn.isShort || turn.taken.length > 0;
      }
    }
    return group;
  }

  /** Their keys may go again. */
  done(items: readonly Item[]): void {
    for (const { key } of items) this.#underWay.delete(key);
  }

  #turn(tenant: string, flow: Flow<Item>, take: (item: Item) => boolean) {
    const allowance = this.#allowance();
    flow.deficit += QUANTUM_BYTES;
    let isFull = false;
    /** What comes next is larger than what is left of its turn. */
    let isShort = false;
    const taken = flow.queue.next((item) => {
      if (!allowance.mayGo(tenant)) return false;
      isShort = item.bytes > flow.deficit;
      isFull = !isShort && !take(item);
      if (isShort || isFull) return false;
      flow.deficit -= item.bytes;
      allowance.spend(tenant, item);
      return true;
    });
    // One that has to wait saves no more up than a turn, and one with nothing left nothing.
    if (isFull || !isShort) flow.deficit = Math.min(flow.deficit, QUANTUM_BYTES);
    if (taken.length > 0) {
      // It goes behind the others.
      this.#flows.delete(tenant);
      this.#flows.set(tenant, flow);
    }
    this.#left(tenant, flow, taken);
    return { taken, isFull, isShort };
  }

  #left(tenant: string, flow: Flow<Item>, removed: readonly Item[]): void {
    this.#size -= removed.length;
    for (const { points, bytes } of removed) {
      flow.points -= points;
      flow.bytes -= bytes;
    }
    if (flow.queue.size === 0) this.#flows.delete(tenant);
  }
}

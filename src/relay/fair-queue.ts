/**
 * Packs that wait for a group, fair between flows: deficit round robin in bytes. A flow is a home; what is fair
 * between tenants is a queue of such queues (access/tenant-queue.ts). One home with a thousand runs takes as much of a group as one with a
 * single run, and a flow's own packs stay in their order, except for those whose run is under way.
 */

/** What waits. */
export interface Waiting {
  /** Whose it is. */
  readonly flow: string;
  /** Of each only one may be under way: a home's run. */
  readonly key: string;
  readonly bytes: number;
}

interface Flow<Item> {
  readonly items: Item[];
  /** Bytes that it may still take in its turn. */
  deficit: number;
}

/** Bytes of each turn. */
const QUANTUM_BYTES = 64 * 1024;

export class FairQueue<Item extends Waiting> {
  /** In the order of their turns. */
  readonly #flows = new Map<string, Flow<Item>>();
  readonly #underWay: Set<string>;
  #size = 0;

  /** `underWay`: keys that are, where several queues share them. */
  constructor(underWay = new Set<string>()) {
    this.#underWay = underWay;
  }

  get size(): number {
    return this.#size;
  }

  add(item: Item): void {
    const flow = this.#flows.get(item.flow);
    this.#size += 1;
    if (flow) flow.items.push(item);
    else this.#flows.set(item.flow, { items: [item], deficit: 0 });
  }

  /** Takes out what nobody waits for any more. */
  removeAll(isGone: (item: Item) => boolean): Item[] {
    const removed: Item[] = [];
    for (const [name, { items, deficit }] of this.#flows) {
      const gone = items.filter(isGone);
      if (gone.length === 0) continue;
      removed.push(...gone);
      const left = items.filter((item) => !isGone(item));
      // Map keeps the flow's place.
      if (left.length === 0) this.#flows.delete(name);
      else this.#flows.set(name, { items: left, deficit });
    }
    this.#size -= removed.length;
    return removed;
  }

  /**
   * The next group: `take` answers whether an item still fits. Each is of another key, and of none that is under way;
   * they are under way from here on.
   */
  next(take: (item: Item) => boolean): Item[] {
    const group: Item[] = [];
    const turns = [...this.#flows.keys()];
    let isFull = false;
    // As many rounds as it takes: a round in which nothing could go ends it.
    for (let hasMore = true; hasMore && !isFull; ) {
      hasMore = false;
      for (const name of turns) {
        const flow = this.#flows.get(name);
        if (!flow || isFull) continue;
        const before = group.length;
        isFull = this.#turn(name, flow, take, group);
        hasMore ||= group.length > before || this.#canGo(flow);
      }
    }
    return group;
  }

  /** Its keys may go again. */
  done(items: readonly Item[]): void {
    for (const { key } of items) this.#underWay.delete(key);
  }

  /** One flow's turn; whether the group is full. */
  #turn(name: string, flow: Flow<Item>, take: (item: Item) => boolean, group: Item[]): boolean {
    if (!this.#canGo(flow)) return false;
    flow.deficit += QUANTUM_BYTES;
    let isFull = false;
    // What is too large for this turn keeps its place: nothing of the flow goes before it.
    let isBlocked = false;
    const left: Item[] = [];
    for (const item of flow.items) {
      if (isBlocked || this.#underWay.has(item.key)) left.push(item);
      else if (item.bytes > flow.deficit || !take(item)) {
        isFull = item.bytes <= flow.deficit;
        // One that did not fit any more has what it needs, and the first turn, in the next group.
        if (isFull) flow.deficit = Math.min(flow.deficit, Math.max(QUANTUM_BYTES, item.bytes));
        isBlocked = true;
        left.push(item);
      } else {
        flow.deficit -= item.bytes;
        this.#underWay.add(item.key);
        group.push(item);
      }
    }
    const taken = flow.items.length - left.length;
    if (taken === 0) return isFull;
    this.#size -= taken;
    // It goes behind the others; one with nothing left saves nothing up.
    this.#flows.delete(name);
    if (left.length > 0) this.#flows.set(name, { items: left, deficit: flow.deficit });
    return isFull;
  }

  #canGo({ items }: Flow<Item>): boolean {
    return items.some(({ key }) => !this.#underWay.has(key));
  }
}

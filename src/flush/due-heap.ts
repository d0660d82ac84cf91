/** A binary heap of what waits, the first to be due on top; what is due at the same time comes as it was set, in order. */
interface Node<Item> {
  readonly item: Item;
  dueMs: number;
  /** Rises with each call of set. */
  order: number;
  at: number;
}

export class DueHeap<Item> {
  readonly #nodes: Node<Item>[] = [];
  readonly #byItem = new Map<Item, Node<Item>>();
  #orders = 0;

  get size(): number {
    return this.#nodes.length;
  }

  /** When the first one is due; infinity when nothing waits. */
  get firstDueMs(): number {
    return this.#nodes[0]?.dueMs ?? Number.POSITIVE_INFINITY;
  }

  /** All that waits, in no order. */
  *items(): Generator<Item> {
    for (const { item } of this.#nodes) yield item;
  }

  /** Adds an item, or moves it. */
  set(item: Item, dueMs: number): void {
    this.delete(item);
    const node = { item, dueMs, order: this.#orders++, at: this.#nodes.length };
    this.#byItem.set(item, node);
    this.#nodes.push(node);
    this.#rise(node);
  }

  /** Takes an item out, wherever it is. */
  delete(item: Item): void {
    const node = this.#byItem.get(item);
    if (!node) return;
    this.#byItem.delete(item);
    const last = this.#nodes.pop();
    if (!last || last === node) return;
    this.#put(last, node.at);
    this.#rise(last);
    this.#sink(last);
  }

  /** Takes out the first item if it is due. */
  take(nowMs: number): Item | undefined {
    const [first] = this.#nodes;
    if (!first || first.dueMs > nowMs) return undefined;
    this.delete(first.item);
    return first.item;
  }

  /** How many are due, counted up to a number. */
  countDue(nowMs: number, max: number): number {
    let count = 0;
    const open = [0];
    for (let at = open.pop(); at !== undefined && count < max; at = open.pop()) {
      const node = this.#nodes[at];
      if (!node || node.dueMs > nowMs) continue;
      count += 1;
      open.push(2 * at + 1, 2 * at + 2);
    }
    return count;
  }

  #rise(node: Node<Item>): void {
    while (node.at > 0) {
      const parent = this.#nodes[(node.at - 1) >> 1];
      if (!parent || isBefore(parent, node)) return;
      this.#swap(parent, node);
    }
  }

  #sink(node: Node<Item>): void {
    for (;;) {
      const left = this.#nodes[2 * node.at + 1];
      const right = this.#nodes[2 * node.at + 2];
      const child = left && right && isBefore(right, left) ? right : left;
      if (!child || isBefore(node, child)) return;
      this.#swap(node, child);
    }
  }

  #swap(upper: Node<Item>, lower: Node<Item>): void {
    const { at } = upper;
    this.#put(upper, lower.at);
    this.#put(lower, at);
  }

  #put(node: Node<Item>, at: number): void {
    this.#nodes[at] = node;
    node.at = at;
  }
}

function isBefore<Item>(one: Node<Item>, other: Node<Item>): boolean {
  return one.dueMs < other.dueMs || (one.dueMs === other.dueMs && one.order < other.order);
}

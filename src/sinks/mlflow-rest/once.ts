/**
 * What a server makes once, though it picks the ids itself and making it twice makes two. That something is asked for is
 * on disk before it is; after an answer that was lost it is looked for by a tag that holds our id, for as long as it may
 * still be under way, and only then asked for again (docs/decisions/0005).
 *
 * What the server does not take, or fails at, is asked for bare: without what may be at fault, which goes behind it.
 */
import { type BadVerdict, ServerFault, unsettled } from "../../mlflow/server-fault.js";
import type { Session } from "../../mlflow/session.js";
import type { JsonObject, Verdict } from "../../mlflow/verdict.js";
import type { Clock } from "../../model/clock.js";
import { LATE_MS } from "../../model/limits.js";

export interface OnceOptions<Row> {
  readonly clock: Clock;
  /** Keeps what is known of one; on disk when it resolves. */
  readonly keep: (id: string, value: Row) => Promise<void>;
  /** When somebody else of this daemon asked for one, of the monotonic clock. */
  readonly askedMs?: (id: string) => number | undefined;
}

/** One that is asked for, and what is kept of it. */
interface Asking<Row> {
  readonly id: string;
  /** That it is asked for. */
  readonly asked: Row;
  /** That it is not: the server has certainly not made it. */
  readonly unasked: Row;
  readonly send: (isBare: boolean) => Promise<Verdict>;
}

export class OnceMaker<Row> {
  readonly #options: OnceOptions<Row>;
  /** Those that got an answer that may speak of what they say. */
  readonly #doubted = new Set<string>();
  /** An earlier daemon asked before this. Of the monotonic clock, as are the moments below. */
  readonly #openedMs: number;
  /** When one was asked for that the server has not answered about yet. */
  readonly #askedMs = new Map<string, number>();

  constructor(options: OnceOptions<Row>) {
    this.#options = options;
    this.#openedMs = options.clock.monotonicMs();
  }

  /** What was made of an earlier request; undefined: it can be asked for now. Throws a ServerFault while it may still be made. */
  async sought<Found>(
    session: Session,
    id: string,
    wish: string,
    find: () => Promise<Found | undefined>,
  ): Promise<Found | undefined> {
    const { clock, askedMs: askedElsewhereMs } = this.#options;
    const askedMs = this.#askedMs.get(id) ?? askedElsewhereMs?.(id) ?? this.#openedMs;
    const settlesInMs = askedMs + LATE_MS - clock.monotonicMs();
    const found = await find();
    if (!found && settlesInMs > 0) throw unsettled(session.baseUrl, wish, settlesInMs);
    return found;
  }

  /** Asks for one; answers what the server said, and whether it was made bare. Throws a ServerFault. */
  async ask({ id, asked, unasked, send }: Asking<Row>): Promise<{ body: JsonObject; isBare: boolean }> {
    const { keep, clock } = this.#options;
    await keep(id, asked);
    this.#askedMs.set(id, clock.monotonicMs());
    let isBare = this.#doubted.has(id);
    let verdict = await send(isBare);
    if (verdict.kind === "refused" && !isBare) {
      isBare = true;
      verdict = await send(isBare);
    }
    if (verdict.kind === "ok") {
      this.#doubted.delete(id);
      return { body: verdict.body, isBare };
    }
    if (verdict.kind === "doubtful") this.#doubted.add(id);
    if (mayBeMade(verdict)) this.#askedMs.set(id, clock.monotonicMs());
    else {
      this.#askedMs.delete(id);
      await keep(id, unasked);
    }
    throw new ServerFault(verdict);
  }

  /** Its id at the server is kept. */
  isKept(id: string): void {
    this.#askedMs.delete(id);
  }
}

/** Whether the server may have made it: an answer that is not understood may have been of one that did. */
function mayBeMade(verdict: BadVerdict): boolean {
  switch (verdict.kind) {
    case "doubtful":
      return true;
    case "retry":
      return verdict.isAmbiguous;
    case "hold":
      return verdict.code === "STEPWELL_SERVER_NOT_UNDERSTOOD" || verdict.code === "STEPWELL_TLS_FAILED";
    case "too-large":
    case "refused":
    case "missing":
    case "gone":
    case "exists":
      return false;
  }
}

/** Of an answer that is good, and does not say what it should. */
export function withoutId(session: Session, what: string): ServerFault {
  const reason = `${session.baseUrl} answered without a ${what}'s id.`;
  return new ServerFault({ kind: "hold", scope: "unclear", code: "STEPWELL_SERVER_NOT_UNDERSTOOD", reason });
}

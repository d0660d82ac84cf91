/**
 * The relay's clients of many daemons in one process: each has a home of its own, one connection and one run, and sends
 * what a lane would, one pack after the other. The parent says when. Nothing else of a daemon is here.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Author, LeftCursor } from "../../src/model/cursor.js";
import { type HomeSink, packFor, sinkTo } from "../relay/relay.js";

/** What a process of clients does. */
export interface LightWork {
  /** Where the first client sends, the second, and so on, in turn. */
  readonly uris: readonly string[];
  /** The number of the first client; its run's id is one higher. */
  readonly first: number;
  readonly clients: number;
  readonly packs: number;
  /** Points in a pack. */
  readonly points: number;
  /** Milliseconds from one pack of a client to its next, where the relay is quicker. */
  readonly periodMs: number;
}

/** What a process of clients says. */
export type LightReport =
  | { readonly kind: "opened" }
  | {
      readonly kind: "sent";
      /** Milliseconds from a pack's first try to its outcome, of all packs. */
      readonly latenciesMs: readonly number[];
      /** Packs that were tried again, and those whose outcome was told by a cursor. */
      readonly retries: number;
      readonly moved: number;
    }
  | { readonly kind: "failed"; readonly reason: string };

interface LightClient {
  readonly number: number;
  readonly author: Author;
  readonly home: HomeSink;
}

/** Streams that are opened at the same time by one process: a relay takes so many that did not greet it yet. */
const OPENING_MAX = 50;
const RETRY_MS = 250;
/** How long one pack may take with all its tries. */
const PACK_MS_MAX = 600_000;

const work = JSON.parse(process.argv[2] ?? "{}") as LightWork;
const closes: (() => unknown)[] = [];
const clients = Array.from({ length: work.clients }, (_, index): LightClient => {
  const number = work.first + index;
  const author = { homeId: hexOf(number, "b"), incarnation: hexOf(number, "c") };
  const uri = work.uris[number % work.uris.length] ?? "";
  return { number, author, home: sinkTo({ teardown: (close) => closes.push(close) }, uri) };
});

const does: Readonly<Record<string, () => Promise<LightReport>>> = {
  open: async () => {
    const waiting = [...clients];
    const openNext = async (): Promise<void> => {
      for (let client = waiting.pop(); client; client = waiting.pop()) await opened(client);
    };
    await Promise.all(Array.from({ length: OPENING_MAX }, openNext));
    return { kind: "opened" };
  },
  send: async () => {
    const latenciesMs: number[] = [];
    const counts = { retries: 0, moved: 0 };
    await Promise.all(clients.map((client) => sendAll(client, latenciesMs, counts)));
    return { kind: "sent", latenciesMs, ...counts };
  },
};

process.on("message", (name: string) => {
  const reported = (report: LightReport) => void process.send?.(report);
  const failed = (error: unknown) => reported({ kind: "failed", reason: String(error) });
  does[name]?.().then(reported, failed);
});
process.on("disconnect", () => {
  void Promise.all(closes.map((close) => close())).finally(() => process.exit(0));
});

/** Asking for the count of the home's transactions opens the stream. */
async function opened({ author, home }: LightClient): Promise<void> {
  const endMs = performance.now() + PACK_MS_MAX;
  for (;;) {
    try {
      await home.sink.cursors?.standing([{ author, runId: "0".repeat(32), after: undefined }]);
      return;
    } catch (error) {
      if (performance.now() > endMs) throw error;
      await sleep(RETRY_MS * (0.5 + Math.random()));
    }
  }
}

async function sendAll(
  { number, author, home }: LightClient,
  latenciesMs: number[],
  counts: { retries: number; moved: number },
): Promise<void> {
  let after: LeftCursor | undefined;
  // Not all at once, which no fleet does.
  await sleep(Math.random() * work.periodMs);
  for (let seq = 1; seq <= work.packs; seq++) {
    const beginMs = performance.now();
    const place = { run: number + 1, author, after, seq };
    const pack = packFor({
      ...{ ...place, records: [work.points], pointsThrough: seq * work.points },
      endsRun: seq === work.packs,
    });
    for (;;) {
      const [outcome] = await home.sink.send([pack]);
      if (outcome?.kind === "delivered" && outcome.refused.length === 0) break;
      if (outcome?.kind === "elsewhere" && outcome.cursor?.seq === seq) {
        counts.moved += 1;
        break;
      }
      if (outcome?.kind !== "retry" || performance.now() - beginMs > PACK_MS_MAX)
        throw new Error(`Pack ${seq} of client ${number}: ${JSON.stringify(outcome)}`);
      counts.retries += 1;
      await sleep(outcome.afterMs ?? RETRY_MS * (0.5 + Math.random()));
    }
    const tookMs = performance.now() - beginMs;
    latenciesMs.push(tookMs);
    after = { ...author, seq };
    if (seq < work.packs) await sleep(Math.max(0, work.periodMs - tookMs));
  }
}

function hexOf(number: number, digit: string): string {
  return number.toString(16).padStart(32, digit);
}

/** How a page listens: to a daemon that is silent, to one that refuses, and to events that come in pieces. */
import test from "ava";
import { Status, WatchStatusResponse } from "../../src/gen/stepwell/v1/daemon.js";
import { watchStatus } from "../../src/web/api/methods.js";
import { type Connection, listen, readAll } from "../../src/web/api/rpc.js";

const real = { fetch: globalThis.fetch, setTimeout: globalThis.setTimeout };
const FASTER = 1_000;

test.beforeEach(() => {
  const faster = (work: () => void, ms = 0) => real.setTimeout(work, ms / FASTER);
  globalThis.setTimeout = faster as typeof setTimeout;
});
test.afterEach.always(() => {
  Object.assign(globalThis, real);
});

/** A daemon that answers each request with such a stream, which ends with the request. */
function answers(status: number, parts: readonly string[], isEnding = true): void {
  globalThis.fetch = async (_, init) => {
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const part of parts) controller.enqueue(new TextEncoder().encode(part));
        if (isEnding) controller.close();
        else init?.signal?.addEventListener("abort", () => controller.error(init.signal?.reason));
      },
    });
    return new Response(body, { status });
  };
}

/** How the connection stood, until it did so many times. */
async function standings(count: number): Promise<Connection[]> {
  const stood: Connection[] = [];
  const ending = new AbortController();
  const note = (connection: Connection) => {
    stood.push(connection);
    if (stood.length === count) ending.abort();
  };
  await listen(
    watchStatus,
    () => ({ intervalMs: 1 }),
    () => undefined,
    note,
    ending.signal,
  );
  return stood;
}

const message = Buffer.from(
  WatchStatusResponse.encode({
    status: { ...Status.decode(new Uint8Array()), journaledPoints: 7n },
  }).finish(),
).toString("base64");

test.serial("a daemon that says nothing for long is away, and is asked again", async (t) => {
  answers(200, [`data: ${message}\n\n`], false);
  t.deepEqual(await standings(4), ["open", "lost", "open", "lost"]);
});

test.serial("one that refuses is there; an address that it does not know is not it", async (t) => {
  answers(400, [JSON.stringify({ code: "STEPWELL_RUN_UNKNOWN", message: "no", remedy: "" })]);
  t.deepEqual(await standings(1), ["open"]);
  answers(401, [JSON.stringify({ error_code: "UNAUTHENTICATED", message: "no" })]);
  t.deepEqual(await standings(1), ["lost"]);
});

test.serial("events that come letter by letter are those that come at once", async (t) => {
  const text = `retry: 1\n\n: \n\ndata: ${message}\n\n: \n\ndata: ${message}\n\n`;
  for (const parts of [[text], [...text], [text.slice(0, 20), text.slice(20)]]) {
    answers(200, parts);
    const points: (bigint | undefined)[] = [];
    const signal = new AbortController().signal;
    await readAll(
      watchStatus,
      { intervalMs: 1 },
      ({ status }) => points.push(status?.journaledPoints),
      signal,
    );
    t.deepEqual(points, [7n, 7n]);
  }
  answers(200, [`event: fault\ndata: {"code":"STEPWELL_INTERNAL","message":"m","remedy":"r"}\n\n`]);
  await t.throwsAsync(
    readAll(watchStatus, { intervalMs: 1 }, () => undefined, new AbortController().signal),
    {
      message: "m",
    },
  );
});

import { setImmediate as turn } from "node:timers/promises";
import test from "ava";
import { StepwellError } from "../../src/errors/stepwell-error.js";
import { IngestRequest, type IngestResponse } from "../../src/gen/stepwell/v1/ingest.js";
import type { Door, Ticket } from "../../src/ingest/door.js";
import type { Reception } from "../../src/ingest/reception.js";
import { Session } from "../../src/ingest/session.js";
import type { AppendListener } from "../../src/journal/append.js";
import { PREPARED_BATCHES_MAX } from "../../src/model/limits.js";
import { NO_ENTRIES } from "../../src/model/no-entries.js";
import { startOf } from "../support/producer.js";

const PRODUCER = Buffer.alloc(16, 7);

interface Preparing {
  readonly ready: (more?: Partial<Ticket>) => void;
  readonly failed: (error: Error) => void;
}

/** A session whose door takes its time with each batch, and whose journal can fail. */
function setUp() {
  const preparing = new Map<number, Preparing>();
  const held = new Set<number>();
  const journal: { failure?: StepwellError } = {};
  const paused: boolean[] = [];
  const appended: number[] = [];
  const said: string[] = [];
  const taken: number[] = [];
  const client = { reads: true };
  let isCurrent = true;
  const door = {
    fullness: undefined,
    pendingBytes: 0,
    countDuplicate: () => undefined,
    prepare: ({ sequence }: { sequence: bigint }) => {
      const at = Number(sequence);
      held.add(at);
      const letGo = () => void held.delete(at);
      return new Promise<Ticket>((resolve, reject) => {
        const ready = (more: Partial<Ticket> = {}) =>
          resolve({ refusals: [], records: [], letGo, sinceMs: 0, ...more });
        preparing.set(at, { ready, failed: reject });
      });
    },
    append: (ticket: Ticket, { mark }: { mark: { sequence: number } }, listener: AppendListener) => {
      ticket.letGo();
      const { failure } = journal;
      if (!failure) appended.push(mark.sequence);
      setImmediate(() => (failure ? listener.failed(failure) : listener.journaled()));
    },
  };
  const open = (...sequences: number[]) => {
    const wanted = sequences.length > 0 ? sequences : [...preparing.keys()];
    for (const sequence of wanted) preparing.get(sequence)?.ready();
  };
  const reception = {
    daemon: () => ({}),
    welcome: async () => ({ epoch: 1n, sequence: 0 }),
    isCurrent: () => isCurrent,
    sends: () => undefined,
    leave: (_: unknown, __: unknown, presence: string) => said.push(presence),
  };
  const port = {
    taken: (bytes: number) => void taken.push(bytes),
    send: ({ message }: IngestResponse) => {
      said.push(
        message?.$case === "ack" || message?.$case === "rejection"
          ? `${message.$case} ${message.value.sequence}`
          : (message?.$case ?? ""),
      );
      return client.reads;
    },
    end: (error?: StepwellError) => said.push(error?.code ?? "end"),
    setPaused: (isPaused: boolean) => void paused.push(isPaused),
  };
  const session = new Session(door as unknown as Door, reception as unknown as Reception, port);
  const hello = {
    ...{ protocolVersion: 1, clientName: "", clientVersion: "", producerId: PRODUCER, epoch: 1n },
    ...{ firstUnacknowledgedSequence: 1n, process: undefined },
  };
  const send = (message: NonNullable<IngestRequest["message"]>) =>
    session.receive(IngestRequest.encode({ message }).finish());
  const batch = (sequence: number) =>
    send({
      $case: "batch",
      value: {
        ...NO_ENTRIES,
        ...{ sequence: BigInt(sequence), runId: "a".repeat(32), runStart: startOf(["first"]) },
      },
    });
  send({ $case: "hello", value: hello });
  const fence = () => {
    isCurrent = false;
  };
  return { session, batch, appended, said, open, fence, preparing, held, journal, paused, taken, client };
}

async function settled(): Promise<void> {
  for (let turns = 0; turns < 10; turns++) await turn();
}

test("what arrived before the connection was gone is journaled, and only then the stream is over", async (t) => {
  const { session, batch, appended, said, open } = setUp();
  await settled();
  for (const sequence of [1, 2]) batch(sequence);
  await settled();
  session.disconnected();
  await settled();
  t.deepEqual([appended, said], [[], ["welcome"]]);
  open();
  await settled();
  t.deepEqual(
    [appended, said],
    [
      [1, 2],
      ["welcome", "ended"],
    ],
  );
});

test("nothing of it is journaled once another stream speaks for the producer", async (t) => {
  const { session, batch, appended, said, open, fence } = setUp();
  await settled();
  for (const sequence of [1, 2]) batch(sequence);
  await settled();
  session.disconnected();
  fence();
  open();
  await settled();
  t.deepEqual([appended, said], [[], ["welcome", "ended"]]);
});

test("batches are prepared at the same time, and appended in their order", async (t) => {
  const { batch, appended, said, open, preparing } = setUp();
  await settled();
  for (const sequence of [1, 2, 3]) batch(sequence);
  t.deepEqual([...preparing.keys()], [1, 2, 3]);
  open(3);
  open(2);
  await settled();
  t.deepEqual(appended, []);
  open(1);
  await settled();
  t.deepEqual(
    [appended, said],
    [
      [1, 2, 3],
      ["welcome", "ack 3"],
    ],
  );
});

test("what is refused in the middle is told with its sequence, and holds up nobody", async (t) => {
  const { batch, appended, said, open, preparing } = setUp();
  await settled();
  for (const sequence of [1, 2, 3]) batch(sequence);
  const refusal = {
    kind: "param",
    index: 0,
    entries: 1,
    code: "STEPWELL_PARAM_CHANGED",
    message: "",
  } as const;
  preparing.get(2)?.ready({ refusals: [refusal] });
  open(1, 3);
  await settled();
  t.deepEqual(
    [appended, said],
    [
      [1, 2, 3],
      ["welcome", "rejection 2", "ack 3"],
    ],
  );
});

test("behind a batch that can't be prepared nothing is appended, whenever it is ready", async (t) => {
  const { batch, appended, said, open, preparing, held } = setUp();
  await settled();
  for (const sequence of [1, 2, 3, 4]) batch(sequence);
  open(3);
  preparing.get(2)?.failed(new StepwellError("STEPWELL_DISK_FULL", "full"));
  await settled();
  t.deepEqual(said, ["welcome"], "what is before it may still be acknowledged");
  batch(5);
  open(1);
  await settled();
  open(4, 5);
  await settled();
  t.deepEqual([appended, said], [[1], ["welcome", "ack 1", "ended", "STEPWELL_DISK_FULL"]]);
  t.deepEqual([...held], [2], "the door lets go of what it could not prepare");
});

test("once the journal failed nothing that is being prepared is appended, though it may be open again", async (t) => {
  const { batch, appended, said, open, held, journal } = setUp();
  await settled();
  for (const sequence of [1, 2, 3]) batch(sequence);
  journal.failure = new StepwellError("STEPWELL_JOURNAL_FAILED", "failed");
  open(1);
  await settled();
  delete journal.failure;
  open(2, 3);
  await settled();
  t.deepEqual([appended, said], [[], ["welcome", "ended", "STEPWELL_JOURNAL_FAILED"]]);
  t.is(held.size, 0);
});

test("so many batches are prepared at once, and the others when there is room", async (t) => {
  const { batch, appended, said, open, preparing, paused } = setUp();
  await settled();
  const all = Array.from({ length: PREPARED_BATCHES_MAX + 3 }, (_, index) => index + 1);
  for (const sequence of all) batch(sequence);
  t.is(preparing.size, PREPARED_BATCHES_MAX);
  t.deepEqual(paused.at(-1), true);
  open();
  await settled();
  t.deepEqual([preparing.size, paused.at(-1)], [all.length, false]);
  open();
  await settled();
  t.deepEqual(appended, all);
  t.is(said.at(-1), `ack ${all.length}`);
});

test("a client that does not read its answers is not read either, and then hears of the last one alone", async (t) => {
  const { session, batch, said, open, paused, client, appended } = setUp();
  await settled();
  client.reads = false;
  batch(1);
  open();
  await settled();
  t.deepEqual([said, paused.at(-1)], [["welcome", "ack 1"], true]);
  for (const sequence of [2, 3, 4]) batch(sequence);
  await settled();
  t.deepEqual(appended, [1], "what came before it was paused waits");
  client.reads = true;
  session.drained();
  open();
  await settled();
  t.deepEqual([said, paused.at(-1)], [["welcome", "ack 1", "ack 4"], false]);
});

test("all that arrived is told to whoever counts it, once it is appended", async (t) => {
  const { batch, open, taken } = setUp();
  await settled();
  t.is(taken.length, 1, "Hello");
  for (const sequence of [1, 2, 1]) batch(sequence);
  await settled();
  t.is(taken.length, 2, "what is there already counts no more");
  open();
  await settled();
  t.is(taken.length, 4);
  t.true(taken.every((bytes) => bytes > 0));
});

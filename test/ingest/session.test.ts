import { setImmediate as turn } from "node:timers/promises";
import test from "ava";
import { IngestRequest } from "../../src/gen/stepwell/v1/ingest.js";
import type { Door, Ticket } from "../../src/ingest/door.js";
import type { Reception } from "../../src/ingest/reception.js";
import { Session } from "../../src/ingest/session.js";
import { startOf } from "../support/producer.js";

const PRODUCER = Buffer.alloc(16, 7);
const TICKET: Ticket = { refusals: [], records: [], letGo: () => undefined };

/** A session whose door takes its time with each batch. */
function setUp() {
  const appended: number[] = [];
  const said: string[] = [];
  let isCurrent = true;
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const door = {
    fullness: undefined,
    pendingBytes: 0,
    prepare: () => opened.then(() => TICKET),
    append: (_: Ticket, { mark }: { mark: { sequence: number } }, listener: { journaled(): void }) => {
      appended.push(mark.sequence);
      setImmediate(() => listener.journaled());
    },
  };
  const reception = {
    daemon: {},
    welcome: async () => ({ epoch: 1n, sequence: 0 }),
    isCurrent: () => isCurrent,
    sends: () => undefined,
    leave: (_: unknown, __: unknown, presence: string) => said.push(presence),
  };
  const port = {
    send: ({ message }: { message?: { $case: string } | undefined }) => said.push(message?.$case ?? ""),
    end: () => said.push("end"),
    setPaused: () => undefined,
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
        ...{ sequence: BigInt(sequence), runId: "a".repeat(32), runStart: startOf(["first"]) },
        ...{ params: [], metrics: [], tags: [], removedTags: [], runEnd: undefined },
      },
    });
  send({ $case: "hello", value: hello });
  const fence = () => {
    isCurrent = false;
  };
  return { session, batch, appended, said, open, fence };
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

/**
 * Clients that would take the daemon's memory, each against a daemon of its own: its memory stays within a bound, a
 * client that behaves goes on meanwhile, and afterwards everything goes on. The bounds are generous: without them
 * each attack takes several times as much.
 */
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { type ClientHttp2Session, type ClientHttp2Stream, connect } from "node:http2";
import { createConnection } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import test, { type ExecutionContext } from "ava";
import { Batch, IngestRequest } from "../../src/gen/stepwell/v1/ingest.js";
import { BATCH_PARTS_MAX, INTAKE_BYTES_MAX, MESSAGE_BYTES_MAX } from "../../src/model/limits.js";
import { NO_ENTRIES } from "../../src/model/no-entries.js";
import { scratchHome } from "../support/home.js";
import { newRunId, pointsOf, RawProducer, startOf } from "../support/producer.js";
import { until } from "../support/until.js";

const MEGABYTE = 1024 * 1024;
/** What a daemon takes that has nothing to do, with room for a machine's and a version's differences. */
const IDLE_BYTES = 90 * MEGABYTE;

const anonymous = (pid: number) =>
  Number(/^RssAnon:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) * 1024;

async function setUp(t: ExecutionContext) {
  const home = await scratchHome(t);
  const { endpoint } = await home.startDaemon();
  let peak = 0;
  const measure = () => {
    peak = Math.max(peak, anonymous(endpoint.pid));
  };
  const timer = setInterval(measure, 50);
  t.teardown(() => clearInterval(timer));
  const sessions: ClientHttp2Session[] = [];
  t.teardown(() => {
    for (const session of sessions) session.destroy();
  });
  /** A connection of HTTP/2 that reads and writes as the test says. */
  const dial = () => {
    const path = endpoint.endpoint.replace("unix:", "");
    const session = connect("http://localhost", { createConnection: () => createConnection(path) });
    session.on("error", () => undefined);
    sessions.push(session);
    return session;
  };
  return { endpoint: endpoint.endpoint, dial, peak: () => peak };
}

function open(session: ClientHttp2Session, method = "IngestService/Ingest"): ClientHttp2Stream {
  const stream = session.request({
    ":method": "POST",
    ":path": `/stepwell.v1.${method}`,
    "content-type": "application/grpc",
    te: "trailers",
  });
  stream.on("error", () => undefined);
  return stream;
}

function framed(message: Uint8Array, length = message.length): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(length, 1);
  return Buffer.concat([head, message]);
}

function helloOf(): Buffer {
  const value = {
    ...{
      protocolVersion: 1,
      clientName: "attack",
      clientVersion: "0",
      producerId: randomBytes(16),
      epoch: 1n,
    },
    ...{ firstUnacknowledgedSequence: 1n, process: undefined },
  };
  return framed(IngestRequest.encode({ message: { $case: "hello", value } }).finish());
}

function batchOf(sequence: number, entries: Partial<Batch>): Uint8Array {
  const value = { ...NO_ENTRIES, ...entries, sequence: BigInt(sequence), runId: entries.runId ?? newRunId() };
  return IngestRequest.encode({ message: { $case: "batch", value } }).finish();
}

/** A client that logs as usual while `isOver` is false; answers how many batches were acknowledged. */
async function behave(endpoint: string, isOver: () => boolean): Promise<number> {
  const producer = new RawProducer(endpoint);
  producer.hello();
  await producer.answer("welcome");
  const runId = newRunId();
  let sequence = 0;
  while (!isOver() || sequence < 20) {
    sequence += 1;
    producer.batch(sequence, runId, {
      ...(sequence === 1 ? { runStart: startOf(["nowhere"]) } : {}),
      metrics: pointsOf("loss", 1_000),
    });
    await until(
      "the batch is acknowledged",
      () => producer.answers.at(-1),
      (answer) => answer?.$case === "ack" && answer.value.sequence >= BigInt(sequence),
    );
    await sleep(20);
  }
  producer.close();
  await producer.ended;
  return sequence;
}

test("60 half-sent messages, on streams and calls, take a bound of memory, and others go on", async (t) => {
  const { endpoint, dial, peak } = await setUp(t);
  const streams = Array.from({ length: 60 }, (_, index) => {
    const stream = open(dial(), index % 2 === 0 ? "IngestService/Ingest" : "StacksService/ImportStack");
    stream.write(framed(Buffer.alloc(MESSAGE_BYTES_MAX - 100), MESSAGE_BYTES_MAX));
    return stream;
  });
  let isOver = false;
  const behaving = behave(endpoint, () => isOver);
  // Those that were let in are ended for those that wait for their place.
  await until(
    "half-sent messages are ended",
    () => streams.filter(({ closed, destroyed }) => closed || destroyed).length,
    (ended) => ended >= 30,
  );
  isOver = true;
  t.true((await behaving) >= 20);
  t.true(peak() < IDLE_BYTES + 2 * INTAKE_BYTES_MAX, `${Math.round(peak() / MEGABYTE)} MB`);
});

test("a client that reads no answers is not read either", async (t) => {
  const { endpoint, dial, peak } = await setUp(t);
  const session = dial();
  const stream = open(session);
  stream.pause();
  stream.write(helloOf());
  // Each makes a hundred refusals with their sentences.
  const bad = framed(batchOf(1, { tags: Array.from({ length: 20_000 }, () => ({ key: "a\n", value: "" })) }));
  let written = 0;
  let isStuck = false;
  for (let sequence = 1; sequence <= 400 && !isStuck; sequence++) {
    const message = sequence === 1 ? bad : framed(batchOf(sequence, { tags: badTags }));
    isStuck = await new Promise<boolean>((resolve) => {
      const timer = setTimeout(resolve, 5_000, true);
      stream.write(message, () => {
        clearTimeout(timer);
        resolve(false);
      });
    });
    written += message.length;
  }
  t.true(isStuck, `${written} bytes were taken`);
  t.true((await behave(endpoint, () => true)) >= 20);
  t.true(peak() < IDLE_BYTES + 2 * INTAKE_BYTES_MAX, `${Math.round(peak() / MEGABYTE)} MB`);
});

const badTags = Array.from({ length: 20_000 }, () => ({ key: "a\n", value: "" }));

test("20,000 streams that say no Hello end, the oldest first", async (t) => {
  const { endpoint, dial, peak } = await setUp(t);
  let isOver = false;
  const behaving = behave(endpoint, () => isOver);
  let ended = 0;
  const sessions = Array.from({ length: 40 }, dial);
  for (let round = 0; round < 500; round++) {
    for (const session of sessions) {
      const stream = open(session);
      stream.on("close", () => {
        ended += 1;
      });
      stream.resume();
    }
    await sleep(1);
  }
  await until(
    "most are ended",
    () => ended,
    (count) => count >= 15_000,
  );
  isOver = true;
  t.true((await behaving) >= 20);
  t.true(peak() < IDLE_BYTES + 300 * MEGABYTE, `${Math.round(peak() / MEGABYTE)} MB`);
});

test("a million keys in a batch are refused, and 200,000 in a run take a bound of memory", async (t) => {
  const { endpoint, peak } = await setUp(t);
  const many = new RawProducer(endpoint);
  many.hello();
  await many.answer("welcome");
  // A column of nothing, two bytes each.
  const columns = Buffer.alloc(2 * 1_000_000);
  for (let at = 0; at < columns.length; at += 2) columns[at] = (5 << 3) | 2;
  const head = Batch.encode({ ...NO_ENTRIES, sequence: 1n, runId: newRunId() }).finish();
  const inner = Buffer.concat([head, columns]);
  many.raw(Buffer.concat([Buffer.from([(2 << 3) | 2]), varint(inner.length), inner]));
  t.is((await many.ended).code, "STEPWELL_MESSAGE_TOO_LARGE");

  const producer = new RawProducer(endpoint);
  producer.hello();
  await producer.answer("welcome");
  const runId = newRunId();
  const perBatch = 25_000;
  t.true(perBatch < BATCH_PARTS_MAX);
  for (let sequence = 1; sequence <= 8; sequence++) {
    const params = Array.from({ length: perBatch }, (_, index) => ({
      key: `p${sequence}.${index}`,
      value: "1",
    }));
    producer.batch(sequence, runId, {
      ...(sequence === 1 ? { runStart: startOf(["nowhere"]) } : {}),
      params,
    });
    await until(
      "the batch is acknowledged",
      () => producer.answers.at(-1),
      (answer) => answer?.$case === "ack" && answer.value.sequence >= BigInt(sequence),
    );
  }
  producer.close();
  t.is((await producer.ended).status, 0);
  t.true(peak() < IDLE_BYTES + 250 * MEGABYTE, `${Math.round(peak() / MEGABYTE)} MB`);
});

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let left = value; ; left >>>= 7) {
    if (left < 0x80) return Buffer.from([...bytes, left]);
    bytes.push((left & 0x7f) | 0x80);
  }
}

/**
 * A producer that speaks the protocol with bytes that are nearly ready: what it measures
 * is the daemon. Used as a module, by the figures that need a backlog or a latency.
 */
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { credentials, makeClientConstructor } from "@grpc/grpc-js";

const { IngestServiceService } = await import("../../build/src/gen/stepwell/v1/ingest.js");
const Client = makeClientConstructor({
  ingest: { ...IngestServiceService.ingest, requestSerialize: (bytes) => Buffer.from(bytes) },
});

function request(field, write) {
  const writer = new BinaryWriter().tag(field, WireType.LengthDelimited).fork();
  write(writer);
  return writer.join().finish();
}

function hello(writer) {
  writer.tag(1, WireType.Varint).uint32(1).tag(2, WireType.LengthDelimited).string("bench");
  writer.tag(4, WireType.LengthDelimited).bytes(randomBytes(16));
  writer.tag(5, WireType.Varint).uint64(1).tag(6, WireType.Varint).uint64(1);
}

export class Feed {
  #stream;
  #sequence = 0;
  #acknowledged = 0;
  #inFlight = [];
  #inFlightBytes = 0;
  #windowBytes = 0;
  #wake = () => undefined;
  #failure;
  #nextStep = 0;
  runId = randomBytes(16).toString("hex");
  /** Milliseconds from sending a batch to its acknowledgement. */
  latenciesMs = [];
  /** Bytes of all batches so far. */
  sentBytes = 0;

  /** A run of the active stack's default tracker, or of the one that is named. */
  static async open(endpoint, tracker) {
    const feed = new Feed();
    const client = new Client(endpoint, credentials.createInsecure(), {
      "grpc.default_authority": "localhost",
    });
    feed.#stream = client.ingest();
    const welcomed = new Promise((resolve, reject) => {
      feed.#stream.on("error", reject);
      feed.#stream.on("error", (error) => {
        feed.#failure = error;
        feed.#wake();
      });
      feed.#stream.on("data", ({ message }) => {
        if (message.$case === "welcome") {
          feed.#windowBytes = Number(message.value.unacknowledgedBytesMax);
          resolve();
        }
        if (message.$case === "ack") feed.#acknowledge(Number(message.value.sequence));
      });
    });
    feed.#stream.write(request(1, hello));
    await welcomed;
    feed.#send((writer) => {
      writer.tag(3, WireType.LengthDelimited).fork();
      writer.tag(1, WireType.LengthDelimited).string("bench");
      if (tracker) writer.tag(3, WireType.LengthDelimited).string(tracker);
      writer.join();
    });
    return feed;
  }

  /** Sends batches of one metric each, over so many keys, and waits until all are acknowledged. */
  async points(total, perBatch, keys) {
    const begin = performance.now();
    for (let sent = 0, index = 0; sent < total; sent += perBatch, index++) {
      this.batch(`metric/${index % keys}`, perBatch);
      while (this.#inFlightBytes > this.#windowBytes) await this.#news();
    }
    await this.settled();
    return total / ((performance.now() - begin) / 1000);
  }

  /** One batch every so many ms, to see how long acknowledgements take. */
  async pulse(count, points, everyMs) {
    this.latenciesMs = [];
    for (let index = 0; index < count; index++) {
      this.batch("pulse", points);
      await sleep(everyMs);
    }
    await this.settled();
    return this.latenciesMs;
  }

  /** Sends batches of a point for each of so many keys, as a training step logs them, and waits until all are acknowledged. */
  async rows(total, keys) {
    for (let row = 0; row < total; row++) {
      const [step, time, value] = [1, 1, 1].map(() => new Uint8Array(8));
      new DataView(step.buffer).setBigInt64(0, BigInt(this.#nextStep++), true);
      new DataView(time.buffer).setBigInt64(0, 1_700_000_000_000n + BigInt(this.#nextStep), true);
      new DataView(value.buffer).setFloat64(0, Math.sin(row), true);
      this.#send((writer) => {
        for (let key = 0; key < keys; key++) {
          writer.tag(5, WireType.LengthDelimited).fork();
          writer.tag(1, WireType.LengthDelimited).string(`metric/${key}`);
          for (const [at, column] of [step, time, value].entries())
            writer.tag(at + 2, WireType.LengthDelimited).bytes(column);
          writer.join();
        }
      });
      while (this.#inFlightBytes > this.#windowBytes) await this.#news();
    }
    await this.settled();
  }

  batch(key, points) {
    const steps = new BigInt64Array(points);
    for (let index = 0; index < points; index++) steps[index] = BigInt(this.#nextStep + index);
    this.#nextStep += points;
    const times = new BigInt64Array(points).fill(1_700_000_000_000n);
    const values = new Float64Array(points).fill(0.5);
    this.#send((writer) => {
      writer.tag(5, WireType.LengthDelimited).fork();
      writer.tag(1, WireType.LengthDelimited).string(key);
      for (const [at, column] of [steps, times, values].entries()) {
        writer.tag(at + 2, WireType.LengthDelimited).bytes(new Uint8Array(column.buffer));
      }
      writer.join();
    });
  }

  async settled() {
    while (this.#acknowledged < this.#sequence) await this.#news();
  }

  /** Waits until something is acknowledged; rejects once the daemon has ended the stream with an error. */
  async #news() {
    if (!this.#failure) await new Promise((resolve) => (this.#wake = resolve));
    if (this.#failure) throw this.#failure;
  }

  /** Lets go of the stream: the daemon is about to be killed. */
  abandon() {
    this.#stream.removeAllListeners("error");
    this.#stream.on("error", () => undefined);
    this.#stream.cancel();
  }

  close() {
    this.#stream.write(request(3, () => undefined));
    this.#stream.end();
  }

  #send(entries) {
    const sequence = ++this.#sequence;
    const bytes = request(2, (writer) => {
      writer.tag(1, WireType.Varint).uint64(sequence).tag(2, WireType.LengthDelimited).string(this.runId);
      entries(writer);
    });
    this.#inFlight.push({ sequence, bytes: bytes.length, sentMs: performance.now() });
    this.#inFlightBytes += bytes.length;
    this.sentBytes += bytes.length;
    this.#stream.write(bytes);
  }

  #acknowledge(sequence) {
    const nowMs = performance.now();
    this.#acknowledged = sequence;
    while (this.#inFlight[0]?.sequence <= sequence) {
      const { bytes, sentMs } = this.#inFlight.shift();
      this.#inFlightBytes -= bytes;
      this.latenciesMs.push(nowMs - sentMs);
    }
    this.#wake();
  }
}

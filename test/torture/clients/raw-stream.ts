/** One producer over as many streams as it takes: what is not acknowledged is sent again. */
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { type ClientDuplexStream, credentials, makeClientConstructor } from "@grpc/grpc-js";
import {
  type Batch,
  IngestRequest,
  type IngestResponse,
  IngestServiceService,
} from "../../../src/gen/stepwell/v1/ingest.js";
import { type HomePaths, readEndpoint } from "../../../src/home/endpoint.js";
import { NO_ENTRIES } from "../../../src/model/no-entries.js";
import type { Random } from "../random.js";

const FLUSH_WAIT_MS = 20_000;
/** How often it is waited so long: a machine that is busy may need several. */
const WAITS_MAX = 30;
const RECONNECT_MS_MAX = 400;

/** Requests stay bytes: what is sent again is the same to the bit. */
const RawClient = makeClientConstructor(
  { ingest: { ...IngestServiceService.ingest, requestSerialize: (bytes: Buffer) => bytes } },
  "IngestService",
);

type Stream = ClientDuplexStream<Buffer, IngestResponse>;

/** What acknowledges all through a sequence: the process that the endpoint file named when the stream was opened. */
export type OnAcknowledged = (through: number, daemonPid: number) => void;

interface Sent {
  readonly sequence: number;
  readonly bytes: Buffer;
}

export class RawStream {
  readonly #random: Random | undefined;
  readonly #onAcknowledged: OnAcknowledged;
  readonly #producerId = randomBytes(16);
  readonly #paths: HomePaths;
  #epoch = 0n;
  #sequence = 0;
  #held: Sent[] = [];
  #stream: Stream | undefined;
  #isWelcome = false;
  #fault: Error | undefined;
  #wake: () => void = () => undefined;
  readonly #connecting: Promise<void>;
  #isClosed = false;

  /** Without a source of chance it is polite. */
  constructor(
    paths: HomePaths,
    random: Random | undefined,
    onAcknowledged: OnAcknowledged = () => undefined,
  ) {
    this.#paths = paths;
    this.#random = random;
    this.#onAcknowledged = onAcknowledged;
    this.#connecting = this.#connect();
  }

  /** Sends a batch now or as soon as there is a stream. */
  send(runId: string, entries: Partial<Batch>): void {
    const sequence = ++this.#sequence;
    const value: Batch = { ...NO_ENTRIES, ...entries, sequence: BigInt(sequence), runId };
    const bytes = encoded({ $case: "batch", value });
    this.#held.push({ sequence, bytes });
    if (!this.#isWelcome) return;
    const draw = this.#random?.next() ?? 1;
    // Left out: the daemon names it at the next batch, or the next connection sends it.
    if (draw < 0.005) return;
    this.#stream?.write(bytes);
    if (draw < 0.01) this.#stream?.write(bytes);
    else if (draw < 0.012) this.#stream?.cancel();
    else if (draw < 0.014) this.#open(this.#stream);
  }

  /** Resolves when nothing is held any more. */
  async acknowledged(): Promise<void> {
    const deadline = performance.now() + FLUSH_WAIT_MS;
    let nudged = performance.now();
    while (this.#held.length > 0) {
      if (this.#fault) throw this.#fault;
      if (performance.now() > deadline) throw new Error("no acknowledgement came in time");
      if (performance.now() - nudged > 500) {
        // The last batch may be the one that was left out.
        for (const { bytes } of this.#isWelcome ? this.#held : []) this.#stream?.write(bytes);
        nudged = performance.now();
      }
      await this.#changed(200);
    }
  }

  /** The same for clients that are killed rather than hurried. */
  async acknowledgedInTime(): Promise<void> {
    for (let waits = 1; ; waits++) {
      try {
        return await this.acknowledged();
      } catch (error) {
        if (waits === WAITS_MAX) throw error;
      }
    }
  }

  /** Ends the producer for good. Rejects when the daemon refused anything. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#stream?.write(encoded({ $case: "close", value: {} }));
    this.#stream?.end();
    await sleep(100);
    this.#stream?.cancel();
    await this.#connecting;
    if (this.#fault) throw this.#fault;
  }

  async #connect(): Promise<void> {
    while (!this.#isClosed) {
      if (!this.#stream) this.#open(undefined);
      await this.#changed(this.#random?.between(20, RECONNECT_MS_MAX) ?? 50);
    }
  }

  /** Opens a stream; one that is given stays open beside it, and is fenced. */
  #open(beside: Stream | undefined): void {
    const found = readEndpoint(this.#paths);
    if (!found) return;
    beside?.on("error", () => undefined);
    const client = new RawClient(found.endpoint, credentials.createInsecure(), {
      "grpc.default_authority": "localhost",
    });
    const call = client["ingest"] as unknown as () => Stream;
    const stream = call.call(client);
    this.#stream = stream;
    this.#isWelcome = false;
    const over = () => {
      client.close();
      if (this.#stream !== stream) return;
      this.#stream = undefined;
      this.#isWelcome = false;
    };
    stream.on("data", (response: IngestResponse) => this.#hear(stream, found.pid, response));
    stream.on("error", over);
    stream.on("end", over);
    const value = {
      protocolVersion: 1,
      clientName: "torture",
      clientVersion: "0",
      producerId: this.#producerId,
      epoch: ++this.#epoch,
      firstUnacknowledgedSequence: BigInt(this.#held[0]?.sequence ?? this.#sequence + 1),
      process: undefined,
    };
    stream.write(encoded({ $case: "hello", value }));
  }

  #hear(stream: Stream, daemonPid: number, { message }: IngestResponse): void {
    if (message?.$case === "ack") this.#forget(Number(message.value.sequence), daemonPid);
    if (message?.$case === "rejection") this.#fault = new Error(`rejected: ${message.value.code}`);
    if (stream !== this.#stream || !message) return;
    if (message.$case === "welcome") {
      this.#forget(Number(message.value.journaledSequence), daemonPid);
      this.#isWelcome = true;
      this.#sendFrom(0);
    }
    if (message.$case === "rewind") this.#sendFrom(Number(message.value.expectedSequence));
  }

  #sendFrom(sequence: number): void {
    for (const sent of this.#held) if (sent.sequence >= sequence) this.#stream?.write(sent.bytes);
  }

  #forget(through: number, daemonPid: number): void {
    this.#onAcknowledged(through, daemonPid);
    const left = this.#held.findIndex((sent) => sent.sequence > through);
    this.#held.splice(0, left < 0 ? this.#held.length : left);
    this.#wake();
  }

  async #changed(timeoutMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, timeoutMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

function encoded(message: NonNullable<IngestRequest["message"]>): Buffer {
  return Buffer.from(IngestRequest.encode({ message }).finish());
}

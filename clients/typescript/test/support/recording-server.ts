/**
 * A small server that speaks the ingest protocol as ingest.proto states it and keeps what
 * it is sent. It reads the messages with proto-loader, so that the client's own encoding
 * is checked by another implementation.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { Metadata, Server, ServerCredentials, type ServerDuplexStream, type status } from "@grpc/grpc-js";
import { ingestService } from "./ingest-service.js";

/** A Batch as proto-loader reads it: 64-bit numbers are texts. */
export interface WireBatch {
  readonly sequence: string;
  readonly run_id: string;
  readonly run_start: { readonly run_name: string; readonly experiment_name: string } | null;
  readonly params: readonly WireText[];
  readonly metrics: readonly WireColumn[];
  readonly tags: readonly WireText[];
  readonly run_end: { readonly status: string } | null;
}

export interface WireText {
  readonly key: string;
  readonly value: string;
}

export interface WireColumn {
  readonly key: string;
  readonly steps: readonly string[];
  readonly timestamps_ms: readonly string[];
  readonly model_id: string;
  readonly values: readonly number[];
}

export interface WireHello {
  readonly producer_id: Buffer;
  readonly epoch: string;
  readonly first_unacknowledged_sequence: string;
  readonly client_name: string;
  readonly client_version: string;
  readonly process: { readonly boot_id: string; readonly pid: number; readonly start_ticks: string };
}

interface Request {
  readonly message: "hello" | "batch" | "close";
  readonly hello?: WireHello;
  readonly batch?: WireBatch;
}

type Call = ServerDuplexStream<Request, unknown>;

/** How the server behaves. */
export interface RecordingOptions {
  readonly windowBytes?: number;
  readonly messageBytesMax?: number;
  /** How long a batch waits for its acknowledgement. */
  readonly ackDelayMs?: number;
  /** Refuses entries: the answers for a batch. */
  readonly reject?: (batch: WireBatch) => readonly Record<string, unknown>[];
  /** Loses a batch on arrival when true, as if it had never come. */
  readonly lose?: (batch: WireBatch) => boolean;
  /** The protocol that it speaks, instead of this build's. */
  readonly protocol?: string;
  /** What its answers have beside what they need. */
  readonly more?: Readonly<Record<"welcome" | "ack" | "rejection", object>>;
  /** Welcome tells nothing of what was journaled and not acknowledged. */
  readonly forgetsUnacknowledged?: boolean;
}

interface Producer {
  epoch: bigint;
  journaled: bigint;
  closed: boolean;
  /** Bytes of this stream that have no acknowledgement yet. */
  unacknowledgedBytes: number;
}

/** A point as it came. */
export interface WirePoint {
  readonly step: bigint;
  readonly timestampMs: bigint;
  readonly value: number;
}

/** The points of a key in some batches. */
export function pointsOf(batches: readonly WireBatch[], key: string): WirePoint[] {
  return batches.flatMap((batch) =>
    batch.metrics
      .filter((column) => column.key === key)
      .flatMap(({ steps, timestamps_ms, values }) =>
        values.map((value, i) => ({
          step: BigInt(steps[i] ?? ""),
          timestampMs: BigInt(timestamps_ms[i] ?? ""),
          value,
        })),
      ),
  );
}

/** A running server. */
export class RecordingServer {
  readonly endpoint: string;
  readonly batches: WireBatch[] = [];
  readonly hellos: WireHello[] = [];
  /** What the client did against the protocol. */
  readonly violations: string[] = [];
  duplicates = 0;
  closes = 0;
  homeId = "a".repeat(32);
  /** Acknowledgements wait while it is true. */
  #holdsAcks = false;
  #held: (() => void)[] = [];
  readonly #options: RecordingOptions;
  readonly #folder = mkdtempSync(join(tmpdir(), "stepwell-client-"));
  readonly #producers = new Map<string, Producer>();
  readonly #calls = new Set<Call>();
  #server = new Server();

  constructor(options: RecordingOptions = {}) {
    this.#options = options;
    this.endpoint = `unix:${join(this.#folder, "s.sock")}`;
  }

  /** A server that listens. */
  static async start(options: RecordingOptions = {}): Promise<RecordingServer> {
    const server = new RecordingServer(options);
    await server.listen();
    return server;
  }

  /** Listens, again after kill(). */
  async listen(): Promise<void> {
    this.#server = new Server({ "grpc.max_receive_message_length": this.messageBytesMax });
    this.#server.addService(ingestService(this.#options.protocol).service, {
      Ingest: (call: Call) => this.#serve(call),
    });
    await new Promise<void>((resolve, reject) => {
      this.#server.bindAsync(this.endpoint, ServerCredentials.createInsecure(), (error) =>
        error ? reject(error) : resolve(),
      );
    });
  }

  /** Ends at once, as a killed daemon does: what was not acknowledged is forgotten. */
  kill(): void {
    this.#server.forceShutdown();
    this.#calls.clear();
  }

  /** Ends every stream with an error of the protocol. */
  endStreams(code: string, grpc: status): void {
    const metadata = new Metadata();
    metadata.set("stepwell-code", code);
    metadata.set("stepwell-remedy", "Do something.");
    for (const call of this.#calls) call.emit("error", { code: grpc, details: "It ended.", metadata });
    this.#calls.clear();
  }

  /** Holds acknowledgements back, or lets those that were held go. */
  holdAcks(holds: boolean): void {
    this.#holdsAcks = holds;
    if (holds) return;
    for (const acknowledge of this.#held.splice(0)) acknowledge();
  }

  /** Becomes another home with an empty journal. */
  forget(): void {
    this.homeId = "b".repeat(32);
    this.#producers.clear();
  }

  /** Ends for good. */
  stop(): void {
    this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** The points of a key in the order in which they were journaled. */
  points(key: string): WirePoint[] {
    return pointsOf(this.batches, key);
  }

  /** The params or tags in the order in which they were journaled. */
  texts(kind: "params" | "tags"): WireText[] {
    return this.batches.flatMap((batch) => batch[kind]);
  }

  get messageBytesMax(): number {
    return this.#options.messageBytesMax ?? 4 * 1024 * 1024;
  }

  get windowBytes(): number {
    return this.#options.windowBytes ?? 8 * 1024 * 1024;
  }

  #serve(call: Call): void {
    this.#calls.add(call);
    let producer: Producer | undefined;
    let epoch = 0n;
    call.on("error", () => this.#calls.delete(call));
    call.on("end", () => call.end());
    call.on("data", (request: Request) => {
      if (request.message === "hello" && request.hello) {
        epoch = BigInt(request.hello.epoch);
        producer = this.#welcome(call, request.hello);
        return;
      }
      if (producer === undefined || producer.epoch !== epoch) return;
      if (request.message === "close") {
        producer.closed = true;
        this.closes++;
      } else if (request.batch) {
        const bytes = this.#measure(producer, request);
        this.#take(call, producer, epoch, request.batch, bytes);
      }
    });
  }

  /** Serializing again gives the size that the message had: the client writes no redundant byte. */
  #measure(producer: Producer, request: Request): number {
    const bytes =
      ingestService(this.#options.protocol).service["Ingest"]?.requestSerialize(request).length ?? 0;
    producer.unacknowledgedBytes += bytes;
    if (bytes > this.messageBytesMax) this.violations.push(`a message of ${bytes} bytes`);
    if (producer.unacknowledgedBytes > this.windowBytes) {
      this.violations.push(`${producer.unacknowledgedBytes} bytes in flight`);
    }
    return bytes;
  }

  #welcome(call: Call, hello: WireHello): Producer {
    this.hellos.push(hello);
    const id = hello.producer_id.toString("hex");
    if (id.length !== 32) this.violations.push(`a producer id of ${id.length} digits`);
    const first = BigInt(hello.first_unacknowledged_sequence);
    const fresh = { epoch: 0n, journaled: first - 1n, closed: false, unacknowledgedBytes: 0 };
    const known = this.#producers.get(id) ?? fresh;
    known.unacknowledgedBytes = 0;
    if (BigInt(hello.epoch) <= known.epoch) this.violations.push("the epoch did not rise");
    if (known.closed) this.violations.push("a closed producer came back");
    known.epoch = BigInt(hello.epoch);
    this.#producers.set(id, known);
    const journaled = this.#options.forgetsUnacknowledged ? first - 1n : known.journaled;
    call.write({
      welcome: {
        ...this.#options.more?.welcome,
        protocol_version: 1,
        daemon_version: "0.1.0",
        home_id: this.homeId,
        journaled_sequence: String(journaled),
        unacknowledged_bytes_max: String(this.windowBytes),
        message_bytes_max: this.messageBytesMax,
      },
    });
    if (this.#options.protocol) call.write({ later: { text: "a message of a newer version" } });
    return known;
  }

  /** What comes again under a sequence has to be what came the first time. */
  #compare(batch: WireBatch): void {
    const isSame = this.batches.some((one) => isDeepStrictEqual(one, batch));
    if (!isSame) this.violations.push(`the batch ${batch.sequence} came again with other content`);
  }

  #take(call: Call, producer: Producer, epoch: bigint, batch: WireBatch, bytes: number): void {
    const sequence = BigInt(batch.sequence);
    if (this.#options.lose?.(batch)) {
      producer.unacknowledgedBytes -= bytes;
      return;
    }
    if (sequence > producer.journaled + 1n) {
      producer.unacknowledgedBytes -= bytes;
      call.write({ rewind: { expected_sequence: String(producer.journaled + 1n) } });
      return;
    }
    if (sequence === producer.journaled + 1n) {
      producer.journaled = sequence;
      this.batches.push(batch);
    } else {
      this.duplicates++;
      this.#compare(batch);
    }
    for (const rejection of this.#options.reject?.(batch) ?? []) {
      call.write({ rejection: { ...this.#options.more?.rejection, sequence: batch.sequence, ...rejection } });
    }
    const acknowledge = () => {
      if (!this.#calls.has(call)) return;
      if (producer.epoch === epoch) producer.unacknowledgedBytes -= bytes;
      call.write({ ack: { ...this.#options.more?.ack, sequence: batch.sequence, level: 1 } });
    };
    if (this.#holdsAcks) {
      this.#held.push(acknowledge);
      return;
    }
    setTimeout(acknowledge, this.#options.ackDelayMs ?? 2).unref();
  }
}

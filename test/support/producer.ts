/**
 * A producer that speaks the protocol by hand, so that tests can say what a foreign
 * client might: nothing here checks, splits or repairs.
 */
import { randomBytes } from "node:crypto";
import { inspect } from "node:util";
import {
  type ClientDuplexStream,
  credentials,
  makeClientConstructor,
  type ServiceError,
} from "@grpc/grpc-js";
import {
  type Batch,
  type Hello,
  IngestRequest,
  type IngestResponse,
  IngestServiceService,
} from "../../src/gen/stepwell/v1/ingest.js";
import { NO_ENTRIES } from "../../src/model/no-entries.js";

type Answer = NonNullable<IngestResponse["message"]>;

type ValueOf<Kind extends Answer["$case"]> = Extract<Answer, { $case: Kind }>["value"];

/** How a stream ended: its gRPC status and the code in its trailing metadata. */
export interface StreamEnd {
  readonly status: number;
  readonly code: string | undefined;
}

/** Requests stay bytes, so that a test can send what no encoder would make. */
const RawClient = makeClientConstructor(
  { ingest: { ...IngestServiceService.ingest, requestSerialize: (bytes: Buffer) => bytes } },
  "IngestService",
);

export class RawProducer {
  readonly producerId: Uint8Array<ArrayBuffer>;
  readonly answers: Answer[] = [];
  readonly ended: Promise<StreamEnd>;
  readonly #stream: ClientDuplexStream<Buffer, IngestResponse>;
  readonly #close: () => void;
  #wake: () => void = () => undefined;

  constructor(endpoint: string, producerId: Uint8Array<ArrayBuffer> = new Uint8Array(randomBytes(16))) {
    this.producerId = producerId;
    const client = new RawClient(endpoint, credentials.createInsecure(), {
      "grpc.default_authority": "localhost",
    });
    this.#close = () => client.close();
    const call = client["ingest"] as unknown as () => ClientDuplexStream<Buffer, IngestResponse>;
    this.#stream = call.call(client);
    this.#stream.on("data", ({ message }: IngestResponse) => {
      if (message) this.answers.push(message);
      this.#wake();
    });
    this.ended = new Promise((resolve) => {
      this.#stream.on("error", (error: ServiceError) => {
        resolve({ status: error.code, code: error.metadata.get("stepwell-code")[0]?.toString() });
      });
      this.#stream.on("end", () => resolve({ status: 0, code: undefined }));
    });
  }

  hello(more: Partial<Hello> = {}): void {
    const value: Hello = {
      protocolVersion: 1,
      clientName: "test",
      clientVersion: "0",
      producerId: Buffer.from(this.producerId),
      epoch: 1n,
      firstUnacknowledgedSequence: 1n,
      process: undefined,
      ...more,
    };
    this.raw(IngestRequest.encode({ message: { $case: "hello", value } }).finish());
  }

  batch(sequence: number, runId: string, entries: Partial<Batch>): void {
    const value: Batch = { ...NO_ENTRIES, ...entries, sequence: BigInt(sequence), runId };
    this.raw(IngestRequest.encode({ message: { $case: "batch", value } }).finish());
  }

  close(): void {
    this.raw(IngestRequest.encode({ message: { $case: "close", value: {} } }).finish());
    this.#stream.end();
  }

  /** Bytes of an IngestRequest, or of anything. */
  raw(bytes: Uint8Array): void {
    this.#stream.write(Buffer.from(bytes));
  }

  /** Breaks the connection. */
  cut(): void {
    this.#stream.on("error", () => undefined);
    this.#stream.cancel();
    this.#close();
  }

  /** The first answer of a kind that fits, now or later. Throws after two minutes, with what came. */
  async answer<Kind extends Answer["$case"]>(
    kind: Kind,
    fits: (value: ValueOf<Kind>) => boolean = () => true,
  ): Promise<ValueOf<Kind>> {
    const deadline = performance.now() + 120_000;
    // Ten thousand may come: none is looked at twice.
    let looked = 0;
    while (performance.now() < deadline) {
      for (const answer of this.answers.slice(looked)) {
        looked += 1;
        const value = answer.value as ValueOf<Kind>;
        if (answer.$case === kind && fits(value)) return value;
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 100);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    throw new Error(
      `no ${kind} came that fits; there came: ${inspect(this.answers.slice(-5), { depth: 4 })}`,
    );
  }

  /** Waits until a sequence is acknowledged. */
  async acknowledged(sequence: number): Promise<void> {
    await this.answer("ack", (ack) => ack.sequence >= BigInt(sequence));
  }
}

/** A run id as clients make it. */
export function newRunId(): string {
  return randomBytes(16).toString("hex");
}

/** A start for a run, at a fixed time. */
export function startOf(trackers: readonly string[] = []): Batch["runStart"] {
  return {
    experimentName: "",
    runName: "",
    trackers: [...trackers],
    startTimeMs: 1n,
    user: "",
    sourceName: "",
    parentRunId: "",
  };
}

/** Points 0 … count - 1 of one metric. */
export function pointsOf(key: string, count: number): Batch["metrics"] {
  const each = <Value>(value: (index: number) => Value) =>
    Array.from({ length: count }, (_, index) => value(index));
  return [
    {
      key,
      steps: each(BigInt),
      timestampsMs: each((index) => BigInt(1000 + index)),
      values: each(Number),
      modelId: "",
    },
  ];
}

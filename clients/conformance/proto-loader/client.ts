/**
 * The protocol written down once more, from its comments and the contract alone: no line of another client or of the
 * daemon is in it. It keeps what it logs in memory and looks for a daemon that runs; it starts none.
 */
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import {
  type ClientDuplexStream,
  credentials,
  loadPackageDefinition,
  type ServiceClientConstructor,
  type ServiceError,
} from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";

const REPOSITORY = fileURLToPath(new URL("../../../../", import.meta.url));
const limits = contract<Record<string, { value: number }>>("limits.json");
const errors = contract<{
  codes: Record<string, { remedy: string }>;
  sets: Record<string, { codes: readonly string[] }>;
}>("errors.json");

/** A point of time or a step: a whole number. */
type Whole = bigint;

export interface Column {
  readonly key: string;
  readonly steps: readonly Whole[];
  readonly timestamps: readonly Whole[];
  readonly values: readonly number[];
  readonly modelId: string;
}

/** Entries of one run, as proto-loader writes them. */
type Entries = Readonly<Record<string, unknown>>;

interface Sent {
  readonly sequence: bigint;
  readonly request: { readonly batch: Entries };
  readonly entries: number;
  readonly bytes: number;
}

interface Answer {
  readonly message: "welcome" | "ack" | "rejection" | "rewind";
  readonly welcome: {
    readonly home_id: string;
    readonly journaled_sequence: string;
    readonly unacknowledged_bytes_max: string;
  };
  readonly ack: { readonly sequence: string };
  readonly rejection: { readonly code: string; readonly message: string; readonly entries: number };
  readonly rewind: { readonly expected_sequence: string };
}

/** An error of the contract. */
export class Refusal extends Error {
  readonly code: string;
  readonly remedy: string;

  constructor(code: string, message: string, remedy?: string) {
    super(message);
    this.code = code;
    this.remedy = remedy ?? errors.codes[code]?.remedy ?? "";
  }
}

function contract<Content>(name: string): Content {
  return JSON.parse(readFileSync(join(REPOSITORY, "clients/contract", name), "utf8")) as Content;
}

export function limit(name: string): number {
  const row = limits[name];
  if (row === undefined) throw new Error(`the contract has no ${name}`);
  return row.value;
}

function serviceOf(file: string, name: string): ServiceClientConstructor {
  const definition = loadSync(`stepwell/v1/${file}.proto`, {
    includeDirs: [join(REPOSITORY, "proto")],
    keepCase: true,
    longs: String,
    enums: String,
    defaults: true,
    oneofs: true,
  });
  const { stepwell } = loadPackageDefinition(definition) as unknown as {
    stepwell: { v1: Readonly<Record<string, ServiceClientConstructor>> };
  };
  const service = stepwell.v1[name];
  if (service === undefined) throw new Error(`the protocol has no ${name}`);
  return service;
}

const Service = serviceOf("ingest", "IngestService");
const DaemonService = serviceOf("daemon", "DaemonService");

/** What a Flush answers. */
interface Drained {
  readonly drained: boolean;
  readonly lanes: readonly { readonly queued_points: string }[];
  readonly dead_letters: string;
}

export class LoaderClient {
  readonly stats = { acknowledged: 0, rejected: 0, dropped: 0, connects: 0 };
  #producerId = randomBytes(16);
  #epoch = 0;
  #next = 1n;
  #homeId = "";
  #waiting: Sent[] = [];
  /** How many of those that wait were sent on this stream. */
  #sent = 0;
  #windowBytes = 0;
  #call: ClientDuplexStream<unknown, Answer> | undefined;
  #failure: Refusal | undefined;
  #trouble = "";
  #isClosed = false;
  readonly #told = new Set<string>();
  readonly #bufferBytesMax = Number(process.env["STEPWELL_BUFFER_BYTES"] || limit("BUFFER_BYTES_MAX"));
  /** Starts of runs whose end the daemon does not have: another home needs them again. */
  readonly #starts = new Map<string, Entries>();
  readonly #runIds = new Set<string>();
  readonly #ended: Promise<void>;

  constructor() {
    this.#ended = this.#keepConnected();
  }

  /** Adds entries of a run. What finds no room is dropped, and told. */
  add(runId: string, entries: Entries, count: number): void {
    this.#runIds.add(runId);
    if (entries["run_start"]) this.#starts.set(runId, entries);
    const request = { batch: { ...entries, run_id: runId, sequence: String(this.#next) } };
    const bytes = Service.service["Ingest"]?.requestSerialize(request).length ?? 0;
    const held = this.#waiting.reduce((sum, one) => sum + one.bytes, 0);
    if (this.#failure || held + bytes > this.#bufferBytesMax) {
      this.stats.dropped += count;
      this.#tell(this.#failure ?? new Refusal("STEPWELL_BUFFER_FULL", "The newest entries are dropped."));
      return;
    }
    this.#waiting.push({ sequence: this.#next, request, entries: count, bytes });
    this.#next += 1n;
    this.#send();
  }

  async flush(seconds = limit("FLUSH_WAIT_MS") / 1_000): Promise<void> {
    const endMs = performance.now() + 1_000 * seconds;
    while (this.#waiting.length > 0) {
      if (this.#failure) throw this.#failure;
      if (performance.now() > endMs)
        throw new Refusal("STEPWELL_FLUSH_TIMEOUT", `${this.#waiting.length} batches wait. ${this.#trouble}`);
      await sleep(2);
    }
    if (this.#failure) throw this.#failure;
  }

  /** Waits until the backends have what was logged to the runs that this client began. */
  async drain(seconds = limit("FLUSH_WAIT_MS") / 1_000): Promise<Drained> {
    const endMs = performance.now() + 1_000 * seconds;
    await this.flush(seconds);
    const client = new DaemonService(endpointNow() ?? "", credentials.createInsecure(), {
      "grpc.default_authority": "localhost",
    });
    const request = {
      timeout_ms: Math.max(1, Math.round(endMs - performance.now())),
      run_ids: [...this.#runIds],
    };
    const flush = client["Flush"] as unknown as (
      request: unknown,
      done: (error: ServiceError | null, answer: Drained) => void,
    ) => void;
    try {
      return await new Promise((resolve, reject) =>
        flush.call(client, request, (error, answer) => (error ? reject(error) : resolve(answer))),
      );
    } finally {
      client.close();
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#call?.write({ close: {} });
    this.#call?.end();
    await Promise.race([this.#ended, sleep(limit("CLOSE_WAIT_MS"), undefined, { ref: false })]);
    this.#call?.cancel();
  }

  async #keepConnected(): Promise<void> {
    let boundMs = limit("RECONNECT_WAIT_MS_MIN");
    while (!this.#isClosed && !this.#failure) {
      const connects = this.stats.connects;
      await this.#stream();
      if (this.stats.connects > connects) boundMs = limit("RECONNECT_WAIT_MS_MIN");
      await sleep(Math.random() * boundMs);
      boundMs = Math.min(2 * boundMs, limit("RECONNECT_WAIT_MS_MAX"));
    }
  }

  /** One stream, from Hello to its end. */
  async #stream(): Promise<void> {
    const endpoint = endpointNow();
    if (endpoint === undefined) {
      this.#trouble = "No daemon is there.";
      return;
    }
    const client = new Service(endpoint, credentials.createInsecure(), {
      "grpc.default_authority": "localhost",
      // Each stream finds the daemon anew.
      "grpc.use_local_subchannel_pool": 1,
    });
    const ingest = client["Ingest"] as unknown as () => ClientDuplexStream<unknown, Answer>;
    const call = ingest.call(client);
    await new Promise<void>((resolve) => {
      call.on("data", (answer: Answer) => this.#take(call, answer));
      call.on("end", resolve);
      call.on("error", (error: ServiceError) => {
        this.#end(error);
        resolve();
      });
      this.#epoch += 1;
      const first = String(this.#waiting[0]?.sequence ?? this.#next);
      const hello = {
        ...{
          protocol_version: limit("PROTOCOL_VERSION"),
          client_name: "proto-loader",
          client_version: "0.1.0",
        },
        ...{ producer_id: this.#producerId, epoch: this.#epoch, first_unacknowledged_sequence: first },
      };
      call.write({ hello });
    });
    this.#call = undefined;
    client.close();
  }

  #end(error: ServiceError): void {
    const code = String(error.metadata?.get("stepwell-code")[0] ?? "");
    this.#trouble = `${code}: ${error.details}`;
    if (!errors.sets["FINAL_CODES"]?.codes.includes(code)) return;
    const remedy = String(error.metadata.get("stepwell-remedy")[0] ?? "");
    this.#failure = new Refusal(code, error.details, remedy);
    this.stats.dropped += this.#waiting.reduce((sum, { entries }) => sum + entries, 0);
    this.#waiting = [];
    this.#tell(this.#failure);
  }

  #take(call: ClientDuplexStream<unknown, Answer>, answer: Answer): void {
    if (answer.message === "welcome") this.#welcome(call, answer.welcome);
    else if (answer.message === "ack") this.#acknowledge(BigInt(answer.ack.sequence));
    else if (answer.message === "rewind") this.#rewind(BigInt(answer.rewind.expected_sequence));
    else if (answer.message === "rejection") {
      this.stats.rejected += answer.rejection.entries;
      this.#tell(new Refusal(answer.rejection.code, answer.rejection.message));
    }
    // A message that a newer daemon has and this client does not know says nothing to it.
    this.#send();
  }

  #welcome(call: ClientDuplexStream<unknown, Answer>, welcome: Answer["welcome"]): void {
    if (this.#homeId !== "" && this.#homeId !== welcome.home_id) {
      this.#tell(new Refusal("STEPWELL_HOME_CHANGED", "Another home is here; open runs begin again in it."));
      this.#homeId = welcome.home_id;
      this.#beginAnew();
      call.cancel();
      return;
    }
    this.#homeId = welcome.home_id;
    this.stats.connects += 1;
    this.#windowBytes = Number(welcome.unacknowledged_bytes_max);
    this.#call = call;
    this.#sent = 0;
    this.#acknowledge(BigInt(welcome.journaled_sequence));
  }

  /** As a new producer: with the starts of open runs, then what was not acknowledged. */
  #beginAnew(): void {
    const waiting = this.#waiting;
    this.#producerId = randomBytes(16);
    this.#epoch = 0;
    this.#next = 1n;
    this.#waiting = [];
    this.#call = undefined;
    for (const [runId, start] of this.#starts) this.add(runId, start, 0);
    for (const { request, entries } of waiting) {
      const { run_id: runId, ...rest } = request.batch;
      if (!rest["run_start"] || !this.#starts.has(String(runId))) this.add(String(runId), rest, entries);
    }
  }

  #acknowledge(through: bigint): void {
    for (let [first] = this.#waiting; first && first.sequence <= through; [first] = this.#waiting) {
      const { run_id: runId, run_end: end } = first.request.batch;
      if (end && (end as { status: string }).status !== "RUN_STATUS_RUNNING")
        this.#starts.delete(String(runId));
      this.stats.acknowledged += first.entries;
      this.#waiting.shift();
      this.#sent = Math.max(0, this.#sent - 1);
    }
  }

  #rewind(expected: bigint): void {
    this.#sent = Math.max(
      0,
      this.#waiting.findIndex(({ sequence }) => sequence >= expected),
    );
  }

  #send(): void {
    if (this.#call === undefined) return;
    let bytes = this.#waiting.slice(0, this.#sent).reduce((sum, one) => sum + one.bytes, 0);
    for (let next = this.#waiting[this.#sent]; next !== undefined; next = this.#waiting[this.#sent]) {
      bytes += next.bytes;
      if (bytes > this.#windowBytes) return;
      this.#call.write(next.request);
      this.#sent += 1;
    }
  }

  #tell({ code, message, remedy }: Refusal): void {
    if (this.#told.has(code)) return;
    this.#told.add(code);
    process.stderr.write(`${code}: ${message} ${remedy}\n`);
  }
}

function endpointNow(): string | undefined {
  const given = process.env["STEPWELL_ENDPOINT"];
  if (given) return given;
  try {
    const file = join(process.env["STEPWELL_HOME"] ?? "", "endpoint.json");
    return (JSON.parse(readFileSync(file, "utf8")) as { endpoint: string }).endpoint;
  } catch {
    return undefined;
  }
}

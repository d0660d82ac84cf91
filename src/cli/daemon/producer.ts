/**
 * Entries of one run on their way to the daemon, a batch at a time. A stream that breaks is opened again, and the batch
 * that had no answer is sent again: the daemon knows it by its sequence.
 */
import { randomBytes } from "node:crypto";
import type { ClientDuplexStream, ServiceError } from "@grpc/grpc-js";
import { toStepwellError } from "../../errors/stepwell-error.js";
import type {
  Batch,
  IngestRequest,
  IngestResponse,
  Rejection,
  Welcome,
} from "../../gen/stepwell/v1/ingest.js";
import { ownIdentity } from "../../home/process-identity.js";
import { deadlineAfter, sleep, within } from "../../home/wait.js";
import { NO_ENTRIES } from "../../model/no-entries.js";
import { VERSION } from "../../model/version.js";
import type { Context } from "../context.js";
import { callError, unreachable } from "./call-error.js";
import { connect } from "./connect.js";
import type { Connection } from "./find-daemon.js";

/** How long the daemon may take to answer; a disk may be slow. */
const ANSWER_MS_MAX = 30_000;
/** How long to wait before a stream that broke is opened again. */
const PAUSE_MS = 200;
/** How long the daemon may take to end a stream that was closed. */
const CLOSE_WAIT_MS = 2_000;

/** What a batch may hold. */
export type Entries = Partial<Pick<Batch, "params" | "metrics" | "tags">>;

type Message = NonNullable<IngestRequest["message"]>;

interface Stream {
  readonly call: ClientDuplexStream<IngestRequest, IngestResponse>;
  readonly answers: AsyncIterator<IngestResponse, undefined>;
  readonly connection: Connection;
}

export class Producer {
  readonly #context: Context;
  readonly #runId: string;
  readonly #patienceMs: number;
  #producerId = randomBytes(16);
  #homeId = "";
  #epoch = 0n;
  #sequence = 1n;
  #stream: Stream | undefined;

  /** Tries for so long to send what the daemon, once it had answered, did not take for reasons that pass. */
  constructor(context: Context, runId: string, patienceMs: number) {
    this.#context = context;
    this.#runId = runId;
    this.#patienceMs = patienceMs;
  }

  /** Resolves when the entries are on the daemon's disk, to those that it refused. One call at a time. */
  async send(entries: Entries): Promise<readonly Rejection[]> {
    const deadline = deadlineAfter(this.#patienceMs);
    for (;;) {
      try {
        return await this.#try(entries);
      } catch (thrown) {
        this.#drop();
        const error = toStepwellError(thrown);
        if (this.#homeId === "" || error.row.retry === "never" || deadline.leftMs() === 0) throw error;
        await sleep(PAUSE_MS);
      }
    }
  }

  /** Ends the producer for good. Throws nothing: all that was sent is on disk. */
  async close(): Promise<void> {
    const stream = this.#stream;
    if (!stream) return;
    write(stream, { $case: "close", value: {} });
    stream.call.end();
    await within(CLOSE_WAIT_MS, stream.answers.next()).catch(() => undefined);
    this.#drop();
  }

  async #try(entries: Entries): Promise<readonly Rejection[]> {
    const { stream, journaled } = await this.#opened();
    if (journaled < this.#sequence) {
      const value = { ...NO_ENTRIES, ...entries, sequence: this.#sequence, runId: this.#runId };
      write(stream, { $case: "batch", value });
    }
    const refused: Rejection[] = [];
    for (let acknowledged = journaled; acknowledged < this.#sequence; ) {
      const answer = await nextAnswer(stream);
      if (answer.$case === "rejection") refused.push(answer.value);
      if (answer.$case === "ack") acknowledged = answer.value.sequence;
      if (answer.$case === "rewind") throw unreachable("The daemon has lost its place in the stream.");
    }
    this.#sequence += 1n;
    return refused;
  }

  /** A stream that the daemon welcomed, and the sequence that was on disk before anything goes over it. */
  async #opened(): Promise<{ stream: Stream; journaled: bigint }> {
    if (this.#stream) return { stream: this.#stream, journaled: this.#sequence - 1n };
    const connection = await connect(this.#context);
    const call = connection.ingest.ingest();
    const stream = { call, answers: answersOf(call), connection };
    this.#stream = stream;
    // A late error must find a listener.
    call.on("error", () => undefined);
    this.#epoch += 1n;
    write(stream, { $case: "hello", value: this.#hello() });
    const answer = await nextAnswer(stream);
    if (answer.$case !== "welcome") throw unreachable("The daemon did not greet.");
    return { stream, journaled: this.#welcomed(answer.value) };
  }

  #hello() {
    return {
      ...{ protocolVersion: 1, clientName: "command", clientVersion: VERSION },
      ...{ producerId: this.#producerId, epoch: this.#epoch },
      firstUnacknowledgedSequence: this.#sequence,
      process: ownIdentity(),
    };
  }

  /** Another home has another journal, which knows nothing of this producer: a new one begins. */
  #welcomed({ homeId, journaledSequence }: Welcome): bigint {
    const isOther = this.#homeId !== "" && this.#homeId !== homeId;
    this.#homeId = homeId;
    if (!isOther) return journaledSequence;
    this.#producerId = randomBytes(16);
    this.#sequence = 1n;
    throw unreachable("The home is another one now.");
  }

  #drop(): void {
    this.#stream?.call.cancel();
    this.#stream?.connection.close();
    this.#stream = undefined;
  }
}

/** Its own iterator says nothing of what it yields. */
function answersOf(call: ClientDuplexStream<IngestRequest, IngestResponse>): Stream["answers"] {
  return call[Symbol.asyncIterator]() as Stream["answers"];
}

function write({ call }: Stream, message: Message): void {
  call.write({ message });
}

async function nextAnswer({ answers }: Stream): Promise<NonNullable<IngestResponse["message"]>> {
  const next = answers.next().catch((error: unknown) => {
    throw callError(error as ServiceError);
  });
  if (!(await within(ANSWER_MS_MAX, next)))
    throw unreachable(`The daemon did not answer within ${ANSWER_MS_MAX / 1000} s.`);
  const message = (await next).value?.message;
  if (!message) throw unreachable("The daemon ended the stream.");
  return message;
}

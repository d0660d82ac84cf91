/**
 * The messages of proto/stepwell/v1/ingest.proto, written and read by hand.
 *
 * Generated code would turn each column into a list of numbers; here its memory goes
 * into the message as it is. The field numbers stand beside their names below.
 */
import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { Message } from "./message.js";

const LENGTH = WireType.LengthDelimited;

/** The version of the protocol that this client speaks. */
const PROTOCOL_VERSION = 1;

/** The process that streams, named beyond doubt; see ProcessIdentity in types.proto. */
export interface ProcessIdentity {
  readonly bootId: string;
  readonly pidNamespace: bigint;
  readonly pid: number;
  readonly startTicks: bigint;
}

/** What Hello says. */
export interface Hello {
  readonly clientName: string;
  readonly clientVersion: string;
  readonly producerId: Uint8Array;
  readonly epoch: number;
  readonly firstUnacknowledgedSequence: number;
  readonly process: ProcessIdentity;
}

/** What creates a run. */
export interface RunStart {
  readonly experimentName: string;
  readonly runName: string;
  readonly trackers: readonly string[];
  readonly startTimeMs: number;
  readonly user: string;
  readonly sourceName: string;
}

/** How a run can end. */
export type EndStatus = "FINISHED" | "FAILED" | "KILLED";

/** The statuses that end a run, with their numbers in types.proto. */
export const END_STATUS = { FINISHED: 3, FAILED: 4, KILLED: 5 } as const satisfies Record<EndStatus, number>;
/** The status of a run that goes on. */
const RUNNING = 1;

/** The request that opens a stream. */
export function encodeHello(hello: Hello): Uint8Array {
  const writer = new BinaryWriter();
  writer.tag(1, LENGTH).fork(); // IngestRequest.hello
  writer.tag(1, WireType.Varint).uint32(PROTOCOL_VERSION);
  writer.tag(2, LENGTH).string(hello.clientName);
  writer.tag(3, LENGTH).string(hello.clientVersion);
  writer.tag(4, LENGTH).bytes(hello.producerId);
  writer.tag(5, WireType.Varint).uint64(hello.epoch);
  writer.tag(6, WireType.Varint).uint64(hello.firstUnacknowledgedSequence);
  writer.tag(7, LENGTH).fork(); // Hello.process
  writer.tag(1, LENGTH).string(hello.process.bootId);
  writer.tag(2, WireType.Varint).uint64(hello.process.pidNamespace);
  writer.tag(3, WireType.Varint).uint32(hello.process.pid);
  writer.tag(4, WireType.Varint).uint64(hello.process.startTicks);
  return writer.join().join().finish();
}

/** The request that ends a producer for good: an empty Close in IngestRequest.close. */
export function encodeClose(): Uint8Array {
  return new BinaryWriter().tag(3, LENGTH).uint32(0).finish();
}

/** Batch.run_start, with its tag. */
export function runStartField(start: RunStart): Uint8Array {
  const writer = new BinaryWriter();
  writer.tag(3, LENGTH).fork();
  writer.tag(1, LENGTH).string(start.experimentName);
  writer.tag(2, LENGTH).string(start.runName);
  for (const tracker of start.trackers) writer.tag(3, LENGTH).string(tracker);
  writer.tag(4, WireType.Bit64).sfixed64(start.startTimeMs);
  writer.tag(5, LENGTH).string(start.user);
  writer.tag(6, LENGTH).string(start.sourceName);
  return writer.join().finish();
}

/** Batch.run_end, with its tag. */
export function runEndField(status: EndStatus | "RUNNING", endTimeMs: number): Uint8Array {
  const writer = new BinaryWriter();
  writer.tag(7, LENGTH).fork();
  writer.tag(1, WireType.Varint).int32(status === "RUNNING" ? RUNNING : END_STATUS[status]);
  writer.tag(2, WireType.Bit64).sfixed64(endTimeMs);
  return writer.join().finish();
}

/** An element of Batch.params or Batch.tags, with its tag. */
export function textField(kind: "param" | "tag", key: string, value: string): Uint8Array {
  const writer = new BinaryWriter();
  writer.tag(kind === "param" ? 4 : 6, LENGTH).fork();
  writer.tag(1, LENGTH).string(key).tag(2, LENGTH).string(value);
  return writer.join().finish();
}

/** A text field. */
export function stringField(field: number, text: string): Uint8Array {
  return new BinaryWriter().tag(field, LENGTH).string(text).finish();
}

/** One message of the daemon. */
export type Answer =
  | {
      readonly kind: "welcome";
      readonly homeId: string;
      readonly journaledSequence: number;
      readonly unacknowledgedBytesMax: number;
      readonly messageBytesMax: number;
    }
  | { readonly kind: "ack"; readonly sequence: number }
  | ({ readonly kind: "rejection" } & Rejection)
  | { readonly kind: "rewind"; readonly expectedSequence: number }
  | { readonly kind: "unknown" };

/** One entry that the daemon refused. */
export interface Rejection {
  readonly sequence: number;
  /** The number of its EntryKind in types.proto. */
  readonly entryKind: number;
  readonly index: number;
  readonly entries: number;
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
}

/** Reads an IngestResponse; what a newer daemon added is skipped. */
export function decodeAnswer(bytes: Uint8Array): Answer {
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [field, wire] = reader.tag();
    if (wire !== LENGTH) {
      reader.skip(wire, field);
      continue;
    }
    const { numbers, texts } = readFields(reader.bytes());
    const number = (id: number) => numbers.get(id) ?? 0;
    const text = (id: number) => texts.get(id) ?? "";
    if (field === 1) {
      return {
        kind: "welcome",
        homeId: text(3),
        journaledSequence: number(4),
        unacknowledgedBytesMax: number(5),
        messageBytesMax: number(6),
      };
    }
    if (field === 2) return { kind: "ack", sequence: number(1) };
    if (field === 3) {
      return {
        kind: "rejection",
        sequence: number(1),
        entryKind: number(2),
        index: number(3),
        entries: number(4),
        code: text(5),
        message: text(6),
        remedy: text(7),
      };
    }
    if (field === 4) return { kind: "rewind", expectedSequence: number(1) };
  }
  return { kind: "unknown" };
}

/** A run as the daemon tells of it. */
export interface ToldRun {
  /** What is delivered, or waits and why. */
  readonly standing: string;
  /** Whether what waits is on its way, and nothing stands in it. */
  readonly isMoving: boolean;
  /** Whether the daemon has its end. */
  readonly hasEnded: boolean;
}

/** GetRunRequest. */
export function encodeGetRun(runId: string): Uint8Array {
  return stringField(1, runId);
}

/** Reads what is needed of GetRunResponse. */
export function decodeToldRun(bytes: Uint8Array): ToldRun {
  const answer = new Message(bytes);
  const run = answer.message(1); // GetRunResponse.run
  const state = run.number(9); // Run.state
  return {
    standing: answer.text(2), // GetRunResponse.standing
    // LaneState's numbers of what goes on by itself.
    isMoving: state === 1 || state === 2,
    hasEnded: Object.values<number>(END_STATUS).includes(run.number(4)), // Run.status
  };
}

/** Daemon answers hold varints and texts only. */
function readFields(bytes: Uint8Array) {
  const reader = new BinaryReader(bytes);
  const numbers = new Map<number, number>();
  const texts = new Map<number, string>();
  while (reader.pos < reader.len) {
    const [field, wire] = reader.tag();
    if (wire === WireType.Varint) numbers.set(field, Number(reader.uint64()));
    else if (wire === LENGTH) texts.set(field, reader.string());
    else reader.skip(wire, field);
  }
  return { numbers, texts };
}

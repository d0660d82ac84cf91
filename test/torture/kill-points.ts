/**
 * Stands before the daemon's program: makes it kill itself at a named
 * moment, or break a promise. Nothing in src/ knows of this: it wraps prototypes and functions
 * of the modules that the daemon is about to load, in its main thread and in its workers.
 */
import { existsSync, readSync } from "node:fs";
import promises from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import threads from "node:worker_threads";
import type { Journal as JournalType } from "../../src/journal/journal.js";
import { arm, around, at, isNext, wantedPoint } from "./armed.js";
import { nameAllStartsAlike, overlookStores } from "./broken-cursors.js";
import { wrapGateway } from "./gateway-points.js";
import {
  BREAK_VARIABLE,
  type Broken,
  FAILED_ON_PURPOSE,
  KEYCHAIN_VARIABLE,
  KILL_VARIABLE,
  VERSION_VARIABLE,
} from "./kill-point-names.js";
import { gatheredBatch, momentsOf, type Write } from "./store-moments.js";
import { wrap } from "./wrap.js";

const IN_WORKER = new URL("kill-points-in-worker.js", import.meta.url).href;
const broken = process.env[BREAK_VARIABLE] as Broken | undefined;
/** Blocks until a line comes in: all is loaded by then, and a life begins at once. It names the moment. */
function waitForLife(): void {
  let line = "";
  const bytes = Buffer.alloc(256);
  while (!line.includes("\n")) {
    const count = readSync(0, bytes);
    // Whoever would have said so is gone.
    if (count === 0) process.exit(0);
    line += bytes.toString("utf8", 0, count);
  }
  process.env[KILL_VARIABLE] = line.trim();
}

/** Whether appends fail now: once after each opening of the journal, where its reopening is wanted. */
let hasFailed = false;

function isToFail(): boolean {
  if (hasFailed || !wantedPoint().startsWith("reopening")) return false;
  hasFailed = true;
  return true;
}

async function wrapStores(): Promise<void> {
  const { decodeRecord } = await import("../../src/journal/record.js");
  const hasPoints = ({ key, value }: Write) =>
    key instanceof Uint8Array && value instanceof Uint8Array && (decodeRecord(key, value)?.points ?? 0) > 0;
  const { Level } = await import("level");
  wrap(Level.prototype, "batch", (original) => {
    const write = original as unknown as (writes: unknown, options: unknown) => Promise<void>;
    const writeAll = async function (this: object, ...values: readonly unknown[]): Promise<void> {
      const [writes, options] = values as unknown as [readonly Write[], { sync?: boolean } | undefined];
      const { location } = this as { location: string };
      const sync = options?.sync === true && !(broken === "fsync" && location.includes("/journal/"));
      const [before, written, after] = momentsOf(location, writes, sync);
      if (before === "append: before" && isToFail()) throw new Error(`EIO: ${FAILED_ON_PURPOSE}`);
      if (before) at(before);
      if (written && isNext(written)) {
        await write.call(this, writes, { ...options, sync: false });
        at(written);
      } else if (written) at(written);
      await write.call(this, writes, { ...options, sync });
      if (after) at(after);
      if (after === "append: synced, not acknowledged" && writes.some(hasPoints))
        at("append: points synced, not acknowledged");
    };
    return function (this: object, ...values) {
      return values.length > 0 ? writeAll.apply(this, values) : gatheredBatch(writeAll.bind(this));
    };
  });
}

/** A control: each append is called journaled at once. */
const WRITTEN_LATE_MS = 100;

async function acknowledgeTooEarly(): Promise<void> {
  const { Journal } = await import("../../src/journal/journal.js");
  wrap(Journal.prototype, "append", (original) => {
    return function (this: object, ...values) {
      const [records, mark, listener] = values as unknown as Parameters<JournalType["append"]>;
      listener.journaled();
      const deaf = { journaled: () => undefined, failed: () => undefined };
      // The acknowledgement is away by then: dying at the write loses what was acknowledged.
      setTimeout(() => {
        (original as unknown as (...all: unknown[]) => unknown).call(this, records, mark, deaf);
      }, WRITTEN_LATE_MS);
    };
  });
}

async function wrapJournal(): Promise<void> {
  const { Segment } = await import("../../src/journal/segment.js");
  const { SegmentList } = await import("../../src/journal/segment-list.js");
  around(Segment, "create", undefined, "rotation: the new segment is made");
  around(SegmentList.prototype, "rotate", "rotation: before", "rotation: after");
  wrap(SegmentList.prototype, "recover", (original) => {
    return async function (this: object, ...values) {
      if (hasFailed) at("reopening: before the segments are read");
      const result = await original.apply(this, values);
      if (hasFailed) at("reopening: the segments are read");
      hasFailed = false;
      return result;
    };
  });
  around(Segment.prototype, "remove", "removal: before", "removal: after");
  wrap(promises, "rename", (original) => {
    return async function (this: object, ...values) {
      const [from, to] = values.map(String);
      if (to?.endsWith("endpoint.json")) at("endpoint: before it is named");
      const result = await original.apply(this, values);
      if (to?.endsWith("endpoint.json")) at("endpoint: named");
      if (to?.endsWith(".dropped") && !existsSync(`${from}.shrunk`)) at("removal: renamed");
      return result;
    };
  });
  syncBuiltinESMExports();
}

interface Answer {
  readonly message?: { readonly $case: string };
}

async function wrapStreams(): Promise<void> {
  const { ServerDuplexStreamImpl } = await import("@grpc/grpc-js/build/src/server-call.js");
  wrap(ServerDuplexStreamImpl.prototype, "_write", (original) => {
    return function (this: object, ...values) {
      const [answer, encoding, callback] = values as unknown as [Answer, unknown, () => void];
      const kind = answer.message?.$case;
      if (kind === "ack") at("ack: before it is written");
      const write = original as unknown as (...all: readonly unknown[]) => void;
      write.call(this, answer, encoding, () => {
        if (kind === "ack") at("ack: written");
        if (kind === "welcome") at("welcome: written");
        callback();
      });
    };
  });
  if (broken !== "sequences") return;
  const { Reception } = await import("../../src/ingest/reception.js");
  wrap(Reception.prototype, "welcome", (original) => {
    return async function (this: object, ...values) {
      const [, hello] = values as unknown as [unknown, { firstUnacknowledgedSequence: bigint }];
      const mark = (await original.apply(this, values)) as object;
      // As if nothing were known beyond what the client says itself.
      return { ...mark, sequence: Number(hello.firstUnacknowledgedSequence) - 1 };
    };
  });
}

interface PackOfPoints {
  readonly metrics: { readonly values: { readonly length: number } };
}

function havePoints(packs: readonly PackOfPoints[] = []): boolean {
  return packs.some(({ metrics }) => metrics.values.length > 0);
}

async function wrapSink(): Promise<void> {
  const { WorkerThread } = await import("../../src/sinks/mlflow-sqlite/worker-thread.js");
  wrap(WorkerThread.prototype, "ask", (original) => {
    return async function (this: object, ...values) {
      const [request] = values as unknown as [{ kind: string; packs?: readonly PackOfPoints[] }];
      // Afterwards they are the worker's.
      const isOfPoints = havePoints(request.packs);
      const asking = original.apply(this, values) as Promise<unknown>;
      if (request.kind === "send") at("pack: handed to the worker");
      const answer = await asking;
      if (request.kind === "send") at("pack: answered, not settled");
      if (isOfPoints) at("pack: of points, answered, not settled");
      return answer;
    };
  });
  // The daemon gives its workers no options of Node; without this they would not load this module.
  const { Worker } = threads;
  threads.Worker = class extends Worker {
    constructor(file: string | URL, options: threads.WorkerOptions = {}) {
      super(file, { ...options, execArgv: ["--import", IN_WORKER] });
    }
  };
  syncBuiltinESMExports();
}

async function wrapDatabase(): Promise<void> {
  const { Connection } = await import("../../src/sinks/mlflow-sqlite/connection.js");
  const { Writer } = await import("../../src/sinks/mlflow-sqlite/writer.js");
  let hasMadeTables = false;
  let isOfPoints = false;
  wrap(Writer.prototype, "write", (original) => {
    return function (this: object, ...values) {
      isOfPoints = havePoints(values[0]);
      // Neither where a run's cursor stands is looked at, nor where it was left.
      if (broken === "cursors") for (const pack of values[0] ?? []) Reflect.set(pack, "after", undefined);
      at("pack: before the transaction");
      return original.apply(this, values);
    };
  });
  wrap(Connection.prototype, "exec", (original) => {
    return function (this: object, ...values) {
      const sql = String(values[0]);
      if (sql === "COMMIT") at("commit: before");
      if (sql === "COMMIT" && hasMadeTables) at("tables: made, not committed");
      const result = original.apply(this, values);
      if (sql === "COMMIT") at("commit: after");
      if (sql === "COMMIT" && isOfPoints) at("commit: of points, after");
      if (sql === "COMMIT" && hasMadeTables) at("tables: committed");
      hasMadeTables = sql !== "COMMIT" && (hasMadeTables || sql.includes("CREATE TABLE metrics"));
      return result;
    };
  });
  wrap(Connection.prototype, "run", (original) => {
    return function (this: object, ...values) {
      const isCursor = String(values[0]).includes("INTO stepwell_cursors");
      if (isCursor) at("pack: entries written, not its cursor");
      const result = original.apply(this, values);
      if (isCursor) at("pack: its cursor written");
      return result;
    };
  });
  if (broken !== "cursors") return;
  wrap(Connection.prototype, "row", (original) => {
    return function (this: object, ...values) {
      const isCursor = String(values[0]).includes("FROM stepwell_cursors");
      return isCursor ? undefined : original.apply(this, values);
    };
  });
}

async function wrapKeychain(folder: string): Promise<void> {
  const { SecretBook } = await import("../../src/secrets/secret-book.js");
  const { fileKeychain } = await import("./file-keychain.js");
  wrap(SecretBook, "open", (original) => {
    const open = original as unknown as typeof SecretBook.open;
    return function (this: object, ...values) {
      const [options] = values as unknown as Parameters<typeof SecretBook.open>;
      const backends = { ...options.backends, keychain: fileKeychain(folder) };
      return open.call(SecretBook, { ...options, backends });
    };
  });
}

async function speakAsOther(): Promise<void> {
  const { speakAs } = await import("./relay/other-versions.js");
  await speakAs("daemon");
}

/** In a daemon's main thread, before its program; resolves when its life begins. */
export async function standInDaemon(): Promise<void> {
  await import("../../src/daemon/daemon.js");
  await wrapStores();
  await wrapJournal();
  if (broken === "acks") await acknowledgeTooEarly();
  if (broken === "names") await nameAllStartsAlike();
  await wrapStreams();
  await wrapSink();
  await wrapGateway(around);
  if (process.env[VERSION_VARIABLE]) await speakAsOther();
  const keychain = process.env[KEYCHAIN_VARIABLE];
  if (keychain !== undefined) await wrapKeychain(keychain);
  waitForLife();
  arm();
}

/** In each of its workers. */
export async function standInWorker(): Promise<void> {
  await wrapDatabase();
  if (broken === "stores") await overlookStores();
  arm();
}

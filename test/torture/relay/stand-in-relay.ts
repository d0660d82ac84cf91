/**
 * A relay's program that kills itself at a named moment, speaks as another version, or breaks a promise. Nothing in src/
 * knows of this: it wraps what the program is about to run.
 */
import { arm, around, at, wantedPoint } from "../armed.js";
import { BREAK_VARIABLE, type KillPoint, VERSION_VARIABLE } from "../kill-point-names.js";
import { wrap } from "../wrap.js";
import { type BrokenRelay, forgetCursors, overlookDatabase } from "./broken-relay.js";

/** How long a group takes at least where a pack has to be under way when its stream is asked to go. */
const SLOW_MS = 600;

interface Answer {
  readonly message?: { readonly $case: string };
}

async function wrapStreams(): Promise<void> {
  const { ServerDuplexStreamImpl } = await import("@grpc/grpc-js/build/src/server-call.js");
  const draining = new WeakSet<object>();
  wrap(ServerDuplexStreamImpl.prototype, "_write", (original) => {
    return function (this: object, ...values) {
      const [answer, encoding, callback] = values as unknown as [Answer, unknown, () => void];
      const kind = answer.message?.$case;
      const isBehind = kind === "outcome" && draining.has(this);
      if (isBehind) at("relay: an outcome behind that, before it is written");
      const write = original as unknown as (...all: readonly unknown[]) => void;
      write.call(this, answer, encoding, () => {
        if (kind === "welcome") at("relay: a stream is welcomed");
        if (kind === "outcome") at("relay: an outcome is written");
        if (isBehind) at("relay: an outcome behind that is written");
        if (kind === "drain") {
          at("relay: a stream is asked to go");
          draining.add(this);
        }
        callback();
      });
    };
  });
}

async function wrapStore(): Promise<void> {
  const { PostgresRelayStore } = await import("../../../src/relay/postgres-relay-store.js");
  const { GroupWriter } = await import("../../../src/relay/group-writer.js");
  const { Sessions } = await import("../../../src/relay/sessions.js");
  wrap(PostgresRelayStore.prototype, "write", (original) => {
    return async function (this: object, ...values) {
      at("relay: before a group's transaction");
      const written = await original.apply(this, values);
      if (wantedPoint().includes("behind that")) await new Promise((resolve) => setTimeout(resolve, SLOW_MS));
      at("relay: outcomes are known, none is written");
      return written;
    };
  });
  wrap(Sessions.prototype, "stop", (original) => {
    return function (this: object, ...values) {
      at("relay: it is to end, no stream is asked to go");
      return original.apply(this, values);
    };
  });
  around(GroupWriter.prototype, "settled", "relay: all streams are over", undefined);
  around(PostgresRelayStore.prototype, "close", undefined, "relay: its connections are closed");
}

/** What is known of a statement by its text, once it is done. */
const BEHIND_STATEMENTS: readonly (readonly [text: string, point: KillPoint])[] = [
  ["INTO stepwell_cursors", "relay: cursors are moved, no entry is written"],
  ["UPDATE stepwell_cursors", "relay: cursors are moved, no entry is written"],
  ["TABLE stepwell_points", "relay: a table in between is made"],
  ["FROM stepwell_points", "relay: points are moved out of a table in between"],
];

async function wrapConnection(): Promise<void> {
  const { Connection } = await import("../../../src/sinks/mlflow-postgres/connection.js");
  for (const name of ["rows", "exec"])
    wrap(Connection.prototype, name, (original) => {
      return async function (this: object, ...values) {
        const sql = String(values[0]);
        const result = await original.apply(this, values);
        for (const [text, point] of BEHIND_STATEMENTS) if (sql.includes(text)) at(point);
        return result;
      };
    });
  wrap(Connection.prototype, "copy", (original) => {
    return async function (this: object, ...values) {
      const [sql, chunks] = values as unknown as [string, Iterable<Buffer>];
      const copy = original as unknown as (sql: string, chunks: Iterable<Buffer>) => Promise<void>;
      if (sql.includes("COPY stepwell_points")) {
        await copy.call(this, sql, chunks);
        return at("relay: a table in between is filled");
      }
      if (wantedPoint().includes("in between")) throw deadlock();
      at("relay: before its points are copied");
      await copy.call(this, sql, withPoint(chunks));
      at("relay: its points are copied");
    };
  });
  around(Connection.prototype, "commit", "relay: before a commit", "relay: committed, not answered");
}

/** Stands in the place of the chunk behind the first one that has points: what is sent is at the server by then. */
function* withPoint(chunks: Iterable<Buffer>): Generator<Buffer> {
  let sent = 0;
  for (const chunk of chunks) {
    if (sent++ === 2) at("relay: in the midst of its points");
    yield chunk;
  }
}

/** What PostgreSQL says where COPY and another transaction wait for each other. */
function deadlock(): Error {
  return Object.assign(new Error("deadlock detected"), { code: "40P01", severity: "ERROR" });
}

async function speakAsOther(): Promise<void> {
  const { speakAs } = await import("./other-versions.js");
  await speakAs("relay");
}

async function standIn(): Promise<void> {
  const broken = process.env[BREAK_VARIABLE] as BrokenRelay | undefined;
  if (broken === "looks") await overlookDatabase();
  if (broken === "cursors") await forgetCursors();
  if (process.env[VERSION_VARIABLE]) await speakAsOther();
  await wrapStreams();
  await wrapStore();
  await wrapConnection();
  arm();
}

// What fails ends the process, and its log says why.
void standIn().then(() => import("../../../src/relay/main.js"));

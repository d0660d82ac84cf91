/** Two controls of the torture: relays that do not look whether their database went back, and relays that look at no cursor. */
import type { CursorQuestion } from "../../../src/model/cursor.js";
import type { Pack } from "../../../src/model/pack.js";
import type { StoreFacts, StoreWritten } from "../../../src/relay/store.js";
import { type Method, wrap } from "../wrap.js";

/** Which promise a relay breaks. */
export type BrokenRelay = "looks" | "cursors";

/** The database is always the same one, has every transaction that a home knows of, and each run where it was left. */
export async function overlookDatabase(): Promise<void> {
  const { PostgresRelayStore } = await import("../../../src/relay/postgres-relay-store.js");
  let writes = Date.now() * 1_000;
  const later = () => {
    writes += 1_000;
    return writes;
  };
  wrap(PostgresRelayStore.prototype, "write", (original) => {
    const write = original as unknown as (packs: unknown, known: unknown) => Promise<StoreWritten>;
    return async function (this: object, ...values) {
      const written = await write.call(this, values[0], new Map());
      return { ...written, writes: new Map([...written.writes.keys()].map((homeId) => [homeId, later()])) };
    } as Method;
  });
  wrap(PostgresRelayStore.prototype, "writesOf", () => async () => later());
  wrap(PostgresRelayStore.prototype, "standing", () => {
    return (async (questions: readonly CursorQuestion[]) =>
      questions.map(({ author, after }) => ({
        homeId: after?.homeId ?? author.homeId,
        cursor: after && { seq: after.seq, points: 0, bytes: undefined, incarnation: after.incarnation },
      }))) as unknown as Method;
  });
  wrap(PostgresRelayStore.prototype, "facts", (original) => {
    const facts = original as unknown as () => Promise<StoreFacts>;
    return async function (this: object) {
      return { ...(await facts.call(this)), backendId: "always", timeline: "the same" };
    };
  });
}

/** Every run's cursor is where its pack believes it. */
export async function forgetCursors(): Promise<void> {
  const { PostgresStore } = await import("../../../src/sinks/mlflow-postgres/postgres-store.js");
  const { Connection } = await import("../../../src/sinks/mlflow-postgres/connection.js");
  const believed = new Map<string, Pack["after"]>();
  wrap(PostgresStore.prototype, "write", (original) => {
    return function (this: object, ...values) {
      for (const { author, runId, after } of values[0] as unknown as readonly Pack[])
        believed.set(`${author.homeId} ${runId}`, after);
      return original.apply(this, values);
    };
  });
  wrap(Connection.prototype, "rows", (original) => {
    return async function (this: object, ...values) {
      const rows = (await original.apply(this, values)) as (string | null)[][];
      if (!String(values[0]).includes("FROM stepwell_cursors")) return rows;
      return rows.map(([homeId, runId, , points, bytes, incarnation]) => {
        const after = believed.get(`${homeId} ${runId}`);
        return [homeId, runId, String(after?.seq ?? 0), points, bytes, after?.incarnation ?? incarnation];
      });
    };
  });
}

/**
 * A control of the torture: the relay's program, which does not look whether its database went back. It says that the
 * database is always the same one, has every transaction that a home knows of, and has each run where it was left.
 */
import type { CursorQuestion } from "../../../src/model/cursor.js";
import { PostgresRelayStore } from "../../../src/relay/postgres-relay-store.js";
import type { StoreFacts, StoreWritten } from "../../../src/relay/store.js";
import { type Method, wrap } from "../wrap.js";

let writes = Date.now() * 1_000;

function later(): number {
  writes += 1_000;
  return writes;
}

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

await import("../../../src/relay/main.js");

/**
 * Two controls of the torture: a daemon that goes by positions alone, as it did before cursors named who
 * wrote them, and one that takes every pack, wherever its store stands.
 */
import type { Author, Incarnation } from "../../src/model/cursor.js";
import { wrap, wrapGetter } from "./wrap.js";

/** One name for every start: what is ahead was moved by this home itself, whoever wrote it. */
export async function nameAllStartsAlike(): Promise<void> {
  const { HomeHistory } = await import("../../src/runs/home-history.js");
  const id = "0".repeat(32);
  const starts: readonly Incarnation[] = [
    { id, fromSeq: 0 },
    { id: "now", fromSeq: Number.POSITIVE_INFINITY },
  ];
  wrapGetter<Author>(HomeHistory.prototype, "author", (read) => {
    return (self) => ({ ...read(self), incarnation: id });
  });
  wrapGetter<readonly Incarnation[]>(HomeHistory.prototype, "incarnations", () => () => starts);
}

/** In a worker: the store has every transaction that is asked for, and stands where each pack believes it. */
export async function overlookStores(): Promise<void> {
  const { Connection } = await import("../../src/sinks/mlflow-sqlite/connection.js");
  const { Writer } = await import("../../src/sinks/mlflow-sqlite/writer.js");
  wrap(Writer.prototype, "write", (original) => {
    return function (this: object, ...values) {
      for (const pack of values[0] as unknown as readonly object[]) Reflect.set(pack, "after", undefined);
      return original.apply(this, values);
    };
  });
  wrap(Connection.prototype, "row", (original) => {
    return function (this: object, ...values) {
      const isCursor = String(values[0]).includes("FROM stepwell_cursors");
      return isCursor ? undefined : original.apply(this, values);
    };
  });
  let writes = Date.now() * 1_000;
  wrap(Connection.prototype, "number", (original) => {
    return function (this: object, ...values) {
      if (!String(values[0]).includes("FROM stepwell_homes")) return original.apply(this, values);
      writes += 1_000;
      return writes;
    };
  });
}

/** A database in whose place another file is put in the midst of a transaction. */
import { copyFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import type { LeftCursor } from "../../../src/model/cursor.js";
import { isSameFile, NO_MARK } from "../../../src/model/store-mark.js";
import { Connection } from "../../../src/sinks/mlflow-sqlite/connection.js";
import { Writer, type Written } from "../../../src/sinks/mlflow-sqlite/writer.js";
import { scratchFolder } from "../../support/folder.js";
import { wrap } from "../../torture/wrap.js";
import { AUTHOR, HOME_ID, pack } from "./packs.js";

/** A statement that something happens before, or after, once. */
interface Moment {
  readonly when: "before" | "after";
  readonly statement: string;
  readonly reach: () => void;
}

let next: Moment | undefined;
wrap(Connection.prototype, "exec", (exec) => {
  return function (this: object, ...values) {
    const moment = next?.statement === values[0] ? next : undefined;
    if (moment) next = undefined;
    if (moment?.when === "before") moment.reach();
    exec.apply(this, values);
    if (moment?.when === "after") moment.reach();
  };
});

/** A database with two transactions of a home, and a copy of it as it was after the first. */
async function setUp(t: ExecutionContext) {
  const folder = await scratchFolder(t);
  const databasePath = join(folder, "mlflow.db");
  const writer = new Writer({ databasePath, artifactRoot: join(folder, "artifacts") });
  t.teardown(() => writer.close());
  let mark = { ...NO_MARK, homeId: HOME_ID };
  const send = (seq: number, after: LeftCursor | undefined): Written => {
    const written = writer.write([pack(seq, [], { after })], 5, { mark, isUnclean: false });
    if (written.kept && !written.kept.wentBack) mark = { ...mark, ...written.kept };
    return written;
  };
  send(1, undefined);
  copyFileSync(databasePath, `${databasePath}.copy`);
  send(2, { ...AUTHOR, seq: 1 });
  return {
    send: () => send(3, { ...AUTHOR, seq: 2 }),
    look: () => writer.look(HOME_ID, { mark, isUnclean: false }),
    /** Puts the copy in its place then. */
    replaceAt: (when: Moment["when"], statement: string) => {
      next = { when, statement, reach: () => renameSync(`${databasePath}.copy`, databasePath) };
    },
  };
}

test.serial(
  "what waited for the lock on a file that was replaced meanwhile is not written to that",
  async (t) => {
    const { send, replaceAt } = await setUp(t);
    replaceAt("before", "BEGIN IMMEDIATE");
    const { outcomes, kept } = send();
    t.like(outcomes[0], { kind: "retry", code: "STEPWELL_BACKEND_FORGOT" });
    t.like(kept, { writes: 1, wentBack: true });
  },
);

test.serial(
  "a file that is replaced right after a transaction is not taken for the one that it was in",
  async (t) => {
    const { send, look, replaceAt } = await setUp(t);
    replaceAt("after", "COMMIT");
    const { outcomes, kept } = send();
    t.like(outcomes[0], { kind: "delivered" });
    const found = look();
    t.false(isSameFile(found.file, kept?.file), "so it is looked at");
    t.like(found, { writes: 1, wentBack: true });
  },
);

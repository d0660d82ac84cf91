/** One connection to a real server, and what counts as a commit. */
import ava from "ava";
import { openConnection } from "../../../src/sinks/mlflow-postgres/open-connection.js";
import { postgresForAll } from "../../support/mlflow-postgres.js";
import { MLFLOW_3 } from "../../support/python-environment.js";
import { testWith } from "../../support/test-with.js";
import { addressOf } from "./store.js";

const test = testWith(MLFLOW_3);
const server = postgresForAll(ava);

test("a commit that the server made a rollback, and one of no transaction, is no success", async (t) => {
  const connection = await openConnection({
    address: addressOf(server(), "postgres"),
    credentials: async () => ({ user: "postgres", password: "" }),
    ...{ answerMsMax: 60_000, connectMsMax: 60_000 },
  });
  t.teardown(() => connection.close());
  await connection.exec("BEGIN");
  t.deepEqual(await connection.commit(), { warnings: [] });
  await connection.exec("BEGIN; CREATE TEMPORARY TABLE undone (x int)");
  await t.throwsAsync(connection.exec("SELECT 1 / 0"), { code: "STEPWELL_ENTRY_REFUSED" });
  await t.throwsAsync(connection.commit(), {
    code: "STEPWELL_SERVER_FAILED",
    message: /undid a transaction/,
  });
  const [found] = await connection.rows("SELECT to_regclass('undone')");
  t.deepEqual(found, [null]);
  const { warnings } = await connection.commit();
  t.is(warnings.length, 1);
  t.regex(warnings[0] ?? "", /no transaction in progress/);
});

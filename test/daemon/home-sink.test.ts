import { existsSync, mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { sinkInPlace } from "../../src/daemon/home-sink.js";
import type { SqliteBackend } from "../../src/model/target.js";
import { pack, sinkOn } from "../sinks/mlflow-sqlite/packs.js";
import { scratchFolder } from "../support/folder.js";

const AWAY = { kind: "retry", scope: "backend", code: "STEPWELL_HOME_GONE" };

test("a home that is away at one look and back at the next has an outcome for each pack", async (t) => {
  const home = await scratchFolder(t);
  const databasePath = join(home, "store", "mlflow.db");
  const backend: SqliteBackend = { kind: "sqlite", databasePath, artifactRoot: join(home, "artifacts") };
  let looks = 0;
  const sink = sinkInPlace(sinkOn(t, databasePath, { home }), backend, {
    home,
    isInPlace: () => looks++ > 0,
  });
  const outcomes = await sink.send([pack(1)]);
  t.is(outcomes.length, 1);
  t.like(outcomes[0], AWAY);
});

test("what is delivered while the home moves away is not counted, nor made at its old place", async (t) => {
  const home = join(await scratchFolder(t), "home");
  const moved = `${home}-moved`;
  mkdirSync(home);
  const databasePath = join(home, "store", "mlflow.db");
  const backend: SqliteBackend = { kind: "sqlite", databasePath, artifactRoot: join(home, "artifacts") };
  // It is looked at, and moves before a thread of the sink has begun.
  let looks = 0;
  const isInPlace = () => {
    looks += 1;
    if (looks === 1) renameSync(home, moved);
    return looks === 1 || existsSync(home);
  };
  const sink = sinkInPlace(sinkOn(t, databasePath, { home }), backend, { home, isInPlace });
  t.like((await sink.send([pack(1)]))[0], AWAY);
  t.false(existsSync(home), "a home is made by nobody but a daemon that starts");
  t.like((await sink.send([pack(1)]))[0], AWAY);
  renameSync(moved, home);
  t.like((await sink.send([pack(1)]))[0], { kind: "delivered" });
});

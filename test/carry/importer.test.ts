import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import test from "ava";
import { Importer, type ImportParts } from "../../src/carry/importer.js";
import type { Pack } from "../../src/model/pack.js";
import { DeadLetters } from "../../src/runs/dead-letters.js";
import { ImportBook } from "../../src/runs/import-book.js";
import type { Sink } from "../../src/sinks/sink.js";
import { SpoolFolder } from "../../src/sinks/spool/spool-folder.js";
import { openStore } from "../../src/store/store.js";
import { AUTHOR, HOME_ID, packFor } from "../relay/relay.js";
import { SetClock } from "../support/clock.js";
import { scratchFolder } from "../support/folder.js";

test("a bundle that is written over with the next one while it is read delivers nothing", async (t) => {
  const folder = await scratchFolder(t);
  const clock = new SetClock();
  const spool = await SpoolFolder.open({
    ...{ folder, homeId: HOME_ID, trackerId: "b".repeat(32), clock, log: () => undefined },
    ...{ incarnations: () => [], ownId: async (runId) => runId },
  });
  const first = packFor({ records: [10] });
  const next = packFor({ after: { ...AUTHOR, seq: 1 }, seq: 2, records: [10], pointsThrough: 20 });
  for (const pack of [first, next]) {
    const recordsThrough = [{ seq: pack.lastSeq, points: pack.lastSeq * 10, bytes: pack.lastSeq * 100 }];
    await spool.write([{ ...pack, recordsThrough }]);
  }
  const [file = "", later = ""] = readdirSync(`${folder}/${HOME_ID}`).map(
    (name) => `${folder}/${HOME_ID}/${name}`,
  );
  const store = await openStore(`${folder}/state`);
  t.teardown(() => store.close());
  const sent: Pack[] = [];
  const sink: Sink = {
    limits: { pointsMax: 1_000, textsMax: 1_000, packsMax: 10, requestsMax: 1 },
    send: async (packs) => {
      sent.push(...packs);
      return packs.map(() => ({ kind: "delivered", refused: [] }) as const);
    },
    close: async () => undefined,
    cursors: {
      look: async () => ({ kind: "as left" }),
      standing: async (asked) => {
        // What copies files writes into the file that is there.
        writeFileSync(file, readFileSync(later));
        return asked.map(() => ({ homeId: HOME_ID, cursor: undefined }));
      },
    },
  };
  const backend = { kind: "sqlite", databasePath: "/a.db", artifactRoot: "/a" } as const;
  const parts: ImportParts = {
    ...{
      imports: new ImportBook(store),
      deadLetters: await DeadLetters.open(store, clock),
      clock,
      random: Math.random,
    },
    ...{ targetOf: () => ({ trackerId: "t1", tracker: "out", backend }), openSink: () => sink },
    runIds: () => ({
      ...{ find: async () => undefined, keep: async () => undefined, keepAll: async () => undefined },
      ...{ ownId: async (runId) => runId, isExpected: () => false },
    }),
  };
  const taking = new Importer(parts).take(
    { file, tracker: "out", identity: "", timeoutMs: 1_000 },
    () => undefined,
    new AbortController().signal,
  );
  await t.throwsAsync(taking, { code: "STEPWELL_BUNDLE_DAMAGED", message: /written over/ });
  t.deepEqual(sent, []);
  t.false(existsSync(`${file}.receipt`));
});

import { execFileSync } from "node:child_process";
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import test, { type ExecutionContext } from "ava";
import { encodeReceipt } from "../../../src/bundles/receipt.js";
import { SpoolFolder, type SpoolFolderOptions } from "../../../src/sinks/spool/spool-folder.js";
import { HOME_ID, packFor } from "../../relay/relay.js";
import { SetClock } from "../../support/clock.js";
import { scratchFolder } from "../../support/folder.js";
import { keptLog } from "../../support/logs.js";

const TRACKER_ID = "b".repeat(32);
const WAITS = { kind: "retry", scope: "run", code: "STEPWELL_BUNDLE_WAITS" } as const;

/** A pack that tells each record's position. */
function spooled(run: number) {
  const pack = packFor({ run, records: [100] });
  return { ...pack, recordsThrough: [{ seq: pack.lastSeq, points: 100, bytes: 100 }] };
}

async function setUp(t: ExecutionContext) {
  const folder = await scratchFolder(t);
  const clock = new SetClock();
  const { log, messages: lines } = keptLog();
  const open = (more: Partial<SpoolFolderOptions> = {}) =>
    SpoolFolder.open({
      ...{ folder, homeId: HOME_ID, trackerId: TRACKER_ID, clock, log },
      ...{ incarnations: () => [], ownId: async (runId: string) => runId, ...more },
    });
  const place = `${folder}/${HOME_ID}`;
  return { folder, clock, lines, open, place, bundles: () => readdirSync(place) };
}

test("behind so many bytes no bundle is written, until what waits is taken away", async (t) => {
  const { open, place, bundles } = await setUp(t);
  const spool = await open({ bytesMax: 1 });
  t.like(await spool.write([spooled(1)]), WAITS);
  const [first = ""] = bundles();
  const full = await spool.write([spooled(2)]);
  t.like(full, { kind: "retry", scope: "backend", code: "STEPWELL_BUNDLE_WAITS" });
  t.regex("reason" in full ? full.reason : "", /no more are written/);
  t.deepEqual(bundles(), [first]);
  rmSync(`${place}/${first}`);
  await spool.takeReceipts();
  t.like(await spool.write([spooled(2)]), { kind: "retry", scope: "run" });
  t.is(bundles().length, 1);
});

test("whatever stands in the place of a bundle or a draft, the folder is opened, and what waits is known", async (t) => {
  const { open, place, bundles } = await setUp(t);
  await (await open()).write([spooled(1)]);
  const [whole = ""] = bundles();
  const odd = (number: string, ending = "") =>
    `${place}/${number.padStart(16, "0")}-bbbbbbbb.bundle${ending}`;
  execFileSync("mkfifo", [odd("1")]);
  symlinkSync("/nowhere", odd("2"));
  mkdirSync(odd("3"));
  mkdirSync(odd("4", ".part"));
  writeFileSync(odd("9".repeat(16)), "no number can follow");
  writeFileSync(odd("x"), "no number");
  const before = bundles().length;
  const again = await open();
  t.like(again.outcomeOf(spooled(1)), WAITS);
  t.is(again.outcomeOf(spooled(2)), "new");
  t.like(await again.write([spooled(2)]), WAITS);
  t.like(await again.write([spooled(3)]), WAITS);
  t.is(bundles().length, before + 2);
  t.true(bundles().includes(whole));
});

test("a home's folder that is cleared away is made again, and what was in it is written once more", async (t) => {
  const { folder, open, place, bundles } = await setUp(t);
  const spool = await open();
  await spool.write([spooled(1)]);
  rmSync(place, { recursive: true });
  t.false(await spool.takeReceipts());
  t.is(spool.outcomeOf(spooled(1)), "new");
  t.like(await spool.write([spooled(1)]), WAITS);
  t.is(bundles().length, 1);
  // Nothing is made beside a volume that is gone, nor in a folder that has its place.
  renameSync(folder, `${folder}.away`);
  await t.throwsAsync(spool.takeReceipts(), { code: "STEPWELL_BUNDLE_FILE" });
  mkdirSync(folder);
  await t.throwsAsync(spool.takeReceipts(), { code: "STEPWELL_BUNDLE_FILE" });
  t.deepEqual(readdirSync(folder), []);
  rmSync(folder, { recursive: true });
  renameSync(`${folder}.away`, folder);
  t.false(await spool.takeReceipts());
  t.is(bundles().length, 1);
});

test("a receipt that stays unreadable is removed, so that its bundle is imported once more", async (t) => {
  const { clock, open, place, bundles, lines } = await setUp(t);
  const spool = await open();
  const pack = spooled(1);
  await spool.write([pack]);
  const [bundle = ""] = bundles();
  const receipt = `${place}/${bundle}.receipt`;
  const { seq, points, bytes } = pack.recordsThrough[0] ?? { seq: 0, points: 0, bytes: 0 };
  const whole = encodeReceipt({
    ...{ homeId: HOME_ID, number: 1, trackerId: TRACKER_ID, deliveredTo: "" },
    runs: [{ runId: pack.runId, through: { seq, points, bytes }, cursor: null }],
  });
  writeFileSync(receipt, whole.slice(0, 50));
  for (let looks = 0; looks < 20; looks++) {
    clock.move(2_000);
    await spool.takeReceipts();
  }
  t.is(readFileSync(receipt, "utf8"), whole.slice(0, 50));
  t.is(lines.length, 1, "it is said once");
  writeFileSync(receipt, whole);
  t.true(await spool.takeReceipts());
  t.like(spool.outcomeOf(pack), { kind: "delivered" });
  await spool.write([spooled(2)]);
  const [next = ""] = bundles();
  writeFileSync(`${place}/${next}.receipt`, "");
  for (let looks = 0; looks < 32; looks++) {
    await spool.takeReceipts();
    clock.move(2_000);
  }
  t.deepEqual(bundles(), [next]);
});

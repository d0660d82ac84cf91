/** The spool keeps what it said to keep, in order, and nothing else. */
import { readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { ArtifactSpool, type Spooled } from "../../../src/gateway/artifacts/artifact-spool.js";
import { readText } from "../../../src/gateway/read-text.js";
import { scratchFolder } from "../../support/folder.js";
import { keptLog } from "../../support/logs.js";

const QUOTA = 1_000;
const FACTS = { trackerId: "t1", path: "1/r/artifacts/a%20b.txt", contentType: "text/plain" };

async function setUp(t: ExecutionContext) {
  const folder = join(await scratchFolder(t), "spool");
  const kept = keptLog();
  const open = () => ArtifactSpool.open(folder, QUOTA, kept.log);
  return { folder, open, spool: await open() };
}

async function put(spool: ArtifactSpool, text: string, path = FACTS.path): Promise<void> {
  const writer = await spool.begin({ ...FACTS, path }, text.length);
  await writer.write(Buffer.from(text));
  await writer.keep();
}

const textOf = async (spool: ArtifactSpool, each: Spooled | undefined) =>
  each && (await readText(await spool.read(each), QUOTA));

test("what was kept is there for the next daemon, in order, for its owner alone", async (t) => {
  const { folder, open, spool } = await setUp(t);
  await put(spool, "one");
  await put(spool, "", "1/r/artifacts/empty");
  await put(spool, "three", "1/r/artifacts/c");
  const again = await open();
  const waiting = again.waitingFor("t1");
  t.deepEqual(
    waiting.map(({ path, bytes }) => [path, bytes]),
    [
      [FACTS.path, 3],
      ["1/r/artifacts/empty", 0],
      ["1/r/artifacts/c", 5],
    ],
  );
  t.is(await textOf(again, waiting[0]), "one");
  t.is(await textOf(again, waiting[2]), "three");
  t.is(await readText(await again.read(waiting[2] as Spooled, 2), QUOTA), "ree");
  for (const name of readdirSync(folder)) t.is(statSync(join(folder, name)).mode & 0o777, 0o600);
  await again.remove(waiting[0] as Spooled);
  t.deepEqual(
    (await open()).waitingFor("t1").map(({ path }) => path),
    ["1/r/artifacts/empty", "1/r/artifacts/c"],
  );
});

test("what was not kept to its end is nothing, also after a kill", async (t) => {
  const { folder, open, spool } = await setUp(t);
  const writer = await spool.begin(FACTS, 10);
  await writer.write(Buffer.from("half"));
  t.deepEqual(spool.waitingFor("t1"), []);
  const again = await open();
  t.deepEqual(again.waitingFor("t1"), []);
  t.deepEqual(readdirSync(folder), []);
  const dropped = await again.begin(FACTS, 4);
  await dropped.write(Buffer.from("half"));
  await dropped.drop();
  t.deepEqual(readdirSync(folder), []);
  t.is(again.bytes, 0);
});

test("a quota holds for what waits and what is written, and is free again afterwards", async (t) => {
  const { spool } = await setUp(t);
  await t.throwsAsync(spool.begin(FACTS, QUOTA + 1), { code: "STEPWELL_SPOOL_FULL" });
  const writer = await spool.begin(FACTS, 600);
  await writer.write(Buffer.alloc(600));
  await t.throwsAsync(spool.begin(FACTS, 500), { code: "STEPWELL_SPOOL_FULL" });
  await writer.keep();
  await t.throwsAsync(spool.begin(FACTS, 500), { code: "STEPWELL_SPOOL_FULL" });
  await spool.remove(spool.waitingFor("t1")[0] as Spooled);
  await (await spool.begin(FACTS, 900)).drop();
  t.pass();
});

test("a file that can't be read is set aside with its bytes, and the others go on", async (t) => {
  const { folder, open, spool } = await setUp(t);
  await put(spool, "one");
  await put(spool, "two", "1/r/artifacts/b");
  const [first = "", second = ""] = readdirSync(folder).sort();
  truncateSync(join(folder, first), 9);
  writeFileSync(join(folder, "000000000099"), Buffer.from([0, 0, 0, 2, 0x7b, 0x7d, 1]));
  const again = await open();
  t.deepEqual(
    again.waitingFor("t1").map(({ path }) => path),
    ["1/r/artifacts/b"],
  );
  t.deepEqual(readdirSync(folder).sort(), ["000000000099.damaged", `${first}.damaged`, second].sort());
  t.is(readFileSync(join(folder, `${first}.damaged`)).length, 9);
  await put(again, "new");
  t.is(again.waitingFor("t1").at(-1)?.number, 100, "no number comes twice");
});

test("what a server refuses stays on disk and waits no more", async (t) => {
  const { folder, open, spool } = await setUp(t);
  await put(spool, "one");
  const aside = await spool.refuse(spool.waitingFor("t1")[0] as Spooled);
  t.regex(readFileSync(aside, "utf8"), /one$/);
  t.deepEqual((await open()).waitingFor("t1"), []);
  t.deepEqual(readdirSync(folder), ["000000000001.refused"]);
});

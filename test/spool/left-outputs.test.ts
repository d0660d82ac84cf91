/** What a killed command's program wrote: kept once its process is gone, and not before. */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { type LeftOutput, writeLeftOutput } from "../../src/home/left-output.js";
import { LeftOutputs } from "../../src/spool/left-outputs.js";
import { SetClock } from "../support/clock.js";
import { scratchFolder } from "../support/folder.js";
import { until } from "../support/until.js";

const RUN = "a".repeat(32);
const HEAD = {
  process: { bootId: "b", pidNamespace: "1", pid: 42, startTicks: "7" },
  runId: RUN,
  tracker: "default",
};

async function setUp(t: ExecutionContext) {
  const folder = await scratchFolder(t);
  const clock = new SetClock();
  const state = { kept: [] as LeftOutput[], tries: 0, done: 0, refusal: undefined as Error | undefined };
  const keep = async (output: LeftOutput) => {
    state.tries += 1;
    if (state.refusal) throw state.refusal;
    state.kept.push(output);
  };
  // It says so behind the last that it removes.
  const log = (level: string) => {
    if (level === "info") state.done += 1;
  };
  const outputs = new LeftOutputs({ folder, keep, clock, log });
  /** A look at which all of their processes are gone. */
  const lose = async () => {
    await outputs.resume();
    for (const lease of [...outputs.held()]) await lease.lose("gone");
  };
  return { folder, clock, state, outputs, lose, path: join(folder, `${RUN}.output`) };
}

test("it is its process's as long as that lives, then it is kept, and nothing stays behind", async (t) => {
  const { state, outputs, lose, path } = await setUp(t);
  await outputs.resume();
  t.deepEqual([...outputs.held()], []);
  await writeLeftOutput(path, HEAD, Buffer.from("first"));
  await writeLeftOutput(path, HEAD, Buffer.from("first\nsecond\0\n"));
  // The command was killed while it wrote another one.
  const draft = `${path}.${"0".repeat(12)}`;
  writeFileSync(draft, readFileSync(path).subarray(0, -8));
  await outputs.resume();
  t.deepEqual(
    [...outputs.held()].map(({ process }) => process),
    [HEAD.process, HEAD.process],
  );
  t.is(state.tries, 0);
  await until(
    "it is kept",
    async () => {
      await lose();
      return [state.done, [...outputs.held()].length];
    },
    ([done, held]) => done === 1 && held === 0,
  );
  t.false(existsSync(path) || existsSync(draft));
  t.deepEqual(
    state.kept.map(({ head, bytes }) => [head, bytes.toString()]),
    [[HEAD, "first\nsecond\0\n"]],
  );
  // Another one while it wrote for the first time.
  await writeLeftOutput(path, HEAD, Buffer.from("all"));
  renameSync(path, draft);
  await until(
    "it is kept, too",
    async () => {
      await lose();
      return existsSync(draft);
    },
    (isThere) => !isThere,
  );
  t.is(state.kept[1]?.bytes.toString(), "all");
  t.is(state.kept.length, 2);
});

test("what can't be kept is tried again, once a minute, and goes after a day", async (t) => {
  const { clock, state, lose, path } = await setUp(t);
  await writeLeftOutput(path, HEAD, Buffer.from("x"));
  clock.jump(Date.now() - clock.nowMs());
  state.refusal = new Error("away");
  await lose();
  await until(
    "a try",
    () => state.tries,
    (tries) => tries === 1,
  );
  await lose();
  t.is(state.tries, 1);
  clock.move(60_000);
  await until(
    "another one",
    async () => {
      await lose();
      return state.tries;
    },
    (tries) => tries === 2,
  );
  t.true(existsSync(path));
  clock.move(25 * 3_600_000);
  await until(
    "the last one",
    async () => {
      await lose();
      return existsSync(path);
    },
    (isThere) => !isThere,
  );
  // The second try may have been under way when the day was over, and was the last one then.
  t.true([2, 3].includes(state.tries), `${state.tries} tries`);
});

test("what else lies there is left alone", async (t) => {
  const { folder, state, outputs, lose } = await setUp(t);
  mkdirSync(join(folder, `${"c".repeat(32)}.output`));
  const texts = [
    "",
    "{}\nx",
    "no line",
    '{"process":{"pid":"1"},"runId":"x","tracker":"y"}\n',
    "null\n",
    "[1]\n",
  ];
  for (const [at, text] of texts.entries())
    writeFileSync(join(folder, `${String(at).repeat(32)}.output`), text);
  writeFileSync(join(folder, "other.output"), `${JSON.stringify(HEAD)}\nx`);
  await lose();
  t.deepEqual([...outputs.held()], []);
  t.is(state.tries, 0);
});

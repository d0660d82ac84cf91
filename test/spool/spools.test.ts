import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import type { Door, Ticket } from "../../src/ingest/door.js";
import type { Reception } from "../../src/ingest/reception.js";
import type { AppendListener } from "../../src/journal/append.js";
import type { ProcessId } from "../../src/model/process.js";
import { Spools } from "../../src/spool/spools.js";
import { SetClock } from "../support/clock.js";
import { scratchFolder } from "../support/folder.js";
import { SpoolWriter } from "../support/spool-writer.js";

const DAY_MS = 24 * 60 * 60 * 1_000;
const HERE: ProcessId = { bootId: "boot", pidNamespace: "7", pid: 42, startTicks: "100" };

async function setUp(t: ExecutionContext) {
  const folder = join(await scratchFolder(t), "client-spools");
  const appended: string[] = [];
  const state = { hasStream: false };
  const reception = {
    adopt: async ({ producerId }: { producerId: string }) =>
      state.hasStream
        ? undefined
        : {
            ...{ producerId, mark: { epoch: 0n, sequence: 0 }, isCurrent: () => true },
            end: () => undefined,
          },
  } as unknown as Reception;
  const door = {
    prepare: ({ runId }: { runId: string }) => ({ refusals: [], records: [], letGo: () => undefined, runId }),
    append: (ticket: Ticket & { runId: string }, _: unknown, listener: AppendListener) => {
      appended.push(ticket.runId);
      listener.journaled();
    },
  } as unknown as Door;
  const clock = new SetClock();
  // Times of files are the machine's.
  clock.jump(Date.now() - clock.nowMs());
  const machine = { bootId: "boot", pidNamespace: "7", processAt: () => undefined };
  const warned: string[] = [];
  const log = (level: string, message: string) => void (level === "warn" && warned.push(message));
  const spools = new Spools({ door, reception, folder, machine, clock, log });
  const add = (digit: string, process: ProcessId | undefined, bytes?: Buffer) => {
    mkdirSync(folder, { recursive: true });
    const spool = new SpoolWriter(digit.repeat(32), process);
    spool.rows(digit.repeat(32), "loss", [{ step: 0, value: 0, sequence: 0 }]);
    const path = join(folder, `${digit.repeat(32)}.spool`);
    writeFileSync(path, bytes ?? spool.bytes);
    return path;
  };
  const lose = async () => {
    await spools.resume();
    for (const lease of spools.held()) await lease.lose("gone");
  };
  return { folder, appended, state, clock, warned, spools, add, lose };
}

test("without a folder there is nothing to do", async (t) => {
  const { spools } = await setUp(t);
  await spools.resume();
  t.deepEqual([...spools.held()], []);
});

test("what a process left is taken once and removed, whatever lies beside it", async (t) => {
  const { folder, appended, warned, add, lose } = await setUp(t);
  add("a", HERE);
  mkdirSync(join(folder, `${"b".repeat(32)}.spool`));
  writeFileSync(join(folder, "notes.txt"), "");
  add("c", undefined, Buffer.from("no spool"));
  await lose();
  await lose();
  t.deepEqual(appended, ["a".repeat(32)]);
  t.deepEqual(readdirSync(folder).length, 3);
  t.true(warned.every((message) => message === "a spool can't be read"));
});

test("a process whose stream is there keeps its spool", async (t) => {
  const { state, appended, add, lose } = await setUp(t);
  const path = add("a", HERE);
  state.hasStream = true;
  await lose();
  t.deepEqual([appended.length, existsSync(path)], [0, true]);
  state.hasStream = false;
  await lose();
  t.deepEqual([appended.length, existsSync(path)], [1, false]);
});

test("the spool of a process that may come back is taken once for each time it was written to, and kept for a day", async (t) => {
  const { clock, appended, add, lose } = await setUp(t);
  const path = add("a", { ...HERE, pidNamespace: "8" });
  await lose();
  await lose();
  t.deepEqual([appended.length, existsSync(path)], [1, true]);
  utimesSync(path, new Date(), new Date(Date.now() + 5_000));
  await lose();
  t.deepEqual([appended.length, existsSync(path)], [2, true]);
  clock.jump(DAY_MS + 10_000);
  await lose();
  t.deepEqual([appended.length, existsSync(path)], [2, false]);
});

test("a process that came back has its spool taken again, whatever the file's times say", async (t) => {
  const { appended, spools, add, lose } = await setUp(t);
  const process = { ...HERE, pidNamespace: "8" };
  add("a", process);
  await lose();
  await spools.regain({ ...HERE, pidNamespace: "9" });
  await lose();
  t.is(appended.length, 1);
  await spools.regain(process);
  await lose();
  t.is(appended.length, 2);
});

test("of an earlier boot nothing comes back", async (t) => {
  const { add, lose } = await setUp(t);
  const path = add("a", { ...HERE, bootId: "another", pidNamespace: "8" });
  await lose();
  t.false(existsSync(path));
});

test("a file whose client died before it wrote anything goes after a day; one that has just been made may get its head", async (t) => {
  const { appended, add, lose } = await setUp(t);
  const path = add("a", HERE, Buffer.alloc(4_096));
  await lose();
  t.true(existsSync(path));
  add("a", HERE);
  await lose();
  t.deepEqual([appended.length, existsSync(path)], [1, false]);
  const old = add("b", HERE, Buffer.alloc(4_096));
  utimesSync(old, new Date(), new Date(Date.now() - DAY_MS - 10_000));
  await lose();
  t.false(existsSync(old));
});

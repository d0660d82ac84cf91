/**
 * The journal against a model of it: lists in memory. Commands append, read, release,
 * close and open again, or crash: the folder is copied as it is, with writes under way,
 * and the journal goes on from the copy. What was journaled has to be in the copy; of what
 * was under way a beginning may be.
 */
import { cpSync, rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import test from "ava";
import fc from "fast-check";
import { Journal } from "../../src/journal/journal.js";
import { laterMark, type ProducerMark } from "../../src/journal/mark.js";
import type { JournalRecord, RunTotals } from "../../src/journal/record.js";
import { appendPoints } from "../support/append.js";
import { journalOptions } from "../support/journal-options.js";

const PRODUCER = "0f".repeat(16);
const ALL = { points: 1e9, texts: 1e9, records: 1e9 };
const RUNS = [1, 2, 3];

/** What the journal has to hold: for each run its records' points, and how many of them are released. */
interface Model {
  readonly records: Map<number, number[]>;
  readonly released: Map<number, number>;
  sequence: number;
}

class Real {
  journal!: Journal;
  readonly retired = new Map<string, ProducerMark>();
  /** What the run book would know. */
  readonly #released = new Map<number, RunTotals>();
  readonly #folders: string[] = [];
  #noted: readonly number[] = [];
  /** What the journal said in its log. */
  readonly messages: string[] = [];

  async open(): Promise<void> {
    if (this.#folders.length === 0) this.#folders.push(await newFolder());
    const folder = this.#folders.at(-1) ?? "";
    const { length } = this.#folders;
    this.journal = await Journal.open(
      journalOptions(folder, {
        log: (_level, message) => void this.messages.push(message),
        notes: {
          read: async () => this.#noted,
          write: async (numbers) => {
            // What a journal does after its crash never happened.
            if (this.#folders.length === length) this.#noted = numbers;
          },
        },
        liveRuns: () =>
          RUNS.map((run) => {
            const through = this.#released.get(run) ?? { seq: 0, points: 0, bytes: 0 };
            return { number: run, releasedSeq: through.seq, through };
          }),
        retire: async (marks) => {
          if (this.#folders.length !== length) return;
          for (const [id, mark] of marks) this.retired.set(id, laterMark(this.retired.get(id), mark));
        },
      }),
    );
    for (const [run, through] of this.#released) {
      this.journal.adopt(run, through);
      this.journal.release(run, through.seq);
    }
  }

  /** Takes the folder as it is; the old journal writes on to where nobody looks. */
  async crash(): Promise<void> {
    const old = this.journal;
    const from = this.#folders.at(-1) ?? "";
    const to = await newFolder();
    // In one go, so that no removal comes between; what is being removed already is nobody's.
    for (let isCopied = false; !isCopied; ) {
      try {
        rmSync(to, { recursive: true, force: true });
        cpSync(from, to, { recursive: true, filter: (path) => !path.includes(".dropped") });
        isCopied = true;
      } catch {
        // LevelDB's own thread took a file away in the middle.
        await sleep(1);
      }
    }
    this.#folders.push(to);
    await old.close();
    await this.open();
  }

  append(run: number, points: number, bytes: number, sequence: number): Promise<void> {
    const mark = { producerId: PRODUCER, mark: { epoch: 1n, sequence } };
    return appendPoints(this.journal, run, { points, bytes, mark });
  }

  release(run: number, through: RunTotals): void {
    this.#released.set(run, through);
    this.journal.release(run, through.seq);
  }

  async read(run: number): Promise<JournalRecord[]> {
    const found: JournalRecord[] = [];
    for (let seq = 0; ; seq = found.at(-1)?.seq ?? 0) {
      const records = await this.journal.read(run, seq, ALL);
      if (records.length === 0) return found;
      found.push(...records);
    }
  }

  markSequence(): number {
    return Math.max(this.journal.mark(PRODUCER)?.sequence ?? 0, this.retired.get(PRODUCER)?.sequence ?? 0);
  }

  async remove(): Promise<void> {
    await this.journal.close();
    for (const folder of this.#folders) await rm(dirname(folder), { recursive: true, force: true });
  }
}

async function newFolder(): Promise<string> {
  return join(await mkdtemp(join(tmpdir(), "stepwell-test-")), "journal");
}

type Command = fc.AsyncCommand<Model, Real>;

const appendOf = (run: number, points: number, bytes: number): Command => ({
  check: () => true,
  run: async (model, real) => {
    model.sequence += 1;
    await real.append(run, points, bytes, model.sequence);
    model.records.get(run)?.push(points);
  },
  toString: () => `append(${run}, ${points}, ${bytes})`,
});

const READ: Command = {
  check: () => true,
  run: (model, real) => assertSame(model, real),
  toString: () => "read",
};

const REOPEN: Command = {
  check: () => true,
  run: async (model, real) => {
    await real.journal.close();
    await real.open();
    await assertSame(model, real);
  },
  toString: () => "reopen",
};

const crashOf = (underWay: readonly [number, number][]): Command => ({
  check: () => true,
  run: async (model, real) => {
    const before = model.sequence;
    const writes = underWay.map(([run, points], index) =>
      real.append(run, points, 3_000, before + index + 1),
    );
    await Promise.all([real.crash(), Promise.allSettled(writes)]);
    // The mark and the records of a batch are there together or not at all.
    const there = real.markSequence() - before;
    if (there < 0 || there > underWay.length) throw new Error(`the mark moved by ${there}`);
    for (const [run, points] of underWay.slice(0, there)) model.records.get(run)?.push(points);
    model.sequence += there;
    await assertSame(model, real);
  },
  toString: () => `crash(${JSON.stringify(underWay)})`,
});

const releaseOf = (run: number): Command => ({
  check: () => true,
  run: async (model, real) => {
    const last = (await real.read(run)).at(-1);
    if (!last) return;
    real.release(run, last.through);
    model.released.set(run, model.records.get(run)?.length ?? 0);
  },
  toString: () => `release(${run})`,
});

/** Released records may be there or not; all others have to be, in their order. */
async function assertSame(model: Model, real: Real): Promise<void> {
  if (real.markSequence() !== model.sequence) {
    throw new Error(`the mark is ${real.markSequence()} instead of ${model.sequence}`);
  }
  for (const [run, expected] of model.records) {
    const found = (await real.read(run)).map((record) => record.points);
    const released = model.released.get(run) ?? 0;
    const atLeast = expected.slice(released);
    const tail = expected.slice(expected.length - found.length);
    const isSame = found.length >= atLeast.length && JSON.stringify(found) === JSON.stringify(tail);
    if (!isSame) throw new Error(`run ${run}: found ${found.join()} instead of ${expected.join()}`);
    const total = expected.reduce((sum, points) => sum + points, 0);
    const totals = real.journal.totals(run)?.points ?? 0;
    if (atLeast.length > 0 && totals !== total)
      throw new Error(`run ${run}: ${totals} points instead of ${total}`);
  }
}

test("whatever is appended, released, reopened and crashed, the journal holds what a list would", async (t) => {
  const run = fc.constantFrom(...RUNS);
  const points = fc.integer({ min: 1, max: 1000 });
  // Some records are large enough to fill segments.
  const bytes = fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: 0, max: 5_000 }) },
    { weight: 1, arbitrary: fc.constant(9_000_000) },
  );
  const commands = fc.commands(
    [
      fc.tuple(run, points, bytes).map((args) => appendOf(...args)),
      fc.array(fc.tuple(run, points), { maxLength: 4 }).map(crashOf),
      run.map(releaseOf),
      fc.constant(READ),
      fc.constant(REOPEN),
    ],
    { maxCommands: 40 },
  );
  const seed = Date.now() % 2 ** 31;
  t.log(`seed ${seed}`);
  await fc.assert(
    fc.asyncProperty(commands, async (list) => {
      const real = new Real();
      await real.open();
      const model: Model = {
        records: new Map(RUNS.map((each) => [each, []])),
        released: new Map(),
        sequence: 0,
      };
      try {
        await fc.asyncModelRun(() => ({ model, real }), list);
        await assertSame(model, real);
        const alarms = real.messages.filter((message) => /gone|damaged|missing|failed/.test(message));
        if (alarms.length > 0) throw new Error(`a false alarm: ${alarms.join()}`);
      } catch (error) {
        // The report of a failed property does not show why it failed.
        t.log(String(error));
        throw error;
      } finally {
        await real.remove();
      }
    }),
    { numRuns: 100, seed },
  );
  t.pass();
});

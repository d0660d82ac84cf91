/**
 * Step runs against a model of them: steps of two pipeline runs begin, end, are lost, come back
 * and leave notes, while the journal takes everything, nothing or some, and the daemon starts
 * anew. Whenever the journal takes everything again, each MLflow run stands as the model says.
 */
import test, { type ExecutionContext } from "ava";
import fc from "fast-check";
import { StepwellError } from "../../src/errors/stepwell-error.js";
import type { Batch } from "../../src/gen/stepwell/v1/ingest.js";
import { RunStatus } from "../../src/gen/stepwell/v1/types.js";
import type { StepEndNote } from "../../src/home/end-note.js";
import { LeaseTally } from "../../src/leases/lease-tally.js";
import { PipelineBook } from "../../src/leases/pipeline-book.js";
import { childRunId, sharedRunId } from "../../src/leases/pipeline-run.js";
import { StepRuns } from "../../src/leases/step-runs.js";
import type { EndStatus } from "../../src/model/end-status.js";
import { END_NOTE_MS, LOST_PIPELINE_RUNS_MAX } from "../../src/model/limits.js";
import type { Store } from "../../src/store/contract.js";
import { openStore } from "../../src/store/store.js";
import { SetClock } from "../support/clock.js";
import { scratchFolder } from "../support/folder.js";

const idOf = (number: number) => number.toString(16).padStart(32, "0");
const processOf = (index: number) => ({ bootId: "boot", pidNamespace: "7", pid: index + 1, startTicks: "9" });
const sharedOf = (pipeline: number) => sharedRunId(idOf(pipeline), "tracker", "experiment");
const REASON = "gone";

const STATUSES = new Map<number, string>(
  (["RUNNING", "FINISHED", "FAILED", "KILLED"] as const).map((name) => [
    RunStatus[`RUN_STATUS_${name}`],
    name,
  ]),
);

/** What the journal was told of one run. */
interface Told {
  status: string;
  tags: Map<string, string>;
}

/** The real parts, with a journal that takes so many entries and then none. */
class Real {
  readonly told = new Map<string, Told>();
  readonly faults: string[] = [];
  readonly notes = new Map<string, Required<StepEndNote> & { readonly leftMs: number }>();
  readonly clock = new SetClock();
  room = Number.POSITIVE_INFINITY;
  steps!: StepRuns;
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  async open(): Promise<void> {
    const book = await PipelineBook.open(this.#store);
    const ends = {
      find: async (stepRunId: string) => this.notes.get(stepRunId),
      before: async (timeMs: number) => [...this.notes.values()].filter(({ leftMs }) => leftMs < timeMs),
      remove: async (stepRunId: string) => void this.notes.delete(stepRunId),
    };
    // No step of these tests leaves open which experiment it is of.
    const runs = { change: () => Promise.reject(new Error("of no run")) };
    const door = { enter: async (entries: Partial<Batch> & Pick<Batch, "runId">) => this.#enter(entries) };
    this.steps = new StepRuns({ door, runs, book, clock: this.clock, ends, tally: new LeaseTally() });
  }

  #enter({ runId, runStart, tags = [], removedTags = [], runEnd }: Partial<Batch> & Pick<Batch, "runId">) {
    if (this.room <= 0) throw new StepwellError("STEPWELL_JOURNAL_FULL", "The journal is full.");
    this.room -= 1;
    if (!runStart && !this.told.has(runId)) this.faults.push(`${runId} has no start`);
    const told = this.told.get(runId) ?? { status: "RUNNING", tags: new Map() };
    this.told.set(runId, told);
    for (const key of removedTags) told.tags.delete(key);
    for (const { key, value } of tags) told.tags.set(key, value);
    if (runEnd) told.status = STATUSES.get(runEnd.status) ?? "none";
  }
}

type State = "running" | "lost" | EndStatus;

/** One attempt of a step, as the model knows it. */
interface Attempt {
  readonly pipeline: number;
  readonly invocation: number;
  state: State;
}

/** The third of a pipeline's steps has a child run. */
const isNested = ({ invocation }: Attempt) => invocation === 2;

/** How a run stands that these attempts use; the reason is undefined where either is right. */
function standing(attempts: readonly Attempt[]): { status: string; hasReason: boolean | undefined } {
  const last = [...new Map(attempts.map((each) => [each.invocation, each.state])).values()];
  const some = (...states: State[]) => last.some((state) => states.includes(state));
  if (some("running")) return { status: "RUNNING", hasReason: false };
  if (some("FAILED")) return { status: "FAILED", hasReason: false };
  const isKilled = some("KILLED", "lost");
  // Where one said that it was killed and another was lost, the first of them counts.
  if (isKilled)
    return { status: "KILLED", hasReason: some("KILLED") && some("lost") ? undefined : some("lost") };
  return { status: "FINISHED", hasReason: false };
}

type Command =
  | { readonly kind: "start"; readonly pipeline: number; readonly invocation: number }
  | { readonly kind: "finish" | "note"; readonly of: number; readonly status: EndStatus }
  | { readonly kind: "lose" | "regain" | "start again"; readonly of: number }
  | { readonly kind: "room"; readonly room: number }
  | { readonly kind: "minute" | "reopen" };

async function carryOut(real: Real, attempts: Attempt[], command: Command): Promise<void> {
  if (command.kind === "start") {
    attempts.push({ pipeline: command.pipeline, invocation: command.invocation, state: "running" });
    return await start(real, attempts, attempts.length - 1);
  }
  if (command.kind === "room") real.room = command.room;
  if (command.kind === "reopen") return await real.open();
  if (command.kind === "minute") {
    real.clock.move(END_NOTE_MS + 1);
    for (const { stepRunId, status } of real.notes.values()) attemptOf(attempts, stepRunId).state = status;
    return await real.steps.resume().catch(() => undefined);
  }
  if (!("of" in command) || attempts.length === 0) return;
  const index = command.of % attempts.length;
  const attempt = attempts[index] as Attempt;
  const [pipelineRunId, stepRunId] = [idOf(attempt.pipeline), idOf(100 + index)];
  if (command.kind === "finish") {
    const state = { kind: "ended", status: command.status, endMs: 9 } as const;
    await real.steps.finish(pipelineRunId, stepRunId, state);
    attempt.state = command.status;
  } else if (command.kind === "note") {
    const note = { pipelineRunId, stepRunId, status: command.status, endTimeMs: 9 };
    real.notes.set(stepRunId, { ...note, leftMs: real.clock.monotonicMs() });
  } else if (command.kind === "start again") {
    await start(real, attempts, index);
    if (attempt.state === "lost") attempt.state = "running";
  } else if (command.kind === "regain") {
    await real.steps.regain(processOf(index));
    if (attempt.state === "lost") attempt.state = "running";
  } else if (command.kind === "lose" && attempt.state === "running") {
    attempt.state = real.notes.get(stepRunId)?.status ?? "lost";
    const held = [...real.steps.held()].filter(({ process }) => process.pid === index + 1);
    for (const lease of held) await lease.lose(REASON);
    if (held.length !== 1) real.faults.push(`${held.length} leases of step ${index}`);
  }
}

function attemptOf(attempts: readonly Attempt[], stepRunId: string): Attempt {
  return attempts[Number.parseInt(stepRunId, 16) - 100] as Attempt;
}

async function start(real: Real, attempts: readonly Attempt[], index: number): Promise<void> {
  const attempt = attempts[index] as Attempt;
  const { pipeline, invocation } = attempt;
  const shared = sharedOf(pipeline);
  const runId = isNested(attempt) ? childRunId(shared, `s${invocation}`) : shared;
  const tracking = { trackerId: "tracker", tracker: "tracker", experimentName: "experiment" };
  await real.steps.start({
    ...{ pipelineRunId: idOf(pipeline), pipelineName: "p", runName: "r", stepRunId: idOf(100 + index) },
    ...{ stepName: "s", invocationId: `s${invocation}`, startMs: 5, user: "", sourceName: "" },
    process: processOf(index),
    trackings: [{ ...tracking, tags: { a: "b" }, runId, parentRunId: isNested(attempt) ? shared : "" }],
  });
}

/** Once the journal takes everything: each run as the model says. */
async function check(real: Real, attempts: readonly Attempt[]): Promise<void> {
  real.room = Number.POSITIVE_INFINITY;
  await real.steps.resume();
  const wanted = new Map<string, ReturnType<typeof standing>>();
  for (const pipeline of new Set(attempts.map((each) => each.pipeline))) {
    const ofPipeline = attempts.filter((each) => each.pipeline === pipeline);
    wanted.set(sharedOf(pipeline), standing(ofPipeline));
    const nested = ofPipeline.filter(isNested);
    if (nested.length > 0) wanted.set(childRunId(sharedOf(pipeline), "s2"), standing(nested));
  }
  for (const [runId, { status, hasReason }] of wanted) {
    const told = real.told.get(runId);
    const has = told?.tags.get("stepwell.end_reason") === REASON;
    if (told?.status !== status) real.faults.push(`${told?.status} instead of ${status}`);
    if (hasReason !== undefined && has !== hasReason) real.faults.push(`reason: ${has} with ${status}`);
    if (told?.tags.get("a") !== "b") real.faults.push("the tags of the settings are missing");
  }
  if (real.told.size !== wanted.size) real.faults.push(`${real.told.size} runs instead of ${wanted.size}`);
  if (real.faults.length > 0) throw new Error(real.faults.join("; "));
}

const status = fc.constantFrom<EndStatus>("FINISHED", "FAILED", "KILLED");
const of = fc.nat(2);
const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant("start" as const), pipeline: fc.nat(1), invocation: fc.nat(2) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constantFrom("finish" as const, "note" as const), of, status }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constantFrom("lose" as const, "regain" as const, "start again" as const),
      of,
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("room" as const), room: fc.nat(3) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom("minute" as const, "reopen" as const) }) },
);

test("whatever becomes of steps, the journal and the daemon, each run stands as its steps' last words say", async (t) => {
  const seed = Date.now() % 2 ** 31;
  t.log(`seed ${seed}`);
  const folder = await scratchFolder(t);
  let stores = 0;
  const property = fc.asyncProperty(
    fc.array(fc.array(command, { maxLength: 8 }), { maxLength: 6, size: "max" }),
    async (rounds) => {
      const store = await openStore(`${folder}/${stores++}`);
      try {
        const real = new Real(store);
        await real.open();
        const attempts: Attempt[] = [];
        for (const round of rounds) {
          for (const each of round) await carryOut(real, attempts, each);
          await check(real, attempts);
        }
      } finally {
        await store.close();
      }
    },
  );
  await t.notThrowsAsync(() => fc.assert(property, { numRuns: 200, seed }));
});

async function losing(t: ExecutionContext, count: number) {
  const store = await openStore(await scratchFolder(t));
  t.teardown(() => store.close());
  const real = new Real(store);
  await real.open();
  const attempts: Attempt[] = [];
  for (let index = 0; index < count; index++) {
    await carryOut(real, attempts, { kind: "start", pipeline: index, invocation: 0 });
    await carryOut(real, attempts, { kind: "lose", of: index });
  }
  return real;
}

test("a step that was lost before very many others comes back no more; how the clock was set meanwhile does not count", async (t) => {
  const real = await losing(t, LOST_PIPELINE_RUNS_MAX + 1);
  const statusAfter = async (index: number) => {
    await real.steps.regain(processOf(index));
    return real.told.get(sharedOf(index))?.status;
  };
  await real.open();
  t.is(await statusAfter(0), "KILLED");
  t.is(await statusAfter(1), "RUNNING");
  for (const [index, days] of [400, -800].entries()) {
    real.clock.jump(days * 86_400_000);
    await real.open();
    t.is(await statusAfter(2 + index), "RUNNING");
  }
});

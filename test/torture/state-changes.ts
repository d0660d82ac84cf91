/**
 * Kills a daemon again and again while components, stacks and secrets change, and looks after each kill
 * whether all that was answered is there, and the change that was under way is whole or absent.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { type DaemonClients, openClients } from "../../src/cli/daemon/client.js";
import { StepwellError } from "../../src/errors/stepwell-error.js";
import { type MemoryStore, memoryStore } from "./memory-store.js";
import { type Random, randomOf } from "./random.js";
import { type Books, openBooks, type SecretItems } from "./state-books.js";
import { shapeOfBooks, shapeOfDaemon } from "./state-shape.js";
import { randomStep, type StateStep } from "./state-steps.js";

/** A daemon that can be killed. */
export interface KillableDaemon {
  readonly endpoint: { readonly endpoint: string };
  end(signal: "SIGKILL"): Promise<unknown>;
}

export interface StateCampaign {
  readonly kills: number;
  readonly seed: number;
  /** Starts the daemon of one home, the same at each call. */
  readonly start: () => Promise<KillableDaemon>;
  readonly log: (line: string) => void;
}

/** What was seen. A kill that struck no change shows nothing, so they are counted. */
export interface StateReport {
  readonly kills: number;
  readonly changes: number;
  readonly refusals: number;
  /** Changes that a kill struck: found whole, and found absent. */
  readonly whole: number;
  readonly absent: number;
  /** What these changes were, without names. */
  readonly struck: Readonly<Record<string, number>>;
}

/** The longest life of a daemon: long enough for some hundred changes. */
const LIFE_MS_MAX = 250;

/** Throws, with the seed, at the first state that no order of the answers explains. */
export async function killDuringStateChanges(campaign: StateCampaign): Promise<StateReport> {
  const random = randomOf(campaign.seed, "state changes");
  let store = memoryStore();
  const items: SecretItems = new Map();
  let struck: StateStep | undefined;
  const sum = { kills: 0, changes: 0, refusals: 0, whole: 0, absent: 0 };
  const kinds = new Map<string, number>();
  for (; sum.kills < campaign.kills; sum.kills++) {
    if (sum.kills % 50 === 49) campaign.log(JSON.stringify(sum));
    const daemon = await campaign.start();
    const clients = openClients(daemon.endpoint.endpoint);
    try {
      const settled = await settle(clients, { store, items }, struck, campaign.seed);
      store = settled.store;
      if (settled.fate !== "none") {
        sum[settled.fate] += 1;
        kinds.set(kindOf(struck), (kinds.get(kindOf(struck)) ?? 0) + 1);
      }
      const killed = killLater(daemon, random.next() * LIFE_MS_MAX);
      const life = await changeUntilKilled(clients, await openBooks(store, items), random, campaign.seed);
      await killed;
      struck = life.struck;
      sum.changes += life.changes;
      sum.refusals += life.refusals;
    } finally {
      clients.close();
    }
  }
  return { ...sum, struck: Object.fromEntries([...kinds].sort(([one], [other]) => (one < other ? -1 : 1))) };
}

function kindOf(step: StateStep | undefined): string {
  return (step?.title ?? "").replaceAll(/\b(?:[ns]\d+[\w-]*|none|default)/g, "X");
}

async function killLater(daemon: KillableDaemon, ms: number): Promise<void> {
  await sleep(ms);
  await daemon.end("SIGKILL");
}

interface Life {
  readonly changes: number;
  readonly refusals: number;
  /** The change that was under way. */
  readonly struck: StateStep;
}

/** Changes one after the other, each in the books once it was answered. */
async function changeUntilKilled(
  clients: DaemonClients,
  books: Books,
  random: Random,
  seed: number,
): Promise<Life> {
  let [changes, refusals] = [0, 0];
  for (;;) {
    const step = randomStep(books, random);
    const answer = await codeOf(step.inDaemon(clients));
    if (answer === "STEPWELL_DAEMON_UNREACHABLE") return { changes, refusals, struck: step };
    const expected = await codeOf(step.inBooks(books));
    if (answer !== expected) throw fault(seed, `${step.title} was answered ${answer}, not ${expected}`);
    if (answer === "ok") changes += 1;
    else refusals += 1;
  }
}

/** What became of the change that the kill struck; the store that comes back holds what the daemon holds. */
async function settle(
  clients: DaemonClients,
  { store, items }: { readonly store: MemoryStore; readonly items: SecretItems },
  struck: StateStep | undefined,
  seed: number,
): Promise<{ readonly store: MemoryStore; readonly fate: "whole" | "absent" | "none" }> {
  const found = await shapeOfDaemon(clients);
  const before = await shapeOfBooks(await openBooks(store, items));
  const changed = store.copy();
  const books = await openBooks(changed, items);
  const code = struck && (await codeOf(struck.inBooks(books)));
  const after = await shapeOfBooks(books);
  const isVisible = code === "ok" && !isDeepStrictEqual(before, after);
  if (isDeepStrictEqual(found, before)) return { store, fate: isVisible ? "absent" : "none" };
  if (isDeepStrictEqual(found, after)) return { store: changed, fate: "whole" };
  const lost = before.filter((line) => !found.includes(line));
  const odd = found.filter((line) => !before.includes(line));
  throw fault(seed, `${struck?.title} is neither whole nor absent: lost ${lost.join()}; odd ${odd.join()}`);
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return "ok";
  } catch (error) {
    if (error instanceof StepwellError) return error.code;
    throw error;
  }
}

function fault(seed: number, sentence: string): Error {
  return new Error(`seed ${seed}: ${sentence}`);
}

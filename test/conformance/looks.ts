/** What is looked at in a scenario: what arrived, and how. */
import { isDeepStrictEqual } from "node:util";
import { until } from "../support/until.js";
import { type Player, runName } from "./player.js";
import {
  doubleOf,
  isAtServer,
  type Scenario,
  type Step,
  textOf,
  type Vector,
  vectorsOf,
} from "./scenario.js";
import { DaemonStage, ServerStage } from "./stage.js";
import type { Kept } from "./store.js";

/** MLflow's tables have no infinities, for which they keep the largest doubles, and SQLite has no -0. */
const LARGEST = Number.MAX_VALUE;

export async function lookAt(player: Player, step: Step): Promise<void> {
  const { stage, scenario } = player;
  if ("saw" in step) await sees(stage, step.saw);
  else if ("points" in step) {
    const steps = (await keptOf(player)).points(idOf(player, step.points), step.key);
    holdsEachOnce(steps, step.first ?? 0, step.count);
  } else if ("stored" in step) await holdsVectors(player, step.stored, step.run);
  else if ("texts" in step) {
    const texts = (await keptOf(player)).texts(step.texts, idOf(player, step.run));
    for (const [key, value] of Object.entries(step.are)) same(`the value of ${key}`, texts.get(key), value);
  } else if ("ended" in step) {
    const kept = await keptOf(player);
    same("the status", kept.status(idOf(player, step.ended)), step.as);
  } else if (!isCommon(step, scenario)) throw new Error("there is no such step");
}

/** Steps that were done for all languages. */
function isCommon(step: Step, { at }: Scenario): boolean {
  return (
    !isAtServer(at) &&
    ["daemon", "command", "tracker", "home", "store", "status"].some((name) => name in step)
  );
}

/** What is kept, once the daemon has delivered it. */
async function keptOf({ stage }: Player): Promise<Kept> {
  if (stage instanceof DaemonStage) await stage.delivered();
  return stage.kept;
}

function idOf({ driver, scenario }: Player, run: string): string {
  const id = driver.runIds.get(runName(scenario, run));
  if (id === undefined) throw new Error(`there is no run ${run}`);
  return id;
}

/** Each step has its own number as its value, and none comes twice, or in another order. */
function holdsEachOnce(
  points: readonly { step: bigint; value: number }[],
  first: number,
  count: number,
): void {
  same("the number of points", points.length, count);
  const odd = points.findIndex(
    ({ step, value }, index) => Number(step) !== first + index || value !== first + index,
  );
  if (odd >= 0)
    throw new Error(`the point ${odd} has step ${points[odd]?.step} and value ${points[odd]?.value}`);
}

async function holdsVectors(player: Player, kind: string, run: string): Promise<void> {
  const kept = await keptOf(player);
  const id = idOf(player, run);
  const isStore = player.stage instanceof DaemonStage;
  const taken = [...vectorsOf(kind).entries()].filter(([, { code }]) => code === undefined);
  for (const [index, vector] of taken) {
    const what = `${kind}: ${vector.name}`;
    const [point] = kept.points(id, kind === "keys" ? textOf(vector) : `n${index}`);
    if (kind === "keys") same(what, point === undefined, false);
    else if (kind === "steps") same(what, String(point?.step), vector.number);
    else if (kind === "timestamps") same(what, String(point?.timestamp), vector.number);
    else if (kind === "values") same(what, point?.value, isStore ? inStore(vector) : doubleOf(vector));
    else if (kind === "params" || kind === "tags")
      same(what, kept.texts(kind, id).get(`n${index}`), textOf(vector));
    else throw new Error(`nothing is stored of ${kind}`);
  }
}

function inStore(vector: Vector): number {
  return 0 + Math.max(-LARGEST, Math.min(LARGEST, doubleOf(vector)));
}

async function sees(stage: Player["stage"], wanted: Readonly<Record<string, unknown>>): Promise<void> {
  if (!(stage instanceof ServerStage)) throw new Error("there is no scripted server");
  await until(
    JSON.stringify(wanted),
    () => stage.seen,
    (seen) => Object.entries(wanted).every(([name, value]) => isAsWanted(seen[name], value)),
    { withinMs: 60_000 },
  );
}

/** A text such as ">= 2" compares, anything else equals. */
function isAsWanted(seen: unknown, wanted: unknown): boolean {
  const [, least] = /^>= (\d+)$/.exec(String(wanted)) ?? [];
  return least === undefined ? isDeepStrictEqual(seen, wanted) : Number(seen) >= Number(least);
}

function same(what: string, seen: unknown, wanted: unknown): void {
  if (!isDeepStrictEqual(seen, wanted))
    throw new Error(`${what}: ${String(seen).slice(0, 200)} is not ${String(wanted).slice(0, 200)}`);
}

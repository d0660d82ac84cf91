/** Holds what the server has against the ledgers of the gateway's clients. */
import { existsSync, readFileSync } from "node:fs";
import { rootOfModel } from "../support/scripted-models.js";
import type { ScriptedRun } from "../support/scripted-store.js";
import type { Kind } from "./clients/gateway-client.js";
import type { GatewayServer } from "./gateway-server.js";
import { stepAt } from "./points.js";

export interface GatewayFinding {
  /** Points, tags and artifacts that were answered. */
  readonly acknowledged: number;
  readonly lost: readonly string[];
  /** What is there twice, or went back. */
  readonly doubled: readonly string[];
  readonly invented: readonly string[];
}

/** How many of a kind were begun, and answered. */
interface Counts {
  begun: number;
  answered: number;
}

type Logged = Map<string, Record<Kind, Counts>>;

/** What is logged, by run. A killed process may leave half a line behind. */
function readGatewayLedgers(ledgers: readonly string[]): Logged {
  const runs: Logged = new Map();
  for (const ledger of ledgers.filter((path) => existsSync(path))) {
    for (const line of readFileSync(ledger, "utf8").split("\n").slice(0, -1)) {
      const [, answered, kind, runId, count] = /^(A )?(\w+) (\w{32}) (\d+)$/.exec(line) ?? [];
      if (!kind || !runId) continue;
      const counts = runs.get(runId) ?? noCounts();
      runs.set(runId, counts);
      const { [kind as Kind]: ofKind } = counts;
      if (answered) ofKind.answered = Number(count);
      else ofKind.begun = Number(count);
    }
  }
  return runs;
}

/** How much was answered so far. */
export function answeredIn(ledgers: readonly string[]): number {
  const counts = [...readGatewayLedgers(ledgers).values()].flatMap((each) => Object.values(each));
  return counts.reduce((sum, { answered }) => sum + answered, 0);
}

/** Nothing may be on its way to the server. */
export function checkGateway(server: GatewayServer, ledgers: readonly string[]): GatewayFinding {
  const finding = {
    acknowledged: answeredIn(ledgers),
    lost: [] as string[],
    doubled: [] as string[],
    invented: [] as string[],
  };
  for (const [runId, counts] of readGatewayLedgers(ledgers)) {
    const run = server.run(runId);
    if (run) checkRun(server, run, runId, counts, finding);
    else if (Object.values(counts).some(({ answered }) => answered > 0))
      finding.lost.push(`the run ${runId}`);
  }
  return finding;
}

function noCounts(): Record<Kind, Counts> {
  const none = () => ({ begun: 0, answered: 0 });
  return { points: none(), tag: none(), file: none(), latest: none(), model: none() };
}

type Notes = Pick<{ lost: string[]; doubled: string[]; invented: string[] }, "lost" | "doubled" | "invented">;

function checkRun(
  server: GatewayServer,
  run: ScriptedRun,
  runId: string,
  counts: Record<Kind, Counts>,
  notes: Notes,
): void {
  const steps = run.points.map((point) => (JSON.parse(point) as { step: number }).step);
  const indexes = new Set(steps.map((step) => step - stepAt(0)));
  if (indexes.size < steps.length) notes.doubled.push(`points of ${runId}`);
  noteRange(`points of ${runId}`, indexes, 0, counts.points, notes);
  const tag = Number(run.tags.get("progress") ?? 0);
  if (tag < counts.tag.answered) notes.lost.push(`the tag ${counts.tag.answered} of ${runId}: ${tag}`);
  if (tag > counts.tag.begun) notes.invented.push(`the tag ${tag} of ${runId}`);
  checkFiles(server, `${server.rootOf(run)}/`, runId, counts, notes);
  checkModels(server, run, runId, counts.model, notes);
}

/** Each model that was answered is there, once, whole, and says its server's ids. One whose answer was lost may be there, empty. */
function checkModels(
  server: GatewayServer,
  run: ScriptedRun,
  runId: string,
  counts: Counts,
  notes: Notes,
): void {
  const numbers: number[] = [];
  for (const model of server.modelsOf(run)) {
    const said = server.files.get(`${rootOfModel(model)}/MLmodel`);
    if (said === undefined) continue;
    const [, id, number, of] = /^model_id: (\S+)\nis: model (\d+) of (\w+)\n$/.exec(said) ?? [];
    const isOf = of === runId || of === run.id;
    if (id !== model.id || !isOf) notes.invented.push(`the model ${model.id} of ${runId}: ${said}`);
    else numbers.push(Number(number));
    const isWhole = model.status === "LOGGED_MODEL_READY";
    if (!isWhole && Number(number) <= counts.answered) notes.lost.push(`the end of the model ${model.id}`);
  }
  const found = new Set(numbers);
  if (found.size < numbers.length) notes.doubled.push(`models of ${runId}`);
  noteRange(`models of ${runId}`, found, 1, counts, notes);
}

function checkFiles(
  server: GatewayServer,
  root: string,
  runId: string,
  { file, latest }: Record<Kind, Counts>,
  notes: Notes,
): void {
  const numbers = new Set<number>();
  for (const [path, text] of server.files) {
    if (!path.startsWith(root)) continue;
    const [, number] = /^file-(\d+)$/.exec(path.slice(root.length)) ?? [];
    if (number === undefined) continue;
    if (text === `file ${number} of ${runId}`) numbers.add(Number(number));
    else notes.invented.push(`${path}: ${text}`);
  }
  noteRange(`files of ${runId}`, numbers, 1, file, notes);
  const versions = (server.uploads.get(`${root}latest`) ?? []).map((text) =>
    Number(/^version (\d+) /.exec(text)?.[1]),
  );
  const last = versions.at(-1) ?? 0;
  if (last < latest.answered) notes.lost.push(`version ${latest.answered} of ${runId}: ${last}`);
  if (last > latest.begun) notes.invented.push(`version ${last} of ${runId}`);
  if (versions.some((version, at) => version < (versions[at - 1] ?? 0)))
    notes.doubled.push(`versions of ${runId} went back: ${versions.join(" ")}`);
}

/** Each of a range that was answered has to be there, and none beyond what was begun. */
function noteRange(
  what: string,
  found: ReadonlySet<number>,
  first: number,
  counts: Counts,
  notes: Notes,
): void {
  const missing = Array.from({ length: counts.answered }, (_, at) => first + at).filter(
    (each) => !found.has(each),
  );
  if (missing.length > 0) notes.lost.push(`${what}: ${missing.slice(0, 5).join(", ")}`);
  const beyond = [...found].filter((each) => each >= first + counts.begun);
  if (beyond.length > 0) notes.invented.push(`${what}: ${beyond.slice(0, 5).join(", ")}`);
}

/** One run with what it logged, as an answer and as people read it. */
import type { Lane } from "../../gen/stepwell/v1/daemon.js";
import type { GetRunDataResponse, Run, RunMetric } from "../../gen/stepwell/v1/runs.js";
import { systemClock } from "../../home/clock.js";
import { counted } from "../../model/counted.js";
import type { Plain, PlainRecord } from "./answer.js";
import { statusColored, styled } from "./colors.js";
import { laneStateWord } from "./lane-words.js";
import { countText, people, spanText, valueText, visible } from "./people.js";
import { sparkline } from "./plot.js";
import { ellipsisOf, type Screen } from "./screen.js";
import { cutTo, padTo, widthOf, wrapTo } from "./text-width.js";
import { runStatusName, runView } from "./views.js";

/** What stands in a run's way at a tracker: "delivered" where nothing waits. */
interface Standing {
  readonly delivered_points?: number;
  readonly queued_points: number;
  readonly tracker: string;
  readonly state: string;
  readonly reason: string;
  readonly experiment_tracker_url?: string;
}

/** A run with what stands in the way at each of its trackers, and what it logged where that is known. */
export function shownRunView(
  run: Run,
  lanes: readonly Lane[],
  data: GetRunDataResponse | undefined,
): PlainRecord {
  return {
    ...runView(run),
    ...loggedView(data),
    deliveries: standingsOf(run, lanes).map((standing) => ({ ...standing })),
  };
}

/** What a run logged: its metrics by their last values. */
function loggedView(data: GetRunDataResponse | undefined) {
  return {
    metrics: data ? metricValues(data) : null,
    params: data ? textsOf(data.params) : null,
    tags: data ? textsOf(data.tags) : null,
    data_missing: data?.missing ?? "This daemon is too old to tell what runs logged.",
  };
}

/** The last value of each metric; what JSON has no number for is a text. */
export function metricValues({
  metrics,
}: Pick<GetRunDataResponse, "metrics">): Record<string, number | string> {
  return Object.fromEntries(metrics.map(({ key, value }) => [key, plainNumber(value)]));
}

/** A run as people read it: who it is, where it stands, what it logged. */
export function runText(
  run: Run,
  lanes: readonly Lane[],
  data: GetRunDataResponse | undefined,
  screen: Screen,
): string {
  const name = visible(run.runName) || run.runId;
  const status = runStatusName(run.status);
  const head = `${styled(screen, "bold", name)}  ${statusColored(screen, status)}  ${timesOf(run)}`;
  const fields: [string, string][] = [
    ["run id", run.runId],
    ["experiment", visible(run.experimentName)],
    ...standingsOf(run, lanes).flatMap((standing): [string, string][] => [
      ["tracker", standingText(standing)],
      ...(standing.experiment_tracker_url === undefined
        ? []
        : [["", visible(standing.experiment_tracker_url)] as [string, string]]),
    ]),
  ];
  const missing = data?.missing ? `\n${wrapped(data.missing, screen)}` : "";
  return `${head}\n${pairsText(fields, screen)}${loggedText(data, screen)}${missing}`;
}

/** Its metrics with their curves, its params and its own tags: those of MLflow and of ours have nothing new. */
function loggedText(data: GetRunDataResponse | undefined, screen: Screen): string {
  if (!data) return "";
  const own = data.tags.filter(({ key }) => !key.startsWith("mlflow.") && key !== "stepwell");
  const parts = [
    ["metrics", metricsText(data.metrics, screen)],
    ["params", pairsText(pairsOf(data.params), screen)],
    ["tags", pairsText(pairsOf(own), screen)],
  ];
  return parts
    .filter(([, text]) => text !== "")
    .map(([title = "", text = ""]) => `\n${styled(screen, "bold", title)}\n${text}`)
    .join("");
}

/** What stands where: for each tracker, and for what the run waits for that has none. */
function standingsOf(run: Run, lanes: readonly Lane[]): Standing[] {
  const standing = (lane: Lane | undefined) => ({
    state: lane ? laneStateWord(lane.state) : "delivered",
    reason: lane?.lastError ?? "",
  });
  const view = runView(run);
  const deliveries = view.deliveries.map((delivery) => ({
    ...delivery,
    ...standing(lanes.find(({ tracker }) => tracker === delivery.tracker)),
  }));
  // It waits for a tracker, or for its start.
  const homeless = lanes.filter(({ tracker }) => !run.deliveries.some((each) => each.tracker === tracker));
  const held = homeless.map((lane) => ({
    tracker: lane.tracker,
    queued_points: Number(lane.queuedPoints),
    ...standing(lane),
  }));
  return [...deliveries, ...held];
}

/** How many metrics have a line of their own on a screen; the others are counted. */
const METRICS_MAX = 40;
const KEY_CELLS_MAX = 32;
const CURVE_CELLS_MAX = 40;
/** A curve of less says nothing. */
const CURVE_CELLS_MIN = 8;

function metricsText(metrics: readonly RunMetric[], screen: Screen): string {
  const shown = metrics.slice(0, METRICS_MAX);
  const keys = shown.map(({ key }) => visible(key));
  const keyCells = Math.min(KEY_CELLS_MAX, screen.columns >> 1, Math.max(0, ...keys.map(widthOf)));
  const values = shown.map(({ value }) => valueText(plainNumber(value)));
  const valueCells = Math.max(0, ...values.map(widthOf));
  const steps = shown.map(({ step }) => `step ${countText(step)}`);
  const stepCells = Math.max(0, ...steps.map(widthOf));
  const curveCells = Math.min(CURVE_CELLS_MAX, screen.columns - keyCells - valueCells - stepCells - 8);
  const lines = shown.map(({ curveValues }, index) => {
    const curve = curveCells >= CURVE_CELLS_MIN ? sparkline(curveValues, curveCells, screen.isUnicode) : "";
    const key = padTo(cutTo(keys[index] ?? "", keyCells, ellipsisOf(screen)), keyCells);
    const value = (values[index] ?? "").padStart(valueCells);
    return `  ${key}  ${value}  ${padTo(steps[index] ?? "", stepCells)}  ${styled(screen, "cyan", curve)}`;
  });
  const rest = metrics.length - shown.length;
  if (rest > 0) lines.push(`  and ${counted(rest, "more metric")}: -o json has all`);
  return lines.map((line) => `${line.trimEnd()}\n`).join("");
}

function pairsText(pairs: readonly (readonly [string, string])[], screen: Screen): string {
  const cells = Math.min(
    KEY_CELLS_MAX,
    screen.columns >> 1,
    Math.max(0, ...pairs.map(([key]) => widthOf(key))),
  );
  const room = Math.max(10, screen.columns - cells - 4);
  return pairs
    .flatMap(([key, value]) => {
      const [first = "", ...rest] = wrapTo(value, room);
      const title = padTo(cutTo(key, cells, ellipsisOf(screen)), cells);
      return [
        `  ${styled(screen, "dim", title)}  ${first}`,
        ...rest.map((line) => `${" ".repeat(cells + 4)}${line}`),
      ];
    })
    .map((line) => `${line.trimEnd()}\n`)
    .join("");
}

function standingText({ tracker, state, reason, ...counts }: Standing): string {
  const { queued_points: queued, delivered_points: delivered = 0 } = counts;
  const all = delivered + queued;
  const points = `${countText(delivered)} of ${countText(all)} ${all === 1 ? "point" : "points"}`;
  const why = reason === "" ? "" : `: ${visible(reason)}`;
  return `${visible(tracker) || "none"}, ${state}, ${points}${why}`;
}

function timesOf({ startTimeMs, endTimeMs }: Run): string {
  if (startTimeMs === 0n) return "its start is not known";
  const nowMs = systemClock.nowMs();
  const startMs = Number(startTimeMs);
  const started = `started ${people("started_ms", startMs, nowMs)}`;
  return endTimeMs === 0n ? started : `${started}, took ${spanText((Number(endTimeMs) - startMs) / 1_000)}`;
}

function pairsOf(entries: readonly { readonly key: string; readonly value: string }[]): [string, string][] {
  return entries.map(({ key, value }) => [visible(key), visible(value)]);
}

function textsOf(
  entries: readonly { readonly key: string; readonly value: string }[],
): Record<string, string> {
  return Object.fromEntries(entries.map(({ key, value }) => [key, value]));
}

function plainNumber(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}

function wrapped(text: string, screen: Screen): string {
  return wrapTo(visible(text), screen.columns)
    .map((line) => `${line}\n`)
    .join("");
}

/** Values of a search beside its runs. */
export function foundView(run: Run, values: Readonly<Record<string, string>>): Record<string, Plain> {
  const plain = Object.entries(values).map(([name, value]) => [
    name,
    name.startsWith("metrics.") ? plainNumber(Number(value)) : value,
  ]);
  return { ...runView(run), ...(Object.fromEntries(plain) as Record<string, Plain>) };
}

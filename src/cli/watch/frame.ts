/** The whole page: state and size in, cells out. Pure. */
import type { Lane } from "../../gen/stepwell/v1/daemon.js";
import { counted } from "../../model/counted.js";
import { sizeText } from "../../model/size.js";
import { isTroubled, laneStateWord } from "../output/lane-words.js";
import { countText, spanText, valueText } from "../output/people.js";
import { sparkline } from "../output/plot.js";
import { widthOf, wrapTo } from "../output/text-width.js";
import { BOLD, Canvas, DIM, PLAIN, type Style } from "./canvas.js";
import { type CurveOf, drawCard, lastValueOf, placeText } from "./card.js";
import { HELP, HINTS } from "./help.js";
import { firstRun } from "./keys.js";
import { type Box, type Layout, layoutOf, type Size } from "./layout.js";
import { GREEN, letterOf, RED, runBoldStyle, runStyle, type Signs, YELLOW } from "./palette.js";
import type { WatchState } from "./state.js";

const INVERSE: Style = { isInverse: true };
const COMMAND: Style = { isBold: true, color: 33 };
const AXIS_WORDS = { step: "by step", relative: "by time since the start", time: "by time of day" } as const;
const FAULT_WORDS = { "": "", invalid: " is none", slow: " takes too long" } as const;
const TYPING_WORDS = {
  "": "Enter keeps it, Esc drops it",
  invalid: "no regular expression",
  slow: "takes too long: all are shown",
} as const;
/** A name that is shorter than this says nothing. */
const COUNT_COLUMNS_MIN = 26;
const NAME_COLUMNS_MIN = 12;

export function frameOf(state: WatchState, size: Size, curveOf: CurveOf, signs: Signs): Canvas {
  const canvas = new Canvas(Math.max(1, size.columns), Math.max(1, size.rows), signs.isUnicode);
  const layout = layoutOf(state, size);
  if (layout.runs) drawRuns(canvas, state, layout, layout.runs, signs);
  for (const card of layout.cards) drawCard(canvas, state, card, curveOf, signs);
  if (layout.cards.length === 0) drawEmpty(canvas, state, layout.grid);
  drawSystem(canvas, state, layout, curveOf, signs);
  // On a small screen a curve with its axes has less room than it takes.
  canvas.clear(0, 0, size.columns, 1);
  canvas.clear(layout.foot.x, layout.foot.y, layout.foot.width, layout.foot.height);
  drawHead(canvas, state, layout, signs);
  drawFoot(canvas, state, layout.foot, signs);
  if (state.isHelp) drawHelp(canvas, layout, signs);
  return canvas;
}

function drawHead(canvas: Canvas, state: WatchState, { size, page, pages }: Layout, signs: Signs): void {
  let at = canvas.put(0, 0, "stepwell", COMMAND) + 1;
  const shown =
    state.chosen.length === 1 ? nameOf(state, state.chosen[0] ?? "") : counted(state.chosen.length, "run");
  const filter = state.filter === "" ? [] : [`/${state.filter}/${FAULT_WORDS[state.filterFault]}`];
  const range = state.range;
  const words = [
    state.isFollowing ? `follows ${shown}` : shown,
    AXIS_WORDS[state.axis],
    ...filter,
    ...(state.isLog ? ["log"] : []),
    ...(state.smoothing > 0 ? [`smooth ${state.smoothing}`] : []),
    ...(range ? [`${range.map((each) => placeText(state.axis, each, range)).join(" to ")}`] : []),
  ];
  const count = counted(state.metrics.length, "metric");
  const right = pages > 1 ? `${count}, page ${page + 1} of ${pages}` : count;
  const beside = size.columns - at - widthOf(right) - 2;
  // A name says more than a count.
  const room = beside >= NAME_COLUMNS_MIN ? beside : Math.max(0, size.columns - at);
  at = canvas.put(at, 0, state.chosen.length === 0 ? "" : words.join(signs.dot), PLAIN, room);
  if (size.columns - at > widthOf(right) + 1) canvas.putBefore(size.columns, 0, right, DIM);
}

function drawRuns(canvas: Canvas, state: WatchState, layout: Layout, box: Box, signs: Signs): void {
  const heading = `Runs ${state.runs.length > 0 ? countText(state.runs.length) : ""}`;
  canvas.put(box.x, box.y, heading, state.focus === "runs" ? BOLD : DIM, box.width);
  const first = firstRun(state, layout);
  for (const [at, run] of state.runs.slice(first, first + box.height - 1).entries()) {
    const y = box.y + 1 + at;
    const place = state.chosen.indexOf(run.runId);
    const isAt = run.runId === state.runAt;
    if (place >= 0) canvas.put(box.x, y, letterOf(signs, state, place) || signs.chosen, runBoldStyle(place));
    const status = signs.status[run.status] ?? { sign: " ", style: DIM };
    canvas.put(box.x + 2, y, status.sign, status.style);
    const points = box.width >= COUNT_COLUMNS_MIN ? shortCount(run.journaledPoints) : "";
    const room = box.width - 4 - (points === "" ? 0 : widthOf(points) + 1);
    const style = place >= 0 ? runStyle(place) : PLAIN;
    canvas.put(box.x + 4, y, run.runName || run.runId.slice(0, 8), style, room);
    canvas.putBefore(box.x + box.width, y, points, DIM);
    if (isAt && state.focus === "runs")
      canvas.restyle(box.x + 1, y, box.width - 1, (before) => ({ ...before, isInverse: true }));
    else if (isAt) canvas.set(box.x + 1, y, signs.mark, DIM);
  }
  for (let y = box.y; y < box.y + box.height; y++)
    canvas.set(box.x + box.width + 1, y, signs.dots.axis.side, DIM);
}

function drawEmpty(canvas: Canvas, state: WatchState, box: Box): void {
  const text = emptyText(state);
  const lines = wrapTo(text, Math.max(10, box.width - 4));
  const y = box.y + Math.max(0, Math.floor((box.height - lines.length) / 2));
  for (const [at, line] of lines.entries()) {
    const x = box.x + Math.max(0, Math.floor((box.width - widthOf(line)) / 2));
    canvas.put(x, y + at, line, DIM);
  }
}

function emptyText(state: WatchState): string {
  if (!state.isCurrent) return "";
  if (state.runs.length === 0)
    return "No run yet. Start one and it appears here: stepwell run -- python train.py";
  if (state.chosen.length === 0) return "No run is chosen: Space chooses the one at the mark.";
  const missing = state.gaps.reduce((sum, { missingPoints }) => sum + missingPoints, 0n);
  if (state.keys.size === 0 && missing > 0n)
    return `${counted(missing, "point")} of this run can't be shown: ${state.gaps[0]?.reason ?? ""}`;
  if (state.keys.size === 0) return "No metric was logged yet. Curves appear here with the first point.";
  if (state.filter !== "") return "No metric fits the filter. Esc shows all.";
  return "Only system metrics were logged yet. m shows them as curves.";
}

function drawSystem(
  canvas: Canvas,
  state: WatchState,
  { system, systemBox }: Layout,
  curveOf: CurveOf,
  signs: Signs,
): void {
  if (!systemBox) return;
  const rest = state.system.length - system.length;
  canvas.put(systemBox.x, systemBox.y, signs.line.repeat(systemBox.width), DIM);
  canvas.put(systemBox.x + 2, systemBox.y, ` System${rest > 0 ? `, ${rest} more: m` : ""} `, DIM);
  const place = Math.max(
    0,
    state.chosen.findIndex((runId) => system.some(({ key }) => state.keys.get(key)?.has(runId))),
  );
  const runId = state.chosen[place] ?? "";
  const letter = letterOf(signs, state, place);
  for (const { key, box, sparkCells } of system) {
    const { name, unit } = systemName(key);
    const last = lastValueOf(state, key, runId, curveOf);
    const value = last === undefined ? "" : `${valueText(Number(last.toPrecision(3)))}${unit}`;
    const spark = sparkline(curveOf(key, runId)?.max ?? [], sparkCells, signs.isUnicode);
    canvas.putBefore(box.x + box.width, box.y, spark.padEnd(sparkCells), runStyle(place));
    const end = box.x + box.width - sparkCells - 1;
    canvas.putBefore(end, box.y, value, PLAIN);
    canvas.put(
      box.x,
      box.y,
      letter === "" ? name : `${letter} ${name}`,
      DIM,
      end - box.x - widthOf(value) - 1,
    );
  }
}

const UNITS: readonly (readonly [ending: string, unit: string])[] = [
  ["_utilization_percentage", " %"],
  ["_usage_percentage", " %"],
  ["_percentage", " %"],
  ["_usage_megabytes", " MB"],
  ["_megabytes", " MB"],
  ["_usage_watts", " W"],
  ["_watts", " W"],
];

/** What stands behind system/, with its unit apart. */
function systemName(key: string): { readonly name: string; readonly unit: string } {
  const name = key.replace(/^system\//, "");
  const [ending, unit] = UNITS.find(([each]) => name.endsWith(each)) ?? ["", ""];
  return { name: name.slice(0, name.length - ending.length).replaceAll("_", " "), unit };
}

function drawFoot(canvas: Canvas, state: WatchState, box: Box, signs: Signs): void {
  if (box.height <= 0) return;
  const last = box.y + box.height - 1;
  if (box.height > 1 || state.fault !== undefined) drawQueue(canvas, state, box, signs);
  const lanes = [...(state.status?.lanes ?? [])].sort(
    (a, b) => Number(isTroubled(b)) - Number(isTroubled(a)),
  );
  for (let at = 0; at < box.height - 2; at++) {
    const lane = lanes[at];
    if (lane) drawLane(canvas, state, lane, { ...box, y: box.y + 1 + at }, signs);
  }
  if (state.filterBefore !== undefined) {
    const end = canvas.put(0, last, `filter: ${state.filter}`, state.filterFault === "" ? BOLD : RED);
    canvas.set(Math.min(end, box.width - 1), last, " ", INVERSE);
    const said = TYPING_WORDS[state.filterFault];
    if (end + 3 + widthOf(said) < box.width) canvas.put(end + 2, last, said, DIM);
    return;
  }
  if (state.notice !== "") {
    canvas.put(0, last, state.notice, YELLOW, box.width);
    return;
  }
  if (box.height === 1 && state.fault !== undefined) return;
  let x = 0;
  for (const [key, what] of HINTS) {
    if (x + widthOf(key) + widthOf(what) + 1 > box.width) break;
    x = canvas.put(x, last, key, BOLD);
    x = canvas.put(x + 1, last, what, DIM) + 2;
  }
}

function drawQueue(canvas: Canvas, { status, fault }: WatchState, { y, width }: Box, signs: Signs): void {
  canvas.put(0, y, signs.line.repeat(width), DIM);
  if (fault !== undefined) {
    canvas.put(1, y, ` ${fault} `, YELLOW, width - 2);
    return;
  }
  if (!status) return;
  const { queuedPoints, queuedBytes, oldestAgeSeconds, deliveredPoints, laneCount } = status;
  const age = oldestAgeSeconds >= 1 ? `, the oldest for ${spanText(oldestAgeSeconds)}` : "";
  const queue =
    laneCount === 0
      ? "all delivered"
      : `${pointsText(queuedPoints)} queued (${sizeText(Number(queuedBytes))}${age})`;
  let x = canvas.put(1, y, ` ${queue}${signs.dot}${pointsText(deliveredPoints)} delivered`, PLAIN, width - 2);
  const put = (text: string, style: Style) => {
    x = canvas.put(x, y, `${signs.dot}${text}`, style, width - x - 1);
  };
  if (laneCount > 0) put(counted(laneCount, "lane"), PLAIN);
  if (status.troubledLaneCount > 0) put(`${status.troubledLaneCount} in trouble`, YELLOW);
  if (status.deadLetters > 0n) put(counted(status.deadLetters, "dead letter"), RED);
  if (status.journalError !== "") put(status.journalError, RED);
  canvas.put(x, y, " ", PLAIN);
}

function drawLane(
  canvas: Canvas,
  state: WatchState,
  lane: Lane,
  { y, width }: Box,
  { dot, dots }: Signs,
): void {
  const trouble = isTroubled(lane);
  let x = canvas.put(2, y, laneStateWord(lane.state), trouble ? YELLOW : GREEN);
  const name = `${nameOf(state, lane.runId)} ${dots.axis.floor} ${lane.tracker || "no tracker"}`;
  x = canvas.put(x + 2, y, name, PLAIN, Math.floor(width / 2));
  x = canvas.put(x, y, `${dot}${pointsText(lane.queuedPoints)} queued`, DIM, width - x);
  if (lane.lastError !== "") canvas.put(x, y, `${dot}${lane.lastError}`, trouble ? YELLOW : DIM, width - x);
}

function drawHelp(canvas: Canvas, { size }: Layout, signs: Signs): void {
  const keyCells = Math.max(...HELP.map(([keys]) => widthOf(keys)));
  const width = Math.min(size.columns, keyCells + Math.max(...HELP.map(([, what]) => widthOf(what))) + 8);
  const height = Math.min(size.rows, HELP.length + 4);
  const [x, y] = [Math.floor((size.columns - width) / 2), Math.floor((size.rows - height) / 2)];
  canvas.clear(x, y, width, height);
  const { side, floor, corner } = signs.dots.axis;
  const edge = floor.repeat(Math.max(0, width - 2));
  const corners = signs.isUnicode ? ["┌", "┐", "└", "┘"] : [corner, corner, corner, corner];
  for (let row = y + 1; row < y + height - 1; row++)
    for (const column of [x, x + width - 1]) canvas.set(column, row, side, DIM);
  canvas.put(x, y, `${corners[0]}${edge}${corners[1]}`, DIM);
  canvas.put(x, y + height - 1, `${corners[2]}${edge}${corners[3]}`, DIM);
  canvas.put(x + 2, y, " Keys: any closes this ", BOLD);
  for (const [at, [keys, what]] of HELP.entries()) {
    if (at + 2 >= height - 1) break;
    canvas.put(x + 3, y + 2 + at, keys, BOLD);
    canvas.put(x + 3 + keyCells + 2, y + 2 + at, what, PLAIN, width - keyCells - 7);
  }
}

function nameOf(state: WatchState, runId: string): string {
  return state.runs.find((run) => run.runId === runId)?.runName || runId.slice(0, 8);
}

function pointsText(points: bigint): string {
  return `${countText(points)} ${points === 1n ? "point" : "points"}`;
}

/** A count in four characters or so. */
function shortCount(count: bigint): string {
  const number = Number(count);
  if (number < 10_000) return String(number);
  const [unit, size] = number < 1e6 ? ["k", 1e3] : number < 1e9 ? ["M", 1e6] : ["G", 1e9];
  const text = number / size;
  return `${text < 10 ? text.toFixed(1) : Math.floor(text)}${unit}`;
}

/**
 * Where the lines of a grid stand, and what is written beside them. Pure, and bounded for any range of numbers: what uPlot
 * does by itself goes round for ever at some of them, and writes the same words beside all lines of a narrow range.
 */

const DATE_MS_MAX = 8.64e15;
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Of a clock and a calendar, below a month. */
const TIME_STEPS = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 15, 30].map((count) => count * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((count) => count * MINUTE),
  ...[1, 2, 3, 6, 12].map((count) => count * HOUR),
  ...[1, 2, 5, 10].map((count) => count * DAY),
];
const MONTH_STEPS = [1, 2, 3, 6];
const TICKS_MAX = 100;
/** Room over and below a line, of its height. */
const PAD = 0.08;
const DIGITS_MAX = 17;

/** A little more than from the least to the greatest value; around a single one, and 0 to 1 around none. */
export function paddedHeight(min: number, max: number, isLog: boolean): [number, number] {
  if (!(min <= max)) return isLog ? [1, 10] : [0, 1];
  if (isLog) {
    const factor = max > min ? Math.min(10, (max / min) ** PAD) : 1.2;
    return [
      Math.max(min / factor, Number.MIN_VALUE),
      Math.max(Math.min(max * factor, Number.MAX_VALUE), 2 * Number.MIN_VALUE),
    ];
  }
  const room = (max - min) * PAD || Math.abs(max) / 2 || 1;
  return [min - room, max + room];
}

/** At most so many places, at round distances of `least` at least. Empty where the range is none. */
export function ticksOf(min: number, max: number, most: number, least = 0): number[] {
  // Halves: the whole may be more than a number holds.
  const half = max / 2 - min / 2;
  const count = countOf(most);
  if (!(half > 0) || !Number.isFinite(half)) return [];
  const step = Math.max(least, roundStep((half / count) * 2));
  const first = Math.ceil(min / step);
  const ticks: number[] = [];
  for (let at = 0; at <= count; at++) {
    const tick = cleaned((first + at) * step, step);
    if (!(tick <= max) || tick === ticks.at(-1)) break;
    if (tick >= min) ticks.push(tick === 0 ? 0 : tick);
  }
  return ticks;
}

/** Powers of ten; of a range that holds fewer than two of them round distances. */
export function logTicksOf(min: number, max: number, most: number): number[] {
  if (!(min > 0) || !(max > min) || max === Number.POSITIVE_INFINITY) return [];
  const [from, to] = [Math.ceil(Math.log10(min) - 1e-9), Math.floor(Math.log10(max) + 1e-9)];
  if (to - from < 1) return ticksOf(min, max, most);
  const step = Math.max(1, Math.ceil((to - from) / countOf(most)));
  const ticks: number[] = [];
  for (let power = from; power <= to; power += step) ticks.push(Number(`1e${power}`));
  return ticks.filter((tick) => tick > 0 && Number.isFinite(tick));
}

/** Places of a clock, as it is here. What no clock shows has round distances. */
export function timeTicksOf(min: number, max: number, most: number): number[] {
  if (!(min < max) || min < -DATE_MS_MAX || max > DATE_MS_MAX) return ticksOf(min, max, most);
  const count = countOf(most);
  const step = TIME_STEPS.find((each) => (max - min) / each <= count);
  return step === undefined ? monthTicksOf(min, max, count) : clockTicksOf(min, max, step);
}

function clockTicksOf(min: number, max: number, step: number): number[] {
  // As a clock here has it: its midnight is a tick.
  const shift = new Date(min).getTimezoneOffset() * MINUTE;
  const ticks: number[] = [];
  for (let at = Math.ceil((min - shift) / step); at * step + shift <= max; at++)
    if (at * step + shift >= min) ticks.push(at * step + shift);
  return ticks;
}

function monthTicksOf(min: number, max: number, count: number): number[] {
  const begin = new Date(min);
  const months = (max - min) / (DAY * 30.44);
  const wanted = months / count;
  const step = MONTH_STEPS.find((each) => each >= wanted) ?? 12 * Math.max(1, roundStep(wanted / 12));
  const month = begin.getFullYear() * 12 + begin.getMonth();
  const ticks: number[] = [];
  for (let at = Math.ceil(month / step), end = at + TICKS_MAX; at < end; at++) {
    const date = new Date(2000, 0, 1);
    date.setFullYear(Math.floor((at * step) / 12), (((at * step) % 12) + 12) % 12, 1);
    const tick = date.getTime();
    if (!(tick <= max)) break;
    if (tick >= min) ticks.push(tick);
  }
  return ticks;
}

/** What is written beside ticks: as few digits as tell neighbours apart. */
export function tickWords(ticks: readonly number[], word: (value: number) => string): string[] {
  const words = ticks.map(word);
  if (new Set(words).size === words.length) return words;
  for (let digits = 5; digits < DIGITS_MAX; digits++) {
    const exact = ticks.map((tick) => exactNumber(tick, digits));
    if (exact.every((text, at) => isNear(Number(text), at, ticks))) return exact;
  }
  return ticks.map(String);
}

/** What is written beside places of a clock: the date where it is another one than before. */
export function timeWords(ticks: readonly number[]): string[] {
  const step = (ticks[1] ?? 0) - (ticks[0] ?? 0);
  let before = "";
  return ticks.map((tick) => {
    if (!(Math.abs(tick) <= DATE_MS_MAX)) return tick.toExponential(2);
    const date = new Date(tick);
    const isShort = ticks.length > 1 && step < SECOND;
    const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
    if (ticks.length > 1 && step >= 28 * DAY)
      return step >= 360 * DAY ? String(date.getFullYear()) : day.slice(0, -3);
    if (ticks.length > 1 && step >= DAY) return day;
    const time = clockWord(date, ticks.length > 1 ? step : 1);
    // Of a second's parts all the rest is said once.
    const rest = isShort ? `${day} ${clockWord(date, MINUTE)}` : day;
    const isSame = rest === before;
    before = rest;
    return isSame ? time.slice(isShort ? 6 : 0) : `${time.slice(isShort ? 6 : 0)}\n${rest}`;
  });
}

function clockWord(date: Date, step: number): string {
  const minutes = `${two(date.getHours())}:${two(date.getMinutes())}`;
  if (step >= MINUTE) return minutes;
  const seconds = `${minutes}:${two(date.getSeconds())}`;
  return step >= SECOND ? seconds : `${seconds}.${String(date.getMilliseconds()).padStart(3, "0")}`;
}

/** The next greater of 1, 2, 5 times a power of ten. */
function roundStep(width: number): number {
  const power = Math.floor(Math.log10(width));
  for (const [times, more] of [
    [1, 0],
    [2, 0],
    [5, 0],
    [1, 1],
  ] as const) {
    const step = Number(`${times}e${power + more}`);
    if (step >= width) return step;
  }
  return width;
}

/** Without what counting in halves adds: 0.30000000000000004. */
function cleaned(value: number, step: number): number {
  const digits = Math.max(0, Math.ceil(-Math.log10(step)) + 1);
  return digits > 0 && digits <= 100 ? Number(value.toFixed(digits)) : value;
}

/** Whether a number is the tick's, and no other's. */
function isNear(value: number, at: number, ticks: readonly number[]): boolean {
  const tick = ticks[at] ?? 0;
  return Math.abs(value - tick) <= Math.abs((ticks[at === 0 ? 1 : at - 1] ?? 0) - tick) / 100;
}

function exactNumber(value: number, digits: number): string {
  const size = Math.abs(value);
  if (value === 0) return "0";
  return size >= 1e15 || size < 1e-4
    ? value.toExponential(digits - 1).replace(/\.?0+e/, "e")
    : Number(value.toPrecision(digits)).toLocaleString("en-US", {
        maximumFractionDigits: 15,
        useGrouping: false,
      });
}

function countOf(most: number): number {
  return Math.max(1, Math.min(TICKS_MAX, Math.floor(most) || 1));
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}

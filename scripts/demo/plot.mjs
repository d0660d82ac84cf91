/** Draws a curve in the terminal: braille dots where the terminal can show them, else plain ASCII. */

/** How dots make up a character: the cell's size, and the glyph for a set of them (bit = row + rows * column). */
const braille = {
  columns: 2,
  rows: 4,
  // Unicode's own order of the eight dots.
  glyph: (bits) => {
    const order = [0, 1, 2, 6, 3, 4, 5, 7];
    const pattern = order.reduce((sum, to, bit) => sum + (((bits >> bit) & 1) << to), 0);
    return pattern === 0 ? " " : String.fromCodePoint(0x2800 + pattern);
  },
  axis: { side: "│", tick: "┤", corner: "└", floor: "─" },
};
const ascii = {
  columns: 1,
  rows: 2,
  glyph: (bits) => " '.:"[bits],
  axis: { side: "|", tick: "+", corner: "+", floor: "-" },
};

/** How wide the axis' labels are. */
const gutter = 10;

/** Whether the terminal's character set is UTF-8, as the environment says. */
export function isUtf8(env) {
  return /utf-?8/i.test(env.LC_ALL || env.LC_CTYPE || env.LANG || "");
}

/**
 * The lines of a plot, none wider than `width` characters. `points` are `{ step, value }`, finite
 * and in the order of their steps. A column of dots shows the mean of the points that fall into it;
 * the minimum and maximum of the title are those of the points. `isLog` asks for a logarithmic axis,
 * which only positive values can have.
 */
export function plot({ title, points, isLog, width, height, isUnicode }) {
  if (points.length === 0) return [`${title}: no points`];
  const style = isUnicode ? braille : ascii;
  const columns = Math.max(10, width - gutter - 1);
  const means = meansOf(points, columns * style.columns);
  const isLogPossible = isLog && means.every((mean) => mean === undefined || mean > 0);
  const scale = isLogPossible ? Math.log10 : (value) => value;
  const unscale = isLogPossible ? (value) => 10 ** value : scale;
  const heights = means.map((mean) => (mean === undefined ? undefined : scale(mean)));
  const [bottom, top] = rangeOf(heights.filter((value) => value !== undefined));

  const grid = Array.from({ length: height }, () => new Uint8Array(columns));
  for (const { x, y } of dotsOf(heights, { bottom, top, rows: height * style.rows })) {
    const row = grid[Math.floor(y / style.rows)];
    row[Math.floor(x / style.columns)] |= 1 << ((y % style.rows) + style.rows * (x % style.columns));
  }
  const { axis } = style;
  const labelled = [0, Math.floor((height - 1) / 2), height - 1];
  const body = grid.map((row, index) => {
    const value = unscale(top - ((top - bottom) * index) / (height - 1));
    const label = labelled.includes(index)
      ? `${brief(value).padStart(gutter - 1)} ${axis.tick}`
      : " ".repeat(gutter) + axis.side;
    return `${label}${Array.from(row, style.glyph).join("")}`.trimEnd();
  });
  const first = `step ${points[0].step}`;
  return [
    headingOf(title, points, isLogPossible),
    ...body,
    `${" ".repeat(gutter)}${axis.corner}${axis.floor.repeat(columns)}`,
    `${" ".repeat(gutter + 1)}${first}${String(points.at(-1).step).padStart(columns - first.length)}`,
  ];
}

function headingOf(title, points, isLog) {
  const values = points.map(({ value }) => value);
  const [lowest, highest] = rangeOf(values).map(brief);
  const scale = isLog ? ", log scale" : "";
  const count = points.length.toLocaleString("en");
  return `${title}: ${count} points, min ${lowest}, max ${highest}, last ${brief(values.at(-1))}${scale}`;
}

/** Each column's mean; undefined where no point falls into it. */
function meansOf(points, columns) {
  const from = points[0].step;
  const span = points.at(-1).step - from || 1;
  const sums = new Float64Array(columns);
  const counts = new Uint32Array(columns);
  for (const { step, value } of points) {
    const column = Math.round(((step - from) / span) * (columns - 1));
    sums[column] += value;
    counts[column] += 1;
  }
  return Array.from(sums, (sum, column) => (counts[column] > 0 ? sum / counts[column] : undefined));
}

/** The dots of a line through the heights; row 0 is the top. */
function* dotsOf(heights, { bottom, top, rows }) {
  let last;
  for (const [x, value] of heights.entries()) {
    if (value === undefined) continue;
    const y = (top === bottom ? 0.5 : (top - value) / (top - bottom)) * (rows - 1);
    last ??= { x, y };
    const steps = Math.max(1, x - last.x, Math.ceil(Math.abs(y - last.y)));
    for (let i = 0; i <= steps; i += 1) {
      const part = i / steps;
      yield { x: Math.round(last.x + (x - last.x) * part), y: Math.round(last.y + (y - last.y) * part) };
    }
    last = { x, y };
  }
}

function rangeOf(values) {
  return values.reduce(
    ([low, high], value) => [Math.min(low, value), Math.max(high, value)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  );
}

/** A number in at most nine characters. */
function brief(value) {
  const text = String(Number(value.toPrecision(4)));
  return text.length <= 9 ? text : value.toExponential(2);
}

import type { Plain, PlainRecord } from "./answer.js";

/** The value in YAML's block style. Texts are quoted as in JSON, which YAML 1.2 contains, so none is misread. */
export function yaml(value: Plain): string {
  return `${lines(value).join("\n")}\n`;
}

function lines(value: Plain): string[] {
  if (isList(value) && value.length > 0) return value.flatMap((item) => nest("-", item));
  if (isRecord(value) && Object.keys(value).length > 0) {
    return Object.entries(value).flatMap(([key, item]) => nest(`${keyOf(key)}:`, item));
  }
  return [JSON.stringify(value)];
}

/** A value behind its mark: on the same line, or indented below it (a list's item begins on the mark's line). */
function nest(mark: string, value: Plain): string[] {
  const inner = lines(value);
  const isBlock = typeof value === "object" && value !== null && (inner.length > 1 || isFilled(value));
  if (!isBlock) return [`${mark} ${inner[0]}`];
  if (mark !== "-") return [mark, ...inner.map((line) => `  ${line}`)];
  return inner.map((line, index) => (index === 0 ? `- ${line}` : `  ${line}`));
}

function isFilled(value: readonly Plain[] | PlainRecord): boolean {
  return Object.keys(value).length > 0;
}

/** Keys such as `yes` or `null` would be read as something else. */
function keyOf(key: string): string {
  return /^[a-z][a-z0-9]*(_[a-z0-9]+)+$/.test(key) ? key : JSON.stringify(key);
}

function isList(value: Plain): value is readonly Plain[] {
  return Array.isArray(value);
}

function isRecord(value: Plain): value is PlainRecord {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Parts of a file that a client asks for (`Range`), read as MLflow's server reads them (Starlette's FileResponse). Pure. */
import { readInt } from "../requests/python.js";

/** Bytes from `start` to before `end`. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

export type Wanted =
  | { readonly kind: "whole" }
  /** In their order, without overlaps; one at least. */
  | { readonly kind: "parts"; readonly ranges: readonly ByteRange[] }
  /** Nothing of it is in the file. */
  | { readonly kind: "outside" }
  | { readonly kind: "malformed"; readonly sentence: string };

/** More of them the server takes for a request of the whole file. */
const RANGES_MAX = 100;

/** What a request wants of a file of that size. */
export function readRange(header: string | undefined, size: number): Wanted {
  if (header === undefined) return { kind: "whole" };
  const split = header.indexOf("=");
  if (split < 0) return { kind: "malformed", sentence: "Malformed range header." };
  if (header.slice(0, split).trim().toLowerCase() !== "bytes")
    return { kind: "malformed", sentence: "Only support bytes range" };
  const parts = header.slice(split + 1).split(",");
  if (parts.length > RANGES_MAX) return { kind: "whole" };
  const ranges = parts.flatMap((part) => rangeOf(part, size) ?? []);
  if (ranges.length === 0) return { kind: "malformed", sentence: "Range header: range must be requested" };
  if (ranges.some(({ start }) => start < 0 || start >= size)) return { kind: "outside" };
  if (ranges.some(({ start, end }) => start >= end))
    return { kind: "malformed", sentence: "Range header: start must be less than end" };
  return { kind: "parts", ranges: merge(ranges) };
}

/** One of them; undefined for what is none. */
function rangeOf(part: string, size: number): ByteRange | undefined {
  const dash = part.indexOf("-");
  if (dash < 0) return undefined;
  const [first, last] = [part.slice(0, dash).trim(), part.slice(dash + 1).trim()];
  const end = last === "" ? undefined : readInt(last);
  const start = first === "" ? undefined : readInt(first);
  const isNumeric = (text: string, number: bigint | undefined) => text === "" || number !== undefined;
  if (!isNumeric(first, start) || !isNumeric(last, end)) return undefined;
  if (start === undefined)
    return end === undefined ? undefined : { start: Math.max(size - Number(end), 0), end: size };
  return { start: Number(start), end: end === undefined || end >= size ? size : Number(end) + 1 };
}

function merge(ranges: readonly ByteRange[]): ByteRange[] {
  const sorted = [...ranges].sort((one, other) => one.start - other.start || one.end - other.end);
  const merged: ByteRange[] = [];
  for (const range of sorted) {
    const before = merged.at(-1);
    if (before && range.start <= before.end)
      merged[merged.length - 1] = { start: before.start, end: Math.max(before.end, range.end) };
    else merged.push(range);
  }
  return merged;
}

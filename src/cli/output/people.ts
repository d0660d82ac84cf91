/** Values as people read them: the key's last word tells the unit. No control character of anybody's data. */
import { sizeText } from "../../model/size.js";
import type { Plain, PlainRecord } from "./answer.js";

/** A key as a title. */
export function titleOf(key: string): string {
  return key.replace(/_(ms|seconds)$/, "").replaceAll("_", " ");
}

/** A value; with `nowMs` times are told from there. */
export function people(key: string, value: Plain, nowMs?: number): string {
  if (value === null || value === "") return "-";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "number") return peopleNumber(key, value, nowMs);
  if (typeof value === "string") return visible(value);
  if (Array.isArray(value))
    return (value as readonly Plain[]).map((item) => people(key, item, nowMs)).join(", ") || "-";
  const fields = Object.entries(value as PlainRecord).map(
    ([name, field]) => `${name}=${people(name, field, nowMs)}`,
  );
  return visible(fields.join(", ")) || "-";
}

/** How long something took or lies back, in its two largest units: "2 h 5 min". */
export function spanText(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3_600) return `${Math.floor(whole / 60)} min`;
  if (whole < 86_400) {
    const minutes = Math.floor((whole % 3_600) / 60);
    return `${Math.floor(whole / 3_600)} h${minutes > 0 ? ` ${minutes} min` : ""}`;
  }
  const days = Math.floor(whole / 86_400);
  return `${days} ${days === 1 ? "day" : "days"}`;
}

/** A number of things, with separators. Not toLocaleString, which takes 10 ms the first time. */
export function countText(count: number | bigint): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** A metric's value in a few characters. */
export function valueText(value: number | string): string {
  if (typeof value === "string") return value;
  const rounded = Number(value.toPrecision(4));
  // The largest values there are would be rounded to an infinity.
  const text = String(Number.isFinite(rounded) ? rounded : value);
  return text.length <= 9 ? text : value.toExponential(2);
}

/** Names and error texts come from others: what would steer the terminal is shown as its code. */
export function visible(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu,
    (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`,
  );
}

/** JSON, or lines of it: what JSON.stringify leaves as it is of control characters has its code, and it means the same. */
export function visibleJson(text: string): string {
  return text.replace(
    /(?!\n)\p{Cc}|[\u2028\u2029]|\p{Bidi_Control}/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function peopleNumber(key: string, value: number, nowMs: number | undefined): string {
  if (key.endsWith("_ms")) return nowMs === undefined ? timeText(value) : agoText(value, nowMs);
  if (key.endsWith("_seconds")) return nowMs === undefined ? `${value.toFixed(1)} s` : spanText(value);
  if (key.endsWith("_bytes")) return sizeText(value);
  if (key === "pid") return String(value);
  if (Number.isInteger(value)) return countText(value);
  return nowMs === undefined ? String(value) : valueText(value);
}

function timeText(ms: number): string {
  const time = new Date(ms);
  // A file may say any number.
  if (Number.isNaN(time.getTime())) return String(ms);
  return time.toISOString().replace("T", " ").replace(/\..*/, " UTC");
}

/** Clocks of two machines may differ: what is yet to come is now. */
function agoText(ms: number, nowMs: number): string {
  const seconds = (nowMs - ms) / 1_000;
  return seconds < 1 ? "now" : `${spanText(seconds).replace(/ h .*/, " h")} ago`;
}

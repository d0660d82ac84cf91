/** Ids of this project: 32 lower-case hexadecimal digits. */
import { randomBytes } from "node:crypto";

export function newId(): string {
  return randomBytes(16).toString("hex");
}

export function isId(value: unknown): value is string {
  return typeof value === "string" && /^[0-9a-f]{32}$/.test(value);
}

/** A line of a relay's file of tokens: a digest, so that nobody gets in by what is in the file. */
import { createHash } from "node:crypto";

/** Of the one token that a deployment's daemons have. */
export function tokenLine(token: string): string {
  return `daemons sha256:${createHash("sha256").update(token).digest("hex")}\n`;
}

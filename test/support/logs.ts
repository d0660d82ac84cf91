import type { Log } from "../../src/model/log.js";

/** A log that keeps what it is told. */
export function keptLog(): { readonly log: Log; readonly messages: string[] } {
  const messages: string[] = [];
  return { log: (_level, message) => void messages.push(message), messages };
}

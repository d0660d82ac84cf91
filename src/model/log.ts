/** A line of the daemon's log: what happened, with facts. No credential may be in either. */
export type Log = (
  level: "info" | "warn" | "error",
  message: string,
  facts?: Record<string, unknown>,
) => void;

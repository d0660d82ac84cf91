/**
 * The moments at which a daemon of the torture kills itself. Where each one is in the code
 * stands in kill-points.ts.
 */
export const KILL_POINTS = [
  // The write path.
  "append: before",
  "append: written, not synced",
  "append: synced, not acknowledged",
  "ack: before it is written",
  "ack: written",
  "welcome: written",
  "run: before its start or end is on disk",
  "run: its start or end is on disk",
  // Delivery.
  "pack: handed to the worker",
  "pack: before the transaction",
  "pack: entries written, not its cursor",
  "pack: its cursor written",
  "commit: before",
  "commit: after",
  "pack: answered, not settled",
  "cursor: before the daemon's own",
  "cursor: the daemon's own is written",
  "cursor: the daemon's own is synced",
  // Segments and marks.
  "segment: before its head",
  "segment: its head is written, not synced",
  "rotation: before",
  "rotation: the new segment is made",
  "rotation: after",
  "segments: before they are noted",
  "segments: noted",
  // The journal opens itself again after a write that failed.
  "reopening: before the segments are read",
  "reopening: the segments are read",
  "removal: before",
  "removal: renamed",
  "removal: after",
  "marks: before they are retired",
  "marks: retired",
  "letter: before it is parked",
  "letter: parked",
  "archive: before",
  "archive: after",
  "endpoint: before it is named",
  "endpoint: named",
] as const;

/** The moments that a home meets once: its schema is made, and a tracker's tables are. */
export const FIRST_START_POINTS = [
  "migration: before",
  "migration: written, not synced",
  "migration: after",
  "tables: made, not committed",
  "tables: committed",
] as const;

/** The moments of the gateway, which its own mode meets. */
export const GATEWAY_POINTS = [
  "gateway: journaled, not answered",
  "gateway: a run is begun, not answered",
  "gateway: a model is begun, not answered",
  "gateway: a model's ids, before they are kept",
  "gateway: an artifact is written, not kept",
  "gateway: spooled, not answered",
  "gateway: uploaded, not noted",
] as const;

/** The moments of a relay, in the order in which a pack meets them. Its own mode meets them. */
export const RELAY_POINTS = [
  "relay: a stream is welcomed",
  "relay: before a group's transaction",
  "relay: cursors are moved, no entry is written",
  "relay: before its points are copied",
  "relay: in the midst of its points",
  "relay: its points are copied",
  "relay: a table in between is made",
  "relay: a table in between is filled",
  "relay: points are moved out of a table in between",
  "relay: before a commit",
  "relay: committed, not answered",
  "relay: outcomes are known, none is written",
  "relay: an outcome is written",
  "relay: a stream is asked to go",
  "relay: an outcome behind that, before it is written",
  "relay: an outcome behind that is written",
] as const;

/** Those of a relay that was told to end. */
export const RELAY_END_POINTS = [
  "relay: it is to end, no stream is asked to go",
  "relay: all streams are over",
  "relay: its connections are closed",
] as const;

/**
 * The moments at which a control dies: only points can be found doubled, and after a start the
 * first appends, packs and commits have none.
 */
export const CONTROL_POINTS = [
  "append: points synced, not acknowledged",
  "commit: of points, after",
  "pack: of points, answered, not settled",
] as const;

export type KillPoint =
  | (typeof KILL_POINTS)[number]
  | (typeof FIRST_START_POINTS)[number]
  | (typeof GATEWAY_POINTS)[number]
  | (typeof RELAY_POINTS)[number]
  | (typeof RELAY_END_POINTS)[number]
  | (typeof CONTROL_POINTS)[number];

/** Where the daemon's workers find which point is meant, as "hits point": it dies at that hit of the point. */
export const KILL_VARIABLE = "TORTURE_KILL";
/** The file to which a point's name is written right before the kill. */
export const HITS_VARIABLE = "TORTURE_HITS";
/** The folder of a keychain in files, in place of the machine's; none without it. */
export const KEYCHAIN_VARIABLE = "TORTURE_KEYCHAIN";
/** Which version of the relay's protocol the process speaks: "newer", or "older" and the path of its descriptors. */
export const VERSION_VARIABLE = "TORTURE_VERSION";
/** What a write that is made to fail says. */
export const FAILED_ON_PURPOSE = "a write that fails on purpose";
/** Which promise the daemon is made to break: a negative control. */
export const BREAK_VARIABLE = "TORTURE_BREAK";

/**
 * Journal writes are not synced, duplicates are not seen, the backend's cursors are not, acknowledgements come
 * too early, all starts of daemons have one name, or it is not seen that a store went back.
 */
export type Broken = "fsync" | "sequences" | "cursors" | "acks" | "names" | "stores";

/** What a row of the table of errors says, and the usual kinds of rows. */

/** The gRPC status names that the table uses, with their numbers. */
export const GRPC_STATUS = {
  INVALID_ARGUMENT: 3,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  INTERNAL: 13,
  UNAVAILABLE: 14,
} as const;

/** The exit codes of the command line. */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  daemonUnreachable: 3,
  notDrained: 4,
  deadLetters: 5,
  notAuthorised: 6,
  versionMismatch: 7,
} as const;

/** One row of the table. */
export interface ErrorRow {
  readonly grpc: keyof typeof GRPC_STATUS;
  /** Whether the same request can succeed later without a change. */
  readonly retry: "never" | "later";
  readonly exit: keyof typeof EXIT;
  readonly remedy: string;
}

/** The request itself is at fault. */
export const refused = (remedy: string): ErrorRow => ({
  grpc: "INVALID_ARGUMENT",
  retry: "never",
  exit: "failed",
  remedy,
});
/** What is named is not there. */
export const missing = (remedy: string): ErrorRow => ({
  grpc: "NOT_FOUND",
  retry: "never",
  exit: "failed",
  remedy,
});
/** Something must change first. */
export const wrongState = (remedy: string): ErrorRow => ({
  grpc: "FAILED_PRECONDITION",
  retry: "never",
  exit: "failed",
  remedy,
});
/** Credentials are missing, locked or refused. */
export const notAuthorised = (remedy: string): ErrorRow => ({
  grpc: "FAILED_PRECONDITION",
  retry: "later",
  exit: "notAuthorised",
  remedy,
});
/** There is no room; once there is, it passes. */
export const exhausted = (remedy: string): ErrorRow => ({
  grpc: "RESOURCE_EXHAUSTED",
  retry: "later",
  exit: "failed",
  remedy,
});
/** It passes by itself. */
export const passing = (remedy: string): ErrorRow => ({
  grpc: "UNAVAILABLE",
  retry: "later",
  exit: "failed",
  remedy,
});

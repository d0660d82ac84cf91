/** Which database it is: after a failover or a restore it is another one under the same address. */
import type { Connection } from "./connection.js";
import { sqlStateOf } from "./faults.js";
import { refuseStandby } from "./open-connection.js";
import type { Durability } from "./session.js";

/** Which database it is, and what its yes is worth. */
export interface StoreFacts {
  /** The cluster's identifier, which its copies share; empty where the server does not tell. */
  readonly backendId: string;
  /** Another one after each failover; empty where the server does not tell. */
  readonly timeline: string;
  readonly durability: Durability;
}

const IDENTIFIER = "SELECT system_identifier FROM pg_control_system()";
/** The control file names the timeline before a promotion until the next checkpoint; the log's own place does not. */
const TIMELINE = "SELECT left(pg_walfile_name(pg_current_wal_insert_lsn()), 8)";
/** What databases say that have no such function, or let nobody call it: some that are managed. */
const UNTOLD = new Set(["0A000", "42501", "42883", "55000"]);

/** Throws STEPWELL_DATABASE_READ_ONLY on a standby. */
export async function readFacts(connection: Connection, database: string): Promise<StoreFacts> {
  const [found] = await connection.exec(
    `SELECT pg_is_in_recovery(), current_setting('transaction_read_only'),
       current_setting('synchronous_standby_names') <> '' AND current_setting('synchronous_commit') <> 'local'`,
  );
  refuseStandby(database, found?.[0] === "t", found?.[1] === "on");
  return {
    backendId: await told(connection, IDENTIFIER),
    timeline: await told(connection, TIMELINE),
    durability: found?.[2] === "t" ? "replicated" : "local",
  };
}

async function told(connection: Connection, question: string): Promise<string> {
  try {
    const [found] = await connection.exec(question);
    return found?.[0] ?? "";
  } catch (error) {
    if (UNTOLD.has(sqlStateOf(error) ?? "")) return "";
    throw error;
  }
}

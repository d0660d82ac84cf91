import type { Clock } from "../model/clock.js";
import type { Backend } from "../model/target.js";
import { openSqliteSink } from "../sinks/mlflow-sql/sqlite-sink.js";
import type { Sink } from "../sinks/sink.js";

/** The sink of a backend. It touches nothing before its first use. */
export function openSink(backend: Backend, homeId: string, clock: Clock): Sink {
  const { databasePath, artifactRoot } = backend;
  return openSqliteSink({ databasePath, artifactRoot, homeId, clock });
}

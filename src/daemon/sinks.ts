import { toStepwellError } from "../errors/stepwell-error.js";
import type { Backend } from "../model/target.js";
import type { Sink, SinkLimits } from "../sinks/sink.js";

const LIMITS: SinkLimits = { pointsMax: 10_000, textsMax: 1_000, packsMax: 64 };

/** The sink of a backend. It touches nothing before its first use. */
export function openSink(backend: Backend, homeId: string): Sink {
  const { databasePath, artifactRoot } = backend;
  let opening: Promise<Sink> | undefined;
  const open = async () => {
    const path = "../sinks/mlflow-sql/sink.js";
    const { openSqliteSink } = (await import(path)) as { openSqliteSink: (o: object) => Promise<Sink> };
    return await openSqliteSink({ databasePath, artifactRoot, homeId });
  };
  return {
    limits: LIMITS,
    cursors: async () => new Map(),
    send: async (packs) => {
      try {
        opening ??= open();
        return await (await opening).send(packs);
      } catch (thrown) {
        opening = undefined;
        const { code, message: reason } = toStepwellError(thrown);
        return packs.map(() => ({ kind: "retry", code, reason }) as const);
      }
    },
    close: async () => {
      await (await opening)?.close();
    },
  };
}

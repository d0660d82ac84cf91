/**
 * A store in the home is found by the home's path. Where that leads nowhere, or elsewhere, for the moments
 * before the daemon ends, a delivery would make a store there, and count as one.
 */
import { type Backend, factsOf } from "../model/target.js";
import type { Outcome, Sink } from "../sinks/sink.js";

/** Which home, and whether it is where it was. */
export interface HomePlace {
  readonly home: string;
  readonly isInPlace: () => boolean;
}

/** The sink, which sends nothing to a store in a home that is elsewhere, and counts nothing that it sent meanwhile. */
export function sinkInPlace(sink: Sink, backend: Backend, { home, isInPlace }: HomePlace): Sink {
  if (!isInHome(factsOf(backend).file, home)) return sink;
  const { limits, cursors } = sink;
  return {
    ...{ limits, cursors },
    send: async (packs) => {
      const away = () => packs.map(() => awayFrom(home));
      if (!isInPlace()) return away();
      const outcomes = await sink.send(packs);
      // What was written all the same has its cursor beside it.
      return isInPlace() ? outcomes : away();
    },
    close: () => sink.close(),
  };
}

/** Whether a store's file lies in the home. */
export function isInHome(file: string | undefined, home: string): boolean {
  return file?.startsWith(`${home}/`) === true;
}

function awayFrom(home: string): Outcome {
  const reason = `The home ${home} is not where it was: its store is out of reach.`;
  return { kind: "retry", scope: "backend", code: "STEPWELL_HOME_GONE", reason };
}

/** A home's lanes as a flusher keeps them: each sends its next pack once the one before has its outcome. */
import type { Author, LeftCursor } from "../../src/model/cursor.js";
import type { Outcome, Sink } from "../../src/sinks/sink.js";
import { packFor } from "./relay.js";

export interface LaneCounts {
  /** Points that count as delivered, by run. */
  readonly points: Map<number, number>;
  /** Outcomes by kind and code. */
  readonly outcomes: Map<string, number>;
}

interface Lane {
  readonly run: number;
  after: LeftCursor | undefined;
  points: number;
}

/** Sends packs of some runs until `isOver`; resolves once the last ones have outcomes. */
export async function runLanes(
  sink: Sink,
  author: Author,
  runs: readonly number[],
  isOver: () => boolean,
  pointsEach = 20,
): Promise<LaneCounts> {
  const counts: LaneCounts = { points: new Map(), outcomes: new Map() };
  const lanes = runs.map((run): Lane => ({ run, after: undefined, points: 0 }));
  await Promise.all(lanes.map((lane) => runLane(sink, author, lane, counts, isOver, pointsEach)));
  return counts;
}

async function runLane(
  sink: Sink,
  author: Author,
  lane: Lane,
  { points, outcomes }: LaneCounts,
  isOver: () => boolean,
  pointsEach: number,
): Promise<void> {
  // A pack that has no answer yet is sent again even when it is over: what became of it has to be known.
  for (let isOpen = false; isOpen || !isOver(); ) {
    const { run, after } = lane;
    const seq = (after?.seq ?? 0) + 1;
    const through = lane.points + pointsEach;
    const pack = packFor({ run, author, after, seq, records: [pointsEach], pointsThrough: through });
    const [outcome] = await sink.send([pack]);
    if (!outcome) throw new Error("the sink did not answer");
    count(outcomes, outcome);
    const moved = outcome.kind === "elsewhere" && outcome.cursor?.seq === seq;
    isOpen = outcome.kind === "retry";
    if (isOpen) await new Promise((resolve) => setTimeout(resolve, 20));
    if (outcome.kind !== "delivered" && !moved) continue;
    lane.after = { ...author, seq };
    lane.points = through;
    points.set(run, through);
  }
}

function count(outcomes: Map<string, number>, outcome: Outcome): void {
  const name = "code" in outcome ? `${outcome.kind} ${outcome.code}: ${outcome.reason}` : outcome.kind;
  outcomes.set(name, (outcomes.get(name) ?? 0) + 1);
}

/**
 * A client process that speaks the protocol by hand, and not always politely: it sends what is
 * acknowledged already, leaves a sequence out and is told so, breaks its stream, and opens a
 * second stream beside the first.
 */
import { homeOf } from "../../../src/home/endpoint.js";
import type { Random } from "../random.js";
import { drive, type Subject } from "./driver.js";
import { rawRun } from "./raw-run.js";
import { RawStream } from "./raw-stream.js";

function openSubject(random: Random): Subject {
  const stream = new RawStream(homeOf(process.env), random);
  return {
    destinations: [["first"], ["first"], ["second"], ["first", "second"]],
    start: (runId, trackers) => rawRun(stream, runId, trackers),
    flush: () => stream.acknowledged(),
    close: () => stream.close(),
  };
}

await drive(openSubject);

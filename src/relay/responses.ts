import type { DeliverResponse } from "../gen/stepwell/v1/relay.js";
import { runMessage } from "../model/wire-run.js";
import { resultOf } from "../sinks/relay/outcome-message.js";
import type { PackAnswer } from "./group-writer.js";

/** What became of a pack, as its home is told. */
export function outcomeResponse(number: bigint, answer: PackAnswer): DeliverResponse["message"] {
  const { outcome, durability, writes, run } = answer;
  return {
    $case: "outcome",
    value: {
      number,
      result: resultOf(outcome, durability),
      ...(writes === undefined ? {} : { writes: BigInt(writes) }),
      run: runMessage(run),
      runUrl: run?.url ?? "",
    },
  };
}

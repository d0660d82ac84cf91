/** What a sink says of a pack, and what a cursor is, as the relay's protocol carries them; both ways. */
import { toStepwellError } from "../../errors/stepwell-error.js";
import { ERRORS, type ErrorCode } from "../../errors/table.js";
import {
  RelayDurability,
  type RelayFault,
  type RelayMoved,
  type RelayOutcome,
  type RelayRefusal,
  FaultScope as WireScope,
} from "../../gen/stepwell/v1/relay.js";
import type { CursorAnswer } from "../../model/cursor.js";
import type { FaultScope, Outcome, Refusal, RefusedEntry } from "../sink.js";

type Result = NonNullable<RelayOutcome["result"]>;

/** Why something was not done. */
export interface Fault {
  readonly scope: FaultScope;
  readonly code: ErrorCode;
  readonly reason: string;
  readonly afterMs?: number;
}

/** What a sink said, as it travels. */
export function resultOf(outcome: Outcome, durability: "local" | "replicated"): Result {
  switch (outcome.kind) {
    case "delivered": {
      const refused = outcome.refused.map(refusalMessage);
      return { $case: "delivered", value: { durability: DURABILITY[durability], refused } };
    }
    case "elsewhere":
      return { $case: "moved", value: movedMessage(outcome) };
    case "retry":
      return { $case: "retry", value: faultMessage(outcome) };
    case "hold":
      return { $case: "hold", value: faultMessage(outcome) };
    case "refused":
      return { $case: "refused", value: faultMessage({ ...outcome, scope: "run" }) };
  }
}

/** The same as it arrived; what a newer relay says beyond this protocol is a retry. */
export function outcomeOf({ result }: RelayOutcome): Outcome {
  switch (result?.$case) {
    case "delivered":
      return { kind: "delivered", refused: result.value.refused.map(readRefusal) };
    case "moved":
      return { kind: "elsewhere", ...readMoved(result.value) };
    case "retry":
      return { kind: "retry", ...readFault(result.value) };
    case "hold":
      return { kind: "hold", ...readFault(result.value) };
    case "refused": {
      const { code, reason } = readFault(result.value);
      return { kind: "refused", code, reason };
    }
    case undefined: {
      const reason = "The relay answered in a way that this version does not know.";
      return { kind: "retry", scope: "unclear", code: "STEPWELL_SERVER_NOT_UNDERSTOOD", reason };
    }
  }
}

export const DURABILITY = {
  local: RelayDurability.RELAY_DURABILITY_LOCAL,
  replicated: RelayDurability.RELAY_DURABILITY_REPLICATED,
} as const;

/** What was thrown, as it travels. */
export function thrownMessage(error: unknown, scope: FaultScope): RelayFault {
  const { code, message: reason } = toStepwellError(error);
  return faultMessage({ scope, code, reason });
}

function faultMessage({ scope, code, reason, afterMs }: Fault): RelayFault {
  return { scope: SCOPES[scope], code, reason, ...(afterMs === undefined ? {} : { afterMs }) };
}

/** A code that only a newer relay knows stands for the server's trouble, and its name stays in the reason. */
export function readFault({ scope, code, reason, afterMs }: RelayFault): Fault {
  const isKnown = Object.hasOwn(ERRORS, code);
  return {
    scope: SCOPE_NAMES[scope] ?? "unclear",
    code: isKnown ? (code as ErrorCode) : "STEPWELL_SERVER_FAILED",
    reason: isKnown ? reason : `${code}: ${reason}`,
    ...(afterMs === undefined ? {} : { afterMs }),
  };
}

const SCOPES: Readonly<Record<FaultScope, WireScope>> = {
  unclear: WireScope.FAULT_SCOPE_UNSPECIFIED,
  backend: WireScope.FAULT_SCOPE_BACKEND,
  run: WireScope.FAULT_SCOPE_RUN,
};
const SCOPE_NAMES: Readonly<Partial<Record<number, FaultScope>>> = {
  [WireScope.FAULT_SCOPE_UNSPECIFIED]: "unclear",
  [WireScope.FAULT_SCOPE_BACKEND]: "backend",
  [WireScope.FAULT_SCOPE_RUN]: "run",
};

export function movedMessage({ homeId, cursor }: CursorAnswer): RelayMoved {
  if (!cursor) return { homeId, cursor: undefined };
  const { seq, points, bytes, incarnation } = cursor;
  const whole = { sequence: BigInt(seq), points: BigInt(points), incarnation };
  return { homeId, cursor: bytes === undefined ? whole : { ...whole, bytes: BigInt(bytes) } };
}

export function readMoved({ homeId, cursor }: RelayMoved): CursorAnswer {
  if (!cursor) return { homeId, cursor: undefined };
  const { sequence, points, bytes, incarnation } = cursor;
  return {
    homeId,
    cursor: {
      seq: Number(sequence),
      points: Number(points),
      bytes: bytes === undefined ? undefined : Number(bytes),
      incarnation,
    },
  };
}

function refusalMessage({ code, reason, ...entry }: Refusal): RelayRefusal {
  return { code, reason, entry: entryMessage(entry) };
}

function entryMessage(entry: RefusedEntry): RelayRefusal["entry"] {
  if (entry.kind !== "metric") return { $case: entry.kind, value: { key: entry.key, value: entry.value } };
  const { key, modelId, dataset, step, timestampMs, value } = entry;
  const point = { steps: [step], timestampsMs: [timestampMs], values: [value] };
  return { $case: "metric", value: { key, modelId, ...point, ...(dataset ? { dataset } : {}) } };
}

function readRefusal({ code, reason, entry }: RelayRefusal): Refusal {
  const why = readFault({ scope: WireScope.FAULT_SCOPE_RUN, code, reason });
  return { ...readEntry(entry), code: why.code, reason: why.reason };
}

function readEntry(entry: RelayRefusal["entry"]): RefusedEntry {
  if (entry?.$case !== "metric")
    return { kind: entry?.$case ?? "tag", key: entry?.value.key ?? "", value: entry?.value.value ?? "" };
  const { key, modelId, dataset, steps, timestampsMs, values } = entry.value;
  const point = { step: steps[0] ?? 0n, timestampMs: timestampsMs[0] ?? 0n, value: values[0] ?? 0 };
  return { kind: "metric", key, modelId, dataset, ...point };
}

import type { ProcessIdentity } from "../gen/stepwell/v1/types.js";
import type { ProcessId } from "../model/process.js";

/** The process that a client says it is; undefined where it says nothing. */
export function processOf(identity: ProcessIdentity | undefined): ProcessId | undefined {
  if (!identity || identity.pid === 0) return undefined;
  const { bootId, pidNamespace, pid, startTicks } = identity;
  return { bootId, pidNamespace: `${pidNamespace}`, pid, startTicks: `${startTicks}` };
}

import type { ProcessIdentity } from "../gen/stepwell/v1/types.js";
import type { ProcessId } from "../model/process.js";

/**
 * The process that a client says it is. One that can't tell is known by the stream of its
 * producer, 16 bytes in hexadecimal digits; undefined where that is not given either.
 */
export function processOf(identity: ProcessIdentity | undefined, producerId: string): ProcessId | undefined {
  if (identity && identity.pid !== 0) {
    const { bootId, pidNamespace, pid, startTicks } = identity;
    return { bootId, pidNamespace: `${pidNamespace}`, pid, startTicks: `${startTicks}` };
  }
  if (producerId === "") return undefined;
  return { bootId: `producer ${producerId}`, pidNamespace: "0", pid: 0, startTicks: "0" };
}

/** The same the other way: a process that is known beyond its stream. */
export function identityOf({ bootId, pidNamespace, pid, startTicks }: ProcessId): ProcessIdentity {
  return { bootId, pidNamespace: BigInt(pidNamespace), pid, startTicks: BigInt(startTicks) };
}

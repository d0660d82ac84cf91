/**
 * A pack as it came, read, and held against what its caller may do: as far as it says of itself what it is. What is in
 * the backend is held against that there.
 */
import { toStepwellError } from "../../errors/stepwell-error.js";
import type { RelayPack } from "../../gen/stepwell/v1/relay.js";
import type { Pack } from "../../model/pack.js";
import { DEFAULT_WORKSPACE } from "../../model/rights.js";
import type { Outcome } from "../../sinks/sink.js";
import type { QueuedRead } from "../group-writer.js";
import { readPack } from "../read-pack.js";
import type { Caller } from "./callers.js";
import { mayWrite, type Tenant } from "./settings.js";

/** What may be queued, or what the pack is told at once. Never throws. */
export function judgePack(
  message: RelayPack,
  homeId: string,
  { tenant, rights }: Caller,
): { readonly read: QueuedRead } | { readonly outcome: Outcome } {
  try {
    const read = { ...readPack(message, homeId), rights };
    const outcome = packFault(tenant, read.pack);
    return outcome ? { outcome } : { read };
  } catch (error) {
    const { code, message: reason } = toStepwellError(error);
    return { outcome: { kind: "refused", code, reason } };
  }
}

/** A run that may not be written is held: nothing is given up for settings that may change. */
function packFault(tenant: Tenant, { start, calls }: Pack): Outcome | undefined {
  const held = { kind: "hold", scope: "run", code: "STEPWELL_NOT_PERMITTED" } as const;
  const { experimentName = "", workspace = DEFAULT_WORKSPACE } = start ?? {};
  if (!mayWrite(tenant, experimentName, workspace)) {
    const where = workspace === DEFAULT_WORKSPACE ? "" : ` in the workspace ${workspace}`;
    const name = JSON.stringify(experimentName.slice(0, 100));
    return { ...held, reason: `The tenant ${tenant.name} may not write to the experiment ${name}${where}.` };
  }
  // A call of the server's API may be about anything there.
  if (calls.length === 0 || tenant.experiments.includes("*")) return undefined;
  const reason = `The tenant ${tenant.name} may write to some experiments alone, and the run has a call of the server's API.`;
  return { ...held, reason };
}

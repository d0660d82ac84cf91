/** Where in the gateway the torture's moments are. */
import type { KillPoint } from "./kill-point-names.js";

/** Puts moments around an asynchronous method. */
export type Around = (
  owner: object,
  name: string,
  before: KillPoint | undefined,
  after: KillPoint | undefined,
) => void;

export async function wrapGateway(around: Around): Promise<void> {
  const { LogCalls } = await import("../../src/gateway/log-calls.js");
  const { GatewayRuns } = await import("../../src/gateway/gateway-runs.js");
  const { BegunModels } = await import("../../src/gateway/begun-models.js");
  const { BackendModels } = await import("../../src/runs/backend-models.js");
  const { ArtifactSpool, SpoolWriter } = await import("../../src/gateway/artifacts/artifact-spool.js");
  around(LogCalls.prototype, "answer", undefined, "gateway: journaled, not answered");
  around(GatewayRuns.prototype, "create", undefined, "gateway: a run is begun, not answered");
  around(BegunModels.prototype, "create", undefined, "gateway: a model is begun, not answered");
  around(BackendModels.prototype, "keep", "gateway: a model's ids, before they are kept", undefined);
  around(
    SpoolWriter.prototype,
    "keep",
    "gateway: an artifact is written, not kept",
    "gateway: spooled, not answered",
  );
  around(ArtifactSpool.prototype, "remove", "gateway: uploaded, not noted", undefined);
}

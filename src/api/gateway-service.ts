import type { GatewayServiceServer } from "../gen/stepwell/v1/gateway.js";
import { unary } from "./unary.js";

/** Who makes the gateway's addresses. */
export interface GatewayServiceOptions {
  /** For a tracker by its name or id, or for the default one; of a step run and its run there, or of none. Throws STEPWELL_TRACKER_UNKNOWN. */
  readonly openGateway: (
    tracker: string,
    stepRunId?: string,
    runId?: string,
  ) => Promise<{ readonly trackingUri: string; readonly tracker: string }>;
  /** The page's address. */
  readonly pageUrl: () => Promise<string>;
}

export function gatewayService({ openGateway, pageUrl }: GatewayServiceOptions): GatewayServiceServer {
  return {
    openGateway: unary(({ tracker }) => openGateway(tracker)),
    openPage: unary(async () => ({ url: await pageUrl() })),
  };
}

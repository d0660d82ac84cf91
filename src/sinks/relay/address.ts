/** Where a relay is, as a tracking_uri names it, and how a channel to it is made. */
import type { ChannelOptions } from "@grpc/grpc-js";
import { StepwellError } from "../../errors/stepwell-error.js";
import { readRelayUri } from "../../model/relay-uri.js";

export interface RelayAddress {
  /** As it is shown. */
  readonly text: string;
  /** As gRPC takes it. */
  readonly target: string;
  readonly isTls: boolean;
  readonly channelOptions: ChannelOptions;
}

/** A relay that does not answer a ping in this time is gone, or stopped: its stream ends, and another one is opened. */
const PING_MS = 15_000;
const PING_ANSWER_MS = 10_000;

/** A connection for each stream, to any of the addresses that the name has. */
export const CHANNEL_OPTIONS: ChannelOptions = {
  "grpc.use_local_subchannel_pool": 1,
  "grpc.enable_retries": 0,
  "grpc.enable_http_proxy": 0,
  "grpc.keepalive_time_ms": PING_MS,
  "grpc.keepalive_timeout_ms": PING_ANSWER_MS,
  "grpc.keepalive_permit_without_calls": 1,
  "grpc.service_config_disable_resolution": 1,
  "grpc.service_config": JSON.stringify({
    loadBalancingConfig: [{ pick_first: { shuffleAddressList: true } }],
  }),
};

/** Throws STEPWELL_CONFIG_INVALID. */
export function relayAddress(uri: string): RelayAddress {
  const read = readRelayUri(uri);
  if (read.kind === "refused") throw new StepwellError("STEPWELL_CONFIG_INVALID", read.reason);
  const { host, port, isTls, authority } = read;
  return {
    text: `${isTls ? "grpcs" : "grpc"}://${host}:${port}`,
    target: `dns:${host}:${port}`,
    isTls,
    channelOptions:
      authority === undefined
        ? {}
        : { "grpc.default_authority": authority, "grpc.ssl_target_name_override": authority },
  };
}

/**
 * Shows a process's metrics, where it was told to. Only a process that was told to loads this file, which is one with
 * OpenTelemetry's SDK: 20 ms of the processor and 2 MB.
 */

import { systemCode } from "../errors/system-code.js";
import type { MetricsConfig, PushConfig } from "../home/metrics-config.js";
import { within } from "../home/wait.js";
import type { Clock } from "../model/clock.js";
import type { HostPort } from "../model/host-port.js";
import { CALLS_END_MS } from "../model/limits.js";
import type { Log } from "../model/log.js";
import { isLoopback } from "../model/loopback.js";
import { DAEMON_METRICS } from "./daemon-metrics.js";
import type { DaemonSnapshot } from "./daemon-snapshot.js";
import { type Exported, prometheusText, pushByOtlp } from "./open-telemetry.js";
import { processSnapshot } from "./process-metrics.js";
import { RELAY_METRICS, type RelaySnapshot } from "./relay-metrics.js";
import { ScrapeServer } from "./scrape-server.js";

export interface MetricsOptions<Snapshot> {
  readonly config: MetricsConfig;
  /** Tells this process from others that export to the same place. */
  readonly instanceId: string;
  readonly snapshot: () => Snapshot;
  readonly clock: Clock;
  readonly log: Log;
  /** How long to wait where the address is taken, before it is tried again; undefined: that is an error. */
  readonly againMs?: number;
}

export interface ShownMetrics {
  /** The address that Prometheus reads; empty: none. */
  readonly url: string;
  /** What is wrong with showing them now, a sentence each. */
  readonly faults: readonly string[];
  /** Ends it, with a last push. */
  close(): Promise<void>;
}

/** Shows a daemon's metrics. Rejects where its address is taken, unless it may wait for it. */
export async function showDaemon(options: MetricsOptions<DaemonSnapshot>): Promise<ShownMetrics> {
  const snapshot = () => ({ ...options.snapshot(), process: processSnapshot() });
  return await show(options, { ...options, snapshot, metrics: DAEMON_METRICS, service: "stepwell-daemon" });
}

/** Shows a relay's metrics. Rejects where its address is taken. */
export async function showRelay(options: MetricsOptions<RelaySnapshot>): Promise<ShownMetrics> {
  const snapshot = () => ({ ...options.snapshot(), process: processSnapshot() });
  return await show(options, { ...options, snapshot, metrics: RELAY_METRICS, service: "stepwell-relay" });
}

const NO_ADDRESS = "the endpoint is no address";

async function show<Snapshot>(
  options: Omit<MetricsOptions<never>, "snapshot">,
  exported: Exported<Snapshot>,
): Promise<ShownMetrics> {
  const { listen, tokenFile, push } = options.config;
  const server = listen && new ScrapeServer({ address: listen, tokenFile, text: prometheusText(exported) });
  let again: NodeJS.Timeout | undefined;
  let addressFault: string | undefined;
  let pushFault: string | undefined;
  const open = async (): Promise<void> => {
    try {
      await server?.listen();
      addressFault = undefined;
      if (server) tellAddress(options, server.url);
    } catch (error) {
      if (options.againMs === undefined) throw error;
      const fault = addressText(listen, error, options.againMs);
      // It may be so for days.
      if (fault !== addressFault)
        options.log("warn", "the address for metrics can't be had", { reason: String(error) });
      addressFault = fault;
      again = setTimeout(() => void open(), options.againMs).unref();
    }
  };
  await open();
  const onResult = (reason: string | undefined) => {
    pushFault = reason && `Metrics can't be pushed by OTLP: ${reason}; look at OTEL_EXPORTER_OTLP_ENDPOINT.`;
  };
  let endPush: (() => Promise<void>) | undefined;
  try {
    endPush = push && (await beginPush(options.log, exported, push, onResult));
  } catch (error) {
    // What can be read stays to be read, and nothing listens where that was an error.
    if (options.againMs === undefined) {
      await server?.close();
      throw error;
    }
    options.log("error", "metrics can't be pushed", { reason: nameOf(error) });
    onResult(nameOf(error));
  }
  return {
    get url() {
      return server?.url ?? "";
    },
    get faults() {
      return [addressFault, server?.fault, pushFault].filter((fault) => fault !== undefined);
    },
    close: async () => {
      clearTimeout(again);
      if (endPush) await within(CALLS_END_MS, endPush());
      await server?.close();
    },
  };
}

function addressText(listen: HostPort | undefined, error: unknown, againMs: number): string {
  const address = listen ? `${listen.host}:${listen.port}` : "";
  const code = systemCode(error);
  const reason = code === "EADDRINUSE" ? "another process has it" : (code ?? String(error));
  return `Metrics can't be read at ${address}: ${reason}. It is tried again every ${againMs / 1_000} s.`;
}

function tellAddress({ config, log }: Pick<MetricsOptions<never>, "config" | "log">, url: string): void {
  const { listen, tokenFile } = config;
  log("info", "metrics can be read", { url });
  if (!listen || isLoopback(listen.host)) return;
  const who = tokenFile === undefined ? "everybody who reaches it" : "who shows the token, in plain text";
  log("warn", "metrics can be read from other machines", { url, who });
}

/** Says when pushes begin to fail, and when they get there again; no address and no header, which may hold a credential. */
async function beginPush<Snapshot>(
  log: Log,
  exported: Exported<Snapshot>,
  push: PushConfig,
  onResult: (reason: string | undefined) => void,
): Promise<() => Promise<void>> {
  if (!isAddress(push)) throw new Error(NO_ADDRESS);
  let isFailing = false;
  const end = await pushByOtlp(exported, push, (fault) => {
    onResult(fault && reasonOf(fault));
    if (fault && !isFailing) log("warn", "metrics can't be pushed", { reason: reasonOf(fault) });
    if (!fault && isFailing) log("info", "metrics are pushed again");
    isFailing = fault !== undefined;
  });
  const { protocol, intervalMs } = push;
  log("info", "metrics are pushed", { protocol, intervalMs });
  if (isPlainBeyond(push)) log("warn", "metrics are pushed to another machine in plain text");
  return end;
}

/** The SDK would push to its usual address instead, and say so to nobody. */
function isAddress({ endpoint, protocol }: PushConfig): boolean {
  // For gRPC it may be a host and a port.
  if (protocol === "grpc") return URL.canParse(endpoint) || URL.canParse(`https://${endpoint}`);
  return URL.canParse(endpoint) && /^https?:$/.test(new URL(endpoint).protocol);
}

/** Of another library's error only its name: its text may have the address, which may hold a credential. */
function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return "an unknown error";
  return error.message === NO_ADDRESS ? NO_ADDRESS : error.name;
}

function isPlainBeyond({ endpoint }: PushConfig): boolean {
  if (!URL.canParse(endpoint)) return false;
  const { protocol, hostname } = new URL(endpoint);
  return protocol === "http:" && !isLoopback(hostname);
}

function reasonOf(fault: Error & { readonly code?: string | number }): string {
  return fault.code === undefined ? fault.name : `${fault.name} ${fault.code}`;
}

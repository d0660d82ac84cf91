/**
 * Where a process shows its metrics: at an address that Prometheus reads, or pushed by OTLP, or both; nowhere unless it
 * is told. What is said of OTLP is OpenTelemetry's own variables, most of which its SDK reads by itself.
 */
import { StepwellError } from "../errors/stepwell-error.js";
import { type HostPort, readHostPort } from "../model/host-port.js";
import type { Environment } from "./endpoint.js";

export interface MetricsConfig {
  /** The address of the endpoint; undefined: there is none. */
  readonly listen: HostPort | undefined;
  /** A file with the token that lets somebody read it. */
  readonly tokenFile: string | undefined;
  /** Undefined: nothing is pushed. */
  readonly push: PushConfig | undefined;
}

export interface PushConfig {
  readonly protocol: "grpc" | "http/protobuf" | "http/json";
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** Where to, as far as a warning needs it. */
  readonly endpoint: string;
}

/** What was asked for, in the words of whoever asks. */
export interface MetricsAsked {
  readonly listen: string | undefined;
  readonly tokenFile: string | undefined;
  readonly push: boolean;
  /** What the settings are called, for what is wrong with them. */
  readonly listenName: string;
}

const PROTOCOLS = ["grpc", "http/protobuf", "http/json"] as const;
/** OpenTelemetry's own. */
const INTERVAL_MS = 60_000;
const TIMEOUT_MS = 30_000;

/** Undefined: no metrics. Throws STEPWELL_USAGE. */
export function metricsOf(asked: MetricsAsked, env: Environment): MetricsConfig | undefined {
  const { listen, tokenFile, push, listenName } = asked;
  const isOff = env["OTEL_SDK_DISABLED"]?.trim().toLowerCase() === "true";
  if (isOff || (!listen && !push)) return undefined;
  const address = listen ? readHostPort(listen) : undefined;
  if (listen && !address)
    throw new StepwellError("STEPWELL_USAGE", `${listenName} is HOST:PORT, as in 127.0.0.1:9464.`);
  return { listen: address, tokenFile: tokenFile || undefined, push: push ? pushOf(env) : undefined };
}

/** What OpenTelemetry's variables say; what is wrong in one counts as if it were not set, as its specification wants. */
function pushOf(env: Environment): PushConfig {
  const asked = env["OTEL_EXPORTER_OTLP_METRICS_PROTOCOL"] || env["OTEL_EXPORTER_OTLP_PROTOCOL"];
  const protocol = PROTOCOLS.find((each) => each === asked) ?? "http/protobuf";
  const intervalMs = positiveOf(env["OTEL_METRIC_EXPORT_INTERVAL"], INTERVAL_MS);
  const timeoutMs = positiveOf(env["OTEL_METRIC_EXPORT_TIMEOUT"], TIMEOUT_MS);
  const usual = protocol === "grpc" ? "http://localhost:4317" : "http://localhost:4318";
  const endpoint = env["OTEL_EXPORTER_OTLP_METRICS_ENDPOINT"] || env["OTEL_EXPORTER_OTLP_ENDPOINT"] || usual;
  return { protocol, intervalMs, timeoutMs: Math.min(timeoutMs, intervalMs), endpoint };
}

function positiveOf(text: string | undefined, usual: number): number {
  const value = Number(text);
  return Number.isSafeInteger(value) && value > 0 ? Math.min(value, 86_400_000) : usual;
}

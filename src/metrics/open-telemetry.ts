/**
 * OpenTelemetry's SDK over our own numbers. They come in by a producer of the SDK's, which is asked when somebody reads
 * or pushes: nothing of the library stands where points go through, and a histogram is read as the array that it is.
 */
import { type HrTime, ValueType } from "@opentelemetry/api";
import type { OTLPMetricExporterBase } from "@opentelemetry/exporter-metrics-otlp-http";
import { PrometheusExporter, PrometheusSerializer } from "@opentelemetry/exporter-prometheus";
import {
  defaultResource,
  detectResources,
  emptyResource,
  envDetector,
  type Resource,
  resourceFromAttributes,
} from "@opentelemetry/resources";
import {
  AggregationTemporality,
  type CollectionResult,
  DataPointType,
  InstrumentType,
  MeterProvider,
  type MetricData,
  type MetricProducer,
  PeriodicExportingMetricReader,
  type PushMetricExporter,
} from "@opentelemetry/sdk-metrics";
import type { PushConfig } from "../home/metrics-config.js";
import type { Clock } from "../model/clock.js";
import { DURATION_BOUNDS, type DurationCounts } from "../model/durations.js";
import { VERSION } from "../model/version.js";
import { type Metric, prometheusName, type Reading } from "./metric.js";

/** What is exported, and of whom. */
export interface Exported<Snapshot> {
  readonly metrics: readonly Metric<Snapshot>[];
  readonly snapshot: () => Snapshot;
  readonly clock: Clock;
  readonly service: string;
  readonly instanceId: string;
}

/** Answers what Prometheus reads, once for each question. */
export function prometheusText<Snapshot>(exported: Exported<Snapshot>): () => Promise<string> {
  const producer = new Producer(exported, { nameOf: prometheusName, isDelta: () => false });
  const reader = new PrometheusExporter({ preventServerStart: true, metricProducers: [producer] });
  // It gives the reader its resource.
  new MeterProvider({ resource: resourceOf(exported), readers: [reader] });
  const serializer = new PrometheusSerializer("", false, undefined, false, true);
  return async () => {
    const { resourceMetrics, errors } = await reader.collect();
    if (errors.length > 0) throw errors[0];
    return serializer.serialize(resourceMetrics);
  };
}

/** Pushes in the intervals that were told; `onResult` hears of each. Answers what ends it, with a last push. */
export async function pushByOtlp<Snapshot>(
  exported: Exported<Snapshot>,
  { protocol, intervalMs, timeoutMs }: PushConfig,
  onResult: (fault: Error | undefined) => void,
): Promise<() => Promise<void>> {
  const exporter = await exporterOf(protocol);
  const producer = new Producer(exported, {
    nameOf: ({ name }) => name,
    isDelta: (kind) =>
      exporter.selectAggregationTemporality(
        kind === "histogram" ? InstrumentType.HISTOGRAM : InstrumentType.OBSERVABLE_COUNTER,
      ) === AggregationTemporality.DELTA,
  });
  const reader = new PeriodicExportingMetricReader({
    exporter: heard(exporter, onResult),
    ...{ exportIntervalMillis: intervalMs, exportTimeoutMillis: timeoutMs, metricProducers: [producer] },
  });
  const provider = new MeterProvider({ resource: resourceOf(exported), readers: [reader] });
  return () => provider.shutdown();
}

/** Each is read only if it is asked for. */
async function exporterOf(protocol: PushConfig["protocol"]): Promise<OTLPMetricExporterBase> {
  switch (protocol) {
    case "grpc":
      return new (await import("@opentelemetry/exporter-metrics-otlp-grpc")).OTLPMetricExporter();
    case "http/json":
      return new (await import("@opentelemetry/exporter-metrics-otlp-http")).OTLPMetricExporter();
    case "http/protobuf":
      return new (await import("@opentelemetry/exporter-metrics-otlp-proto")).OTLPMetricExporter();
  }
}

/** The same, where somebody hears of results; the SDK would say them on a console that nobody has. */
function heard(
  exporter: OTLPMetricExporterBase,
  onResult: (fault: Error | undefined) => void,
): PushMetricExporter {
  return {
    export: (metrics, done) =>
      exporter.export(metrics, ({ error }) => {
        onResult(error);
        done({ code: 0 });
      }),
    forceFlush: () => exporter.forceFlush(),
    shutdown: () => exporter.shutdown(),
    selectAggregation: (kind) => exporter.selectAggregation(kind),
    selectAggregationTemporality: (kind) => exporter.selectAggregationTemporality(kind),
  };
}

/** OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES count for more than ours. */
function resourceOf({ service, instanceId }: Pick<Exported<never>, "service" | "instanceId">): Resource {
  const ours = { "service.name": service, "service.version": VERSION, "service.instance.id": instanceId };
  return defaultResource()
    .merge(resourceFromAttributes(ours))
    .merge(detectResources({ detectors: [envDetector] }));
}

interface ProducerManner {
  readonly nameOf: (metric: Metric<never>) => string;
  /** Whether numbers that only rise are told as what they rose by since they were told last. */
  readonly isDelta: (kind: "counter" | "histogram") => boolean;
}

class Producer<Snapshot> implements MetricProducer {
  readonly #exported: Exported<Snapshot>;
  readonly #manner: ProducerManner;
  readonly #begin: HrTime;
  /** When it was asked last, and what it told then, where only differences are told. */
  #before: HrTime;
  readonly #told = new Map<string, number>();

  constructor(exported: Exported<Snapshot>, manner: ProducerManner) {
    this.#exported = exported;
    this.#manner = manner;
    const { clock } = exported;
    this.#begin = timeOf(clock.nowMs() - 1_000 * process.uptime());
    this.#before = this.#begin;
  }

  async collect(): Promise<CollectionResult> {
    const { metrics, snapshot, clock } = this.#exported;
    const now = timeOf(clock.nowMs());
    const taken = snapshot();
    const data = metrics.map((metric) => this.#dataOf(metric, taken, now));
    this.#before = now;
    const scopeMetrics = [{ scope: { name: "stepwell", version: VERSION }, metrics: data }];
    return { resourceMetrics: { resource: emptyResource(), scopeMetrics }, errors: [] };
  }

  #dataOf(metric: Metric<Snapshot>, taken: Snapshot, endTime: HrTime): MetricData {
    const { unit, description, kind } = metric;
    const name = this.#manner.nameOf(metric);
    const descriptor = { name, unit, description, valueType: ValueType.DOUBLE };
    const rises = kind === "counter" || kind === "histogram";
    const isDelta = rises && this.#manner.isDelta(kind);
    const startTime = isDelta ? this.#before : this.#begin;
    const aggregationTemporality = isDelta ? AggregationTemporality.DELTA : AggregationTemporality.CUMULATIVE;
    const since = (key: string, value: number) => (isDelta ? this.#since(`${name} ${key}`, value) : value);
    const point = <Value>({ attributes }: Reading<unknown>, value: Value) => ({
      ...{ startTime, endTime, value },
      // Their names are checked where the metric is; undefined has no place among them.
      attributes: Object.fromEntries(Object.entries(attributes)),
    });
    const base = { descriptor, aggregationTemporality };
    if (metric.kind === "histogram") {
      const dataPoints = metric.read(taken).map((each) =>
        point(
          each,
          histogramOf(each.value, (part, value) => since(keyOf(each, part), value)),
        ),
      );
      return { ...base, dataPointType: DataPointType.HISTOGRAM, dataPoints };
    }
    const dataPoints = metric.read(taken).map((each) => point(each, since(keyOf(each, ""), each.value)));
    if (kind === "gauge") return { ...base, dataPointType: DataPointType.GAUGE, dataPoints };
    return { ...base, dataPointType: DataPointType.SUM, isMonotonic: kind === "counter", dataPoints };
  }

  #since(key: string, value: number): number {
    const before = this.#told.get(key) ?? 0;
    this.#told.set(key, value);
    return value - before;
  }
}

function keyOf({ attributes }: Reading<unknown>, part: string): string {
  return `${JSON.stringify(attributes)} ${part}`;
}

function histogramOf({ counts, sumSeconds }: DurationCounts, since: (part: string, value: number) => number) {
  const told = counts.map((count, bucket) => since(String(bucket), count));
  return {
    buckets: { boundaries: [...DURATION_BOUNDS], counts: told },
    sum: since("sum", sumSeconds),
    count: told.reduce((sum, count) => sum + count, 0),
  };
}

function timeOf(ms: number): HrTime {
  return [Math.floor(ms / 1_000), Math.round((ms % 1_000) * 1e6)];
}

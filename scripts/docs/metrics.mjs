/** The reference of the metrics of a daemon and of a relay. */
import { loadSource } from "./load-source.mjs";
import { cell, table } from "./table.mjs";

const KINDS = {
  counter: "counter",
  "up-down": "gauge",
  gauge: "gauge",
  histogram: "histogram",
};

/** What lists the metrics of a table. */
export function listMetrics(path, name) {
  return async () => {
    const { [name]: metrics } = await loadSource(path);
    const { prometheusLabel, prometheusName } = await loadSource("src/metrics/metric.ts");
    const rows = metrics.map((metric) => [
      `\`${prometheusName(metric)}\``,
      `\`${metric.name}\``,
      `\`${metric.unit}\``,
      KINDS[metric.kind],
      metric.attributes.map((each) => `\`${prometheusLabel(each)}\``).join(", "),
      cell(metric.description),
    ]);
    return table(["Prometheus", "OTLP", "unit", "kind", "labels", "meaning"], rows);
  };
}

/** What holds for every metric of the tables. */
import test from "ava";
import { DAEMON_METRICS } from "../../src/metrics/daemon-metrics.js";
import { prometheusLabel, prometheusName } from "../../src/metrics/metric.js";
import { RELAY_METRICS } from "../../src/metrics/relay-metrics.js";

const tables = { DAEMON_METRICS, RELAY_METRICS };
/** Words that Prometheus keeps for parts of a name, or of a histogram. */
const KEPT = /_(?:total|sum|count|bucket|seconds|bytes|created|info)$/;

for (const [name, metrics] of Object.entries(tables)) {
  test(`${name}: names and units are as OpenTelemetry wants them, and each is there once`, (t) => {
    for (const each of metrics) {
      t.regex(each.name, /^(?:stepwell|process)(?:\.[a-z]+(?:_[a-z]+)*)+$/);
      t.regex(each.unit, /^(?:s|By|\{[a-z]+\})$/, each.name);
      t.regex(each.description, /^[A-Z].*\.$/s, each.name);
      t.notRegex(each.name.replaceAll(".", "_"), KEPT);
    }
    t.is(new Set(metrics.map(prometheusName)).size, metrics.length);
    t.true(metrics.length > 5);
  });

  test(`${name}: no name is a part of another one's path`, (t) => {
    const names = metrics.map((each) => each.name);
    for (const each of names)
      t.false(
        names.some((other) => other.startsWith(`${each}.`)),
        each,
      );
  });
}

test("a unit is a word of Prometheus' name, and a counter a total", (t) => {
  t.is(
    prometheusName({ name: "stepwell.points.received", unit: "{point}", kind: "counter" }),
    "stepwell_points_received_total",
  );
  t.is(
    prometheusName({ name: "process.cpu.time", unit: "s", kind: "counter" }),
    "process_cpu_time_seconds_total",
  );
  t.is(
    prometheusName({ name: "stepwell.queue.size", unit: "By", kind: "up-down" }),
    "stepwell_queue_size_bytes",
  );
  t.is(prometheusLabel("stepwell.lane.state"), "stepwell_lane_state");
});

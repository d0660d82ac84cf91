/** The files of deploy/observe: what they ask for is there, all that is there is shown, and alerts fire when they should. */
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parser } from "@prometheus-io/lezer-promql";
import ava from "ava";
import { parse } from "yaml";
import { DAEMON_METRICS } from "../../src/metrics/daemon-metrics.js";
import { type Metric, prometheusLabel, prometheusName } from "../../src/metrics/metric.js";
import { RELAY_METRICS } from "../../src/metrics/relay-metrics.js";
import { scratchFolder } from "../support/folder.js";
import { ROOT } from "../support/home.js";

const FOLDER = join(ROOT, "deploy/observe");
const read = (name: string) => readFileSync(join(FOLDER, name), "utf8");

/** Each series with the labels that it may have, and the metric that it is of. */
function knownSeries(): Map<string, { metric: string; labels: readonly string[] }> {
  const all = new Map<string, { metric: string; labels: readonly string[] }>();
  const both: readonly Pick<Metric<never>, "name" | "unit" | "kind" | "attributes">[] = [
    ...DAEMON_METRICS,
    ...RELAY_METRICS,
  ];
  for (const metric of both) {
    const name = prometheusName(metric);
    const labels = ["instance", ...metric.attributes.map(prometheusLabel)];
    if (metric.kind !== "histogram") all.set(name, { metric: name, labels });
    else
      for (const [part, more] of [
        ["bucket", ["le"]],
        ["sum", []],
        ["count", []],
      ] as const)
        all.set(`${name}_${part}`, { metric: name, labels: [...labels, ...more] });
  }
  return all;
}

/** The series of an expression, and the labels that it names. Throws for one that is none. */
function partsOf(given: string): { series: string[]; labels: string[] } {
  const text = given.replaceAll("$__rate_interval", "5m");
  const found = { series: [] as string[], labels: [] as string[] };
  parser.parse(text).iterate({
    enter: ({ name, from, to, type }) => {
      if (type.isError) throw new Error(`no PromQL at ${from}: ${text}`);
      const word = text.slice(from, to);
      if (name === "Identifier") found.series.push(word);
      if (name === "LabelName") found.labels.push(word);
    },
  });
  if (found.series.length === 0) throw new Error(`it asks for nothing: ${text}`);
  return found;
}

/** What is wrong with an expression, and the metrics that it shows. */
function looked(expressions: readonly string[]): { faults: string[]; shown: Set<string> } {
  const known = knownSeries();
  const shown = new Set<string>();
  const faults = expressions.flatMap((expression) => {
    const { series, labels } = partsOf(expression);
    const asked = series.map((name) => known.get(name));
    for (const each of asked) if (each) shown.add(each.metric);
    const unknown = series.filter((name) => !known.has(name)).map((name) => `${name} is no metric`);
    const fitting = asked.flatMap((each) => each?.labels ?? []);
    const odd = labels.filter((label) => !fitting.includes(label)).map((label) => `${label} is no label`);
    return [...unknown, ...odd].map((fault) => `${fault}: ${expression}`);
  });
  return { faults, shown };
}

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: { readonly h: number; readonly w: number; readonly x: number; readonly y: number };
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[];
}

interface Dashboard {
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly name: string; readonly query: unknown }[] };
}

interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly action: string };
}

const dashboard = () => JSON.parse(read("dashboard.json")) as Dashboard;
const alerts = () =>
  (parse(read("alerts.yaml")) as { groups: { rules: AlertRule[] }[] }).groups.flatMap(({ rules }) => rules);

ava("the dashboard asks for metrics and labels that there are, and shows each metric", (t) => {
  const targets = dashboard().panels.flatMap((panel) => panel.targets ?? []);
  const { faults, shown } = looked(targets.map(({ expr }) => expr));
  t.deepEqual(faults, []);
  const all = new Set([...knownSeries().values()].map(({ metric }) => metric));
  t.deepEqual(
    [...all].filter((metric) => !shown.has(metric)),
    [],
    "a metric that no panel shows",
  );
  for (const { expr, legendFormat } of targets) {
    t.true(expr.includes('instance=~"$instance"'), expr);
    for (const [, label = ""] of legendFormat.matchAll(/\{\{(\w+)\}\}/g))
      t.true(
        label === "instance" || expr.includes(label) || ofSeries(expr).includes(label),
        `${label} of ${expr}`,
      );
  }
});

/** The labels of the series that an expression asks for. */
function ofSeries(expression: string): readonly string[] {
  return partsOf(expression).series.flatMap((name) => knownSeries().get(name)?.labels ?? []);
}

ava("each panel has its own place, a title and what it means", (t) => {
  const taken = new Set<string>();
  const ids = new Set<number>();
  for (const { id, type, title, description, gridPos, targets = [] } of dashboard().panels) {
    t.false(ids.has(id));
    ids.add(id);
    t.true(title.length > 0);
    if (type !== "row") t.true((description ?? "").endsWith(".") && targets.length > 0, title);
    const { x, y, w, h } = gridPos;
    t.true(x + w <= 24);
    for (let at = x; at < x + w; at++)
      for (let below = y; below < y + h; below++) {
        t.false(taken.has(`${at} ${below}`), `${title} lies over another panel`);
        taken.add(`${at} ${below}`);
      }
  }
  t.true(JSON.stringify(dashboard().templating).includes("process_uptime_seconds"));
});

ava("alerts ask for metrics and labels that there are, and say what is wrong and what to do", (t) => {
  const rules = alerts();
  t.true(rules.length > 5);
  t.deepEqual(looked(rules.map(({ expr }) => expr)).faults, []);
  for (const { alert, labels, annotations, expr } of rules) {
    t.true(["info", "warning", "critical"].includes(labels.severity), alert);
    t.true(annotations.summary.endsWith(".") && annotations.action.length > 0, alert);
    for (const [, label = ""] of annotations.summary.matchAll(/\$labels\.(\w+)/g))
      t.true(ofSeries(expr).includes(label), `${label} of ${alert}`);
  }
});

ava("each alert is tried", (t) => {
  const { tests } = parse(readFileSync(join(ROOT, "test/metrics/alerts.test.yaml"), "utf8")) as {
    tests: { alert_rule_test: { alertname: string; exp_alerts?: unknown[] }[] }[];
  };
  const fired = tests.flatMap(({ alert_rule_test }) =>
    alert_rule_test.filter(({ exp_alerts }) => exp_alerts),
  );
  t.deepEqual(
    alerts()
      .map(({ alert }) => alert)
      .filter((name) => !fired.some(({ alertname }) => alertname === name)),
    [],
  );
});

ava("an expression of what is not there is found, and so is one that is none", (t) => {
  t.deepEqual(looked(["sum(stepwell_nothing_total)"]).faults, [
    "stepwell_nothing_total is no metric: sum(stepwell_nothing_total)",
  ]);
  t.regex(looked(["sum by (run) (stepwell_queue_points)"]).faults[0] ?? "", /^run is no label/);
  t.regex(looked(['stepwell_queue_points{run_id="a"}']).faults[0] ?? "", /^run_id is no label/);
  t.throws(() => looked(["sum(stepwell_queue_points"]), { message: /no PromQL/ });
});

const hasPromtool = process.env["CI"] === "1" || spawnSync("promtool", ["--version"]).status === 0;
if (!hasPromtool)
  console.error("There is no promtool on the PATH: alerts are not tried. Debian's package is prometheus.");
const promtoolTest = hasPromtool ? ava : ava.skip;

promtoolTest(
  "promtool takes the rules and the configuration, and alerts fire when they should",
  async (t) => {
    const run = (...args: string[]) => {
      const { status, stdout, stderr, error } = spawnSync("promtool", args, {
        encoding: "utf8",
        cwd: FOLDER,
      });
      t.is(status, 0, `${error?.message ?? ""}${stdout}${stderr}`);
      return stdout;
    };
    t.regex(run("check", "rules", "alerts.yaml"), new RegExp(`SUCCESS: ${alerts().length} rules found`));
    run("check", "config", "--syntax-only", "prometheus.yaml");
    const tests = readFileSync(join(ROOT, "test/metrics/alerts.test.yaml"), "utf8");
    const path = join(await scratchFolder(t), "alerts.test.yaml");
    writeFileSync(path, tests.replace("[ALERTS]", `[${join(FOLDER, "alerts.yaml")}]`));
    t.regex(run("test", "rules", path), /SUCCESS/);
  },
);

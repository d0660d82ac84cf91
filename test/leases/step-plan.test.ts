/** Which trackers a step gets and what its settings mean; the numbers are rows of the parity list. */
import test from "ava";
import { StepwellError } from "../../src/errors/stepwell-error.js";
import { planStep, type StepWish } from "../../src/leases/step-plan.js";
import type { Component } from "../../src/stacks/component.js";
import type { KeyedSettings } from "../../src/stacks/tracker-settings.js";

const tracker = (name: string, configuration: Record<string, string> = {}, flavor = "mlflow"): Component => ({
  ...{ id: `id-${name}`, type: "experiment_tracker", name, flavor, configuration, labels: {}, createdMs: 1 },
});
const settings = (key: string, rest: Partial<KeyedSettings> = {}): KeyedSettings => ({
  ...{ key, experimentName: undefined, nested: undefined, tags: {} },
  ...rest,
});
const [ONE, TWO] = [tracker("one"), tracker("two")];

function plan(attached: readonly Component[], wish: Partial<StepWish> = {}, registered = attached) {
  const trackers = { all: false, names: ["one"] };
  const whole = { pipelineRunId: "p", pipelineName: "digits", invocationId: "train", trackers, levels: [] };
  return planStep({ attached, registered }, { ...whole, ...wish }, { stepwell: "1" });
}

const named = (...names: string[]) => ({ all: false, names });
const ALL = { all: true, names: [] };

function refusal(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof StepwellError) return `${error.code} ${error.message}`;
    throw error;
  }
  return "taken";
}

test("row 49: a step without a tracker touches none", (t) => {
  t.deepEqual(plan([ONE], { trackers: named() }).trackings, []);
});

test("row 50: a name is an attached tracker's; else the refusal lists those that are", (t) => {
  t.is(plan([TWO, ONE]).trackings[0]?.tracker, "one");
  t.regex(
    refusal(() => plan([ONE, TWO], { trackers: named("on") })),
    /^STEPWELL_TRACKER_UNKNOWN .*"on"; it has: one, two\. Did you mean "one"\?$/,
  );
  t.regex(
    refusal(() => plan([], { trackers: named("one") })),
    /it has: none/,
  );
});

test("rows 51, 52: True is all attached trackers, each with a run of its own", (t) => {
  const { trackings } = plan([ONE, TWO], { trackers: ALL });
  t.deepEqual(
    trackings.map((each) => each.tracker),
    ["one", "two"],
  );
  t.not(trackings[0]?.runId, trackings[1]?.runId);
  t.regex(
    refusal(() => plan([], { trackers: ALL })),
    /^STEPWELL_TRACKER_UNKNOWN/,
  );
});

test("row 53: a program outside of a pipeline uses the first attached tracker, or any that is registered", (t) => {
  const outside = { pipelineName: "", trackers: named() };
  t.is(plan([TWO, ONE], outside).trackings[0]?.tracker, "two");
  t.is(plan([TWO], { ...outside, trackers: named("one") }, [ONE, TWO]).trackings[0]?.tracker, "one");
  t.regex(
    refusal(() => plan([], outside, [ONE])),
    /^STEPWELL_TRACKER_UNKNOWN/,
  );
  t.is(plan([TWO], outside).trackings[0]?.experimentName, "Default");
});

test("outside of a pipeline a program may name the experiment itself, unless it was told one or has a child run", (t) => {
  const isOpen = (one: Component, wish: Partial<StepWish> = {}) =>
    plan([one], { pipelineName: "", ...wish }).trackings[0]?.isOpen ?? false;
  t.true(isOpen(ONE));
  t.true(isOpen(tracker("one", { experiment_name: "of the tracker" })));
  t.false(isOpen(ONE, { levels: [[settings("experiment_tracker", { experimentName: "mine" })]] }));
  t.false(isOpen(tracker("one", { nested: "true" })));
  t.false(isOpen(ONE, { pipelineName: "digits" }));
});

test("row 67: the experiment is the setting's, else the pipeline's name; an empty setting is none", (t) => {
  const experiment = (experimentName: string | undefined) =>
    plan([ONE], { levels: [[settings("experiment_tracker", { experimentName })]] }).trackings[0]
      ?.experimentName;
  t.is(experiment("mine"), "mine");
  t.is(experiment(""), "digits");
  t.is(experiment(undefined), "digits");
  t.regex(
    refusal(() => experiment("x".repeat(501))),
    /^STEPWELL_EXPERIMENT_INVALID/,
  );
});

test("rows 74, 75, 80: steps of one pipeline run share a run by its id; other runs, trackers and experiments don't", (t) => {
  const runId = (wish: Partial<StepWish> = {}) => plan([ONE, TWO], wish).trackings[0]?.runId;
  t.is(runId(), runId({ invocationId: "other" }));
  t.regex(runId() ?? "", /^[0-9a-f]{32}$/);
  const elsewhere = [settings("experiment_tracker", { experimentName: "e" })];
  const others = [
    runId({ pipelineRunId: "q" }),
    runId({ trackers: named("two") }),
    runId({ levels: [elsewhere] }),
  ];
  t.is(new Set([runId(), ...others]).size, 4);
});

test("row 82: nested gives the step a child run, the same for each attempt", (t) => {
  const levels = [[settings("experiment_tracker.mlflow", { nested: true })]];
  const [child] = plan([ONE], { levels }).trackings;
  t.is(child?.parentRunId, plan([ONE]).trackings[0]?.runId);
  t.is(child?.runId, plan([ONE], { levels }).trackings[0]?.runId);
  t.not(child?.runId, plan([ONE], { levels, invocationId: "train_2" }).trackings[0]?.runId);
});

test("rows 84, 85, 89: tags are merged key by key over component, pipeline and step, and our own tag is over all", (t) => {
  const one = tracker("one", {
    tags: '{"a": "component", "n": 7, "none": null}',
    experiment_name: "component",
  });
  const levels = [
    [settings("experiment_tracker", { tags: { a: "pipeline", b: "pipeline" }, experimentName: "pipeline" })],
    // "zenml" is nobody's but the caller's.
    [settings("experiment_tracker:one", { tags: { b: "step", stepwell: "mine", zenml: "0.98.0" } })],
  ];
  const [tracking] = plan([one], { levels }).trackings;
  t.deepEqual(tracking?.tags, { a: "pipeline", b: "step", n: "7", stepwell: "1", zenml: "0.98.0" });
  t.is(tracking?.experimentName, "pipeline");
});

test("rows 87, 88: component, pipeline and step say experiment_name and nested, the later one wins", (t) => {
  const one = tracker("one", { experiment_name: "component", nested: "yes" });
  t.like(plan([one]).trackings[0], { experimentName: "component" });
  t.not(plan([one]).trackings[0]?.parentRunId, "");
  const levels = [
    [settings("experiment_tracker", { nested: true })],
    [settings("experiment_tracker", { nested: false })],
  ];
  t.is(plan([one], { levels }).trackings[0]?.parentRunId, "");
});

test("row 90: the general key is the default tracker's, and needs one", (t) => {
  const levels = [[settings("experiment_tracker", { experimentName: "mine" })]];
  const names = plan([TWO, ONE], { levels, trackers: ALL }).trackings.map((each) => each.experimentName);
  t.deepEqual(names, ["mine", "digits"]);
  t.regex(
    refusal(() => plan([], { levels, trackers: named() })),
    /^STEPWELL_TRACKER_UNKNOWN/,
  );
});

test("row 91: the flavor's key is the only tracker of that flavor; two are ambiguous, none is ignored with a warning", (t) => {
  const levels = [[settings("experiment_tracker.mlflow", { experimentName: "mine" })]];
  t.is(plan([ONE], { levels }).trackings[0]?.experimentName, "mine");
  t.regex(
    refusal(() => plan([ONE, TWO], { levels })),
    /^STEPWELL_SETTING_INVALID .*ambiguous.*one, two; "experiment_tracker:one" is a name's key/,
  );
  const none = plan([ONE], { levels: [[settings("experiment_tracker.wandb")]] });
  t.regex(none.warnings[0] ?? "", /"experiment_tracker\.wandb" are ignored/);
});

test("row 92: a name's key is that tracker's; none is ignored with a warning", (t) => {
  const levels = [[settings("experiment_tracker:two", { experimentName: "mine" })]];
  const names = plan([ONE, TWO], { levels, trackers: ALL }).trackings.map((each) => each.experimentName);
  t.deepEqual(names, ["digits", "mine"]);
  t.regex(plan([ONE], { levels }).warnings[0] ?? "", /"experiment_tracker:two" are ignored/);
});

test("row 93: a malformed key is refused with the forms that there are", (t) => {
  for (const key of ["experiment-tracker", "experiment_tracker:", "experiment_tracker.", "mlflow"]) {
    t.regex(
      refusal(() => plan([ONE], { levels: [[settings(key)]] })),
      /^STEPWELL_SETTING_INVALID .*"experiment_tracker", "experiment_tracker\.FLAVOR" or "experiment_tracker:NAME"/,
    );
  }
});

test("a tag that MLflow would not take is refused before the step begins", (t) => {
  const withTag = (key: string, value: string) => () =>
    plan([ONE], { levels: [[settings("experiment_tracker", { tags: { [key]: value } })]] });
  t.regex(refusal(withTag("bad?", "1")), /^STEPWELL_KEY_INVALID/);
  t.regex(refusal(withTag("long", "x".repeat(8_001))), /^STEPWELL_VALUE_TOO_LONG/);
});

/** The numbers of fields, held against the code that is generated from the protocol. */
import test from "ava";
import * as daemon from "../../../src/gen/stepwell/v1/daemon.js";
import * as runs from "../../../src/gen/stepwell/v1/runs.js";
import * as secrets from "../../../src/gen/stepwell/v1/secrets.js";
import * as stackMessages from "../../../src/gen/stepwell/v1/stacks.js";
import { RunStatus } from "../../../src/gen/stepwell/v1/types.js";
import { Message } from "../src/message.js";
import * as stacks from "../src/stacks.js";
import * as state from "../src/state.js";

const NOTHING = new Uint8Array();
const TEXTS = { 'a "b"': "ä 𝔘", __proto__x: "", c: "d" };

const component = {
  id: "1",
  type: stackMessages.ComponentType.COMPONENT_TYPE_EXPERIMENT_TRACKER,
  name: "2",
  flavor: "3",
  configuration: TEXTS,
  createdMs: 1_700_000_000_001n,
  labels: { l: "m" },
};
const readComponent = {
  id: "1",
  name: "2",
  flavor: "3",
  configuration: TEXTS,
  labels: { l: "m" },
  createdMs: 1_700_000_000_001,
};

test("a state is read as the protocol has it", (t) => {
  const lane = (number: daemon.LaneState): daemon.Lane => ({
    runId: `run-${number}`,
    tracker: "t",
    lastError: number === 4 ? "why" : "",
    queuedPoints: 2n,
    deliveredPoints: 3n,
    oldestAgeSeconds: 0.25,
    state: number,
  });
  const status: daemon.Status = {
    ...daemon.Status.decode(NOTHING),
    queuedPoints: 11n,
    queuedBytes: 2n ** 52n,
    oldestAgeSeconds: 1.5,
    deliveredPoints: 13n,
    deadLetters: 14n,
    journaledPoints: 15n,
    duplicateBatches: 16n,
    rejectedEntries: 17n,
    producersConnected: 18,
    lanes: [0, 1, 2, 3, 4, 5, 99].map((number) => lane(number as daemon.LaneState)),
    journalError: "full",
    notices: ["one", "two"],
    laneCount: 19,
    runCount: 20,
  };
  const read = state.stateOf(new Message(daemon.GetStatusResponse.encode({ status }).finish()));
  const { lanes, ...rest } = read;
  t.deepEqual(rest, {
    queuedPoints: 11,
    queuedBytes: 2 ** 52,
    oldestAgeSeconds: 1.5,
    deliveredPoints: 13,
    deadLetters: 14,
    journaledPoints: 15,
    rejectedEntries: 17,
    producers: 18,
    journalError: "full",
    notices: ["one", "two"],
    runs: 20,
  });
  const states = ["unknown", "idle", "flushing", "waiting", "retrying", "held", "unknown"];
  t.deepEqual(
    lanes.map((one) => one.state),
    states as state.LaneState[],
  );
  t.deepEqual(lanes[4], {
    runId: "run-4",
    tracker: "t",
    state: "retrying",
    lastError: "why",
    queuedPoints: 2,
    deliveredPoints: 3,
    oldestAgeSeconds: 0.25,
  });
  t.is(lanes[0]?.lastError, undefined);
  const watched = daemon.WatchStatusResponse.encode({ status }).finish();
  t.deepEqual(state.stateOf(new Message(watched)), read);
  t.is(daemon.WatchStatusRequest.decode(state.watchStatus(50).request).intervalMs, 50);
});

test("a run is read as the protocol has it", (t) => {
  const run: runs.Run = {
    ...runs.Run.decode(NOTHING),
    runId: "id",
    runName: "name",
    experimentName: "experiment",
    status: RunStatus.RUN_STATUS_FAILED,
    startTimeMs: 1_700_000_000_001n,
    endTimeMs: 1_700_000_000_002n,
    journaledPoints: 9n,
    deliveries: [
      {
        tracker: "t",
        mlflowRunId: "m",
        experimentTrackerUrl: "u",
        deliveredPoints: 7n,
        queuedPoints: 2n,
        mlflowExperimentId: "e",
      },
    ],
    reason: "reason",
  };
  const read = (changes: Partial<runs.Run>) =>
    state.runStateOf(
      new Message(runs.GetRunResponse.encode({ run: { ...run, ...changes }, standing: "it waits" }).finish()),
    );
  t.deepEqual(read({}), {
    runId: "id",
    runName: "name",
    experimentName: "experiment",
    status: "FAILED",
    startTimeMs: 1_700_000_000_001,
    endTimeMs: 1_700_000_000_002,
    journaledPoints: 9,
    standing: "it waits",
    deliveries: [{ tracker: "t", mlflowRunId: "m", url: "u", deliveredPoints: 7, queuedPoints: 2 }],
  });
  t.is(read({ endTimeMs: 0n }).endTimeMs, undefined);
  for (const [name, number] of Object.entries(RunStatus))
    if (number > 0) t.is(`RUN_STATUS_${read({ status: number }).status}`, name);
  t.is(read({ status: 99 as RunStatus }).status, "UNKNOWN");
  t.is(runs.GetRunRequest.decode(state.getRun("0123").request).runId, "0123");
});

test("stacks, trackers and secrets are read as the protocol has them", (t) => {
  const stack: stackMessages.Stack = {
    id: "s",
    name: "n",
    experimentTrackers: [component, component],
    artifactStore: component,
    orchestrator: { ...component, id: "4" },
    active: true,
    createdMs: 5n,
    labels: TEXTS,
  };
  const readStack = {
    id: "s",
    name: "n",
    trackers: [readComponent, readComponent],
    artifactStore: readComponent,
    orchestrator: { ...readComponent, id: "4" },
    isActive: true,
    createdMs: 5,
    labels: TEXTS,
  };
  const { ListStacksResponse, GetStackResponse, RegisterStackResponse } = stackMessages;
  const piece = new Message(ListStacksResponse.encode({ stacks: [stack, stack], total: 4 }).finish());
  t.deepEqual(stacks.listedStacks([piece, piece]), [readStack, readStack, readStack, readStack]);
  for (const answer of [GetStackResponse.encode({ stack }), RegisterStackResponse.encode({ stack })])
    t.deepEqual(stacks.answeredStack(new Message(answer.finish())), readStack);
  const { ListComponentsResponse, RegisterComponentResponse } = stackMessages;
  const listed = new Message(ListComponentsResponse.encode({ components: [component], total: 1 }).finish());
  t.deepEqual(stacks.listedComponents([listed]), [readComponent]);
  const registered = RegisterComponentResponse.encode({ component, notes: ["note"] }).finish();
  t.deepEqual(stacks.answeredComponent(new Message(registered)), readComponent);
  const secret: secrets.Secret = {
    ...secrets.Secret.decode(NOTHING),
    id: "i",
    name: "n",
    keys: ["a", "b"],
    backend: secrets.SecretBackend.SECRET_BACKEND_KEYCHAIN,
  };
  const readSecret = { id: "i", name: "n", keys: ["a", "b"], backend: "keychain" } as const;
  const made = secrets.CreateSecretResponse.encode({ secret }).finish();
  t.deepEqual(stacks.answeredSecret(new Message(made)), readSecret);
  const all = secrets.ListSecretsResponse.encode({ secrets: [secret, { ...secret, backend: 2 }], total: 2 });
  t.deepEqual(stacks.listedSecrets(new Message(all.finish())), [
    readSecret,
    { ...readSecret, backend: "vault" },
  ]);
});

test("requests are written as the protocol has them, and go where it says", (t) => {
  const tracker = stacks.registerTracker({ name: "n", configuration: TEXTS, labels: { l: "m" } });
  t.like(stackMessages.RegisterComponentRequest.decode(tracker.request), {
    type: stackMessages.ComponentType.COMPONENT_TYPE_EXPERIMENT_TRACKER,
    name: "n",
    flavor: "mlflow",
    configuration: TEXTS,
    labels: { l: "m" },
    validateOnly: false,
  });
  const stack = stacks.registerStack({ name: "n", trackers: ["a", "b"], setActive: true });
  t.like(stackMessages.RegisterStackRequest.decode(stack.request), {
    name: "n",
    experimentTrackers: ["a", "b"],
    setActive: true,
    validateOnly: false,
  });
  const secret = stacks.createSecret("n", TEXTS);
  t.deepEqual(secrets.CreateSecretRequest.decode(secret.request), { name: "n", values: TEXTS });
  t.is(stackMessages.ListComponentsRequest.decode(stacks.LIST_TRACKERS.request).type, 1);
  const drained = state.drainRuns(70_000, ["a", "b"]);
  t.deepEqual(daemon.FlushRequest.decode(drained.request), { timeoutMs: 70_000, runIds: ["a", "b"] });
  const { StacksServiceService: ofStacks } = stackMessages;
  const paths: readonly (readonly [{ readonly path: string }, { readonly path: string }])[] = [
    [tracker, ofStacks.registerComponent],
    [stack, ofStacks.registerStack],
    [stacks.LIST_STACKS, ofStacks.listStacks],
    [stacks.LIST_TRACKERS, ofStacks.listComponents],
    [stacks.GET_ACTIVE_STACK, ofStacks.getStack],
    [secret, secrets.SecretsServiceService.createSecret],
    [stacks.LIST_SECRETS, secrets.SecretsServiceService.listSecrets],
    [state.GET_STATUS, daemon.DaemonServiceService.getStatus],
    [state.watchStatus(50), daemon.DaemonServiceService.watchStatus],
    [state.getRun("0123"), runs.RunsServiceService.getRun],
    [drained, daemon.DaemonServiceService.flush],
  ];
  for (const [ours, theirs] of paths) t.is(ours.path, theirs.path);
});

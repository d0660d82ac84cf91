/** Random changes of components, stacks and secrets, each for a daemon and for the books that it is held against. */
import type { DaemonClients } from "../../src/cli/daemon/client.js";
import { ComponentType } from "../../src/gen/stepwell/v1/stacks.js";
import { registerWithSecrets, updateWithSecrets } from "../../src/secrets/credentials.js";
import type { Random } from "./random.js";
import { secretSteps } from "./secret-steps.js";
import type { Books } from "./state-books.js";

/** One change. Both sides throw StepwellErrors with the same codes. */
export interface StateStep {
  readonly title: string;
  inDaemon(clients: DaemonClients): Promise<unknown>;
  inBooks(books: Books): Promise<unknown>;
}

const TRACKER = ComponentType.COMPONENT_TYPE_EXPERIMENT_TRACKER;
const KEPT = { removedExperimentTrackers: [], artifactStore: "", orchestrator: "", labels: {} };

/** A change that fits what the books hold, most of the time. */
export function randomStep({ stacks: book, secrets }: Books, random: Random): StateStep {
  const trackers = book.components("experiment_tracker").map(({ name }) => name);
  const stacks = book.stacks().map(({ name }) => name);
  const names = secrets.list().map(({ name }) => name);
  const some = (names: readonly string[]) => (names.length > 0 ? random.pick(names) : "none");
  const fresh = () => `n${random.between(1, 40)}`;
  return random.pick([
    () => registerTracker(fresh(), fresh()),
    () => registerTracker(fresh(), fresh(), random.pick([fresh(), `{{${some(names)}.token}}`])),
    () => updateTracker(some(trackers), fresh()),
    () => updateTracker(some(trackers), fresh(), random.pick([fresh(), `{{${some(names)}.token}}`])),
    ...secretSteps(names, random),
    () => renameTracker(some(trackers), fresh()),
    () => deleteTracker(some(trackers)),
    () => registerStack(fresh(), [some(trackers), some(trackers)], random.chance(0.5)),
    () => updateStack(some(stacks), some(trackers)),
    () => setActive(some(stacks)),
    () => importStack(fresh(), [fresh(), fresh(), fresh()]),
    () => importStack(fresh(), [fresh(), fresh()]),
    () => deleteStack(some(stacks)),
    () => deleteStack(some(stacks)),
  ])();
}

/** With a credential it is at a server; one in plain text goes to a secret in the same change. */
function settingsOf(label: string, token: string | undefined): Record<string, string> {
  return token === undefined
    ? { tracking_uri: `sqlite:////${label}.db` }
    : { tracking_uri: `https://${label}`, tracking_token: token };
}

function registerTracker(name: string, label: string, token?: string): StateStep {
  const wanted = { name, flavor: "mlflow", configuration: settingsOf(label, token), labels: { label } };
  return {
    title: `register ${name}`,
    inDaemon: ({ stacks, call }) =>
      call(stacks.registerComponent.bind(stacks), { ...wanted, type: TRACKER, validateOnly: false }),
    inBooks: ({ stacks, secrets }) =>
      registerWithSecrets(stacks, secrets, { ...wanted, type: "experiment_tracker" }),
  };
}

function updateTracker(name: string, label: string, token?: string): StateStep {
  const change = { configuration: settingsOf(label, token), labels: { label } };
  return {
    title: `update ${name}`,
    inDaemon: ({ stacks, call }) =>
      call(stacks.updateComponent.bind(stacks), {
        ...change,
        type: TRACKER,
        component: name,
        validateOnly: false,
      }),
    inBooks: ({ stacks, secrets }) =>
      updateWithSecrets(stacks, secrets, { type: "experiment_tracker", nameOrId: name }, change),
  };
}

function renameTracker(name: string, newName: string): StateStep {
  return {
    title: `rename ${name} to ${newName}`,
    inDaemon: ({ stacks, call }) =>
      call(stacks.renameComponent.bind(stacks), { type: TRACKER, component: name, newName }),
    inBooks: ({ stacks }) => stacks.renameComponent("experiment_tracker", name, newName),
  };
}

function deleteTracker(name: string): StateStep {
  return {
    title: `delete ${name}`,
    inDaemon: ({ stacks, call }) =>
      call(stacks.deleteComponent.bind(stacks), { type: TRACKER, component: name }),
    inBooks: ({ stacks }) => stacks.deleteComponent("experiment_tracker", name),
  };
}

/** Two keys of the store change where it is made active. */
function registerStack(name: string, experimentTrackers: string[], setActive: boolean): StateStep {
  const wanted = { name, experimentTrackers, artifactStore: "", orchestrator: "", labels: {} };
  return {
    title: `register stack ${name}${setActive ? ", active" : ""}`,
    inDaemon: ({ stacks, call }) =>
      call(stacks.registerStack.bind(stacks), { ...wanted, setActive, validateOnly: false }),
    inBooks: ({ stacks }) => stacks.registerStack(wanted, setActive),
  };
}

function updateStack(name: string, tracker: string): StateStep {
  const change = { ...KEPT, experimentTrackers: [tracker], defaultExperimentTracker: "" };
  return {
    title: `update stack ${name}`,
    inDaemon: ({ stacks, call }) =>
      call(stacks.updateStack.bind(stacks), { ...change, stack: name, validateOnly: false }),
    inBooks: ({ stacks }) => stacks.updateStack(name, change),
  };
}

function setActive(name: string): StateStep {
  return {
    title: `set ${name}`,
    inDaemon: ({ stacks, call }) => call(stacks.setActiveStack.bind(stacks), { stack: name }),
    inBooks: ({ stacks }) => stacks.setActive(name),
  };
}

/** Several keys change: the components, and the stack that holds them. */
function importStack(name: string, trackers: readonly string[]): StateStep {
  const parts = [...new Set(trackers)].map((each) => ({
    name: each,
    flavor: "mlflow",
    configuration: { tracking_uri: `sqlite:////${name}.db` },
    labels: {},
  }));
  return {
    title: `import stack ${name}`,
    inDaemon: ({ stacks, call }) =>
      call(stacks.importStack.bind(stacks), {
        name,
        labels: { imported: "yes" },
        components: parts.map((part) => ({ ...part, id: "", type: TRACKER, createdMs: 0n })),
        renameOnConflict: true,
        validateOnly: false,
      }),
    inBooks: ({ stacks }) => {
      const components = parts.map((part) => ({ ...part, type: "experiment_tracker" as const }));
      return stacks.importStack({ name, labels: { imported: "yes" }, components }, true);
    },
  };
}

/** Several keys change: the stack, and the components that no other stack holds. */
function deleteStack(name: string): StateStep {
  return {
    title: `delete stack ${name} with its components`,
    inDaemon: ({ stacks, call }) => call(stacks.deleteStack.bind(stacks), { stack: name, recursive: true }),
    inBooks: ({ stacks }) => stacks.deleteStack(name, true),
  };
}

/** Random changes of components and stacks, each for a daemon and for the book that it is held against. */
import type { DaemonClients } from "../../src/cli/client.js";
import { ComponentType } from "../../src/gen/stepwell/v1/stacks.js";
import type { StackBook } from "../../src/state/stack-book.js";
import type { Random } from "./random.js";

/** One change. Both sides throw StepwellErrors with the same codes. */
export interface StateStep {
  readonly title: string;
  inDaemon(clients: DaemonClients): Promise<unknown>;
  inBook(book: StackBook): Promise<unknown>;
}

const TRACKER = ComponentType.COMPONENT_TYPE_EXPERIMENT_TRACKER;
const KEPT = { removedExperimentTrackers: [], artifactStore: "", orchestrator: "", labels: {} };

/** A change that fits what the book holds, most of the time. */
export function randomStep(book: StackBook, random: Random): StateStep {
  const trackers = book.components("experiment_tracker").map(({ name }) => name);
  const stacks = book.stacks().map(({ name }) => name);
  const some = (names: readonly string[]) => (names.length > 0 ? random.pick(names) : "none");
  const fresh = () => `n${random.between(1, 40)}`;
  return random.pick([
    () => registerTracker(fresh(), fresh()),
    () => registerTracker(fresh(), fresh()),
    () => updateTracker(some(trackers), fresh()),
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

function registerTracker(name: string, label: string): StateStep {
  const wanted = { name, flavor: "mlflow", configuration: {}, labels: { label } };
  return {
    title: `register ${name}`,
    inDaemon: ({ stacks, call }) =>
      call(stacks.registerComponent.bind(stacks), { ...wanted, type: TRACKER, validateOnly: false }),
    inBook: (book) => book.registerComponent({ ...wanted, type: "experiment_tracker" }),
  };
}

function updateTracker(name: string, label: string): StateStep {
  const change = { configuration: { tracking_uri: `sqlite:////${label}.db` }, labels: { label } };
  return {
    title: `update ${name}`,
    inDaemon: ({ stacks, call }) =>
      call(stacks.updateComponent.bind(stacks), {
        ...change,
        type: TRACKER,
        component: name,
        validateOnly: false,
      }),
    inBook: (book) => book.updateComponent("experiment_tracker", name, change),
  };
}

function renameTracker(name: string, newName: string): StateStep {
  return {
    title: `rename ${name} to ${newName}`,
    inDaemon: ({ stacks, call }) =>
      call(stacks.renameComponent.bind(stacks), { type: TRACKER, component: name, newName }),
    inBook: (book) => book.renameComponent("experiment_tracker", name, newName),
  };
}

function deleteTracker(name: string): StateStep {
  return {
    title: `delete ${name}`,
    inDaemon: ({ stacks, call }) =>
      call(stacks.deleteComponent.bind(stacks), { type: TRACKER, component: name }),
    inBook: (book) => book.deleteComponent("experiment_tracker", name),
  };
}

/** Two keys of the store change where it is made active. */
function registerStack(name: string, experimentTrackers: string[], setActive: boolean): StateStep {
  const wanted = { name, experimentTrackers, artifactStore: "", orchestrator: "", labels: {} };
  return {
    title: `register stack ${name}${setActive ? ", active" : ""}`,
    inDaemon: ({ stacks, call }) =>
      call(stacks.registerStack.bind(stacks), { ...wanted, setActive, validateOnly: false }),
    inBook: (book) => book.registerStack(wanted, setActive),
  };
}

function updateStack(name: string, tracker: string): StateStep {
  const change = { ...KEPT, experimentTrackers: [tracker], defaultExperimentTracker: "" };
  return {
    title: `update stack ${name}`,
    inDaemon: ({ stacks, call }) =>
      call(stacks.updateStack.bind(stacks), { ...change, stack: name, validateOnly: false }),
    inBook: (book) => book.updateStack(name, change),
  };
}

function setActive(name: string): StateStep {
  return {
    title: `set ${name}`,
    inDaemon: ({ stacks, call }) => call(stacks.setActiveStack.bind(stacks), { stack: name }),
    inBook: (book) => book.setActive(name),
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
    inBook: (book) => {
      const components = parts.map((part) => ({ ...part, type: "experiment_tracker" as const }));
      return book.importStack({ name, labels: { imported: "yes" }, components }, true);
    },
  };
}

/** Several keys change: the stack, and the components that no other stack holds. */
function deleteStack(name: string): StateStep {
  return {
    title: `delete stack ${name} with its components`,
    inDaemon: ({ stacks, call }) => call(stacks.deleteStack.bind(stacks), { stack: name, recursive: true }),
    inBook: (book) => book.deleteStack(name, true),
  };
}

/** Components, stacks and secrets without their ids and times, in an order of their own: what two homes can be compared by. */

import type { openClients } from "../../src/cli/daemon/client.js";
import { backendWord } from "../../src/cli/output/secret-words.js";
import { type Component, ComponentType, type Stack } from "../../src/gen/stepwell/v1/stacks.js";
import type { Books } from "./state-books.js";

/** One line for each component, stack and secret, sorted. */
export type StateShape = readonly string[];

const TYPES = {
  experiment_tracker: ComponentType.COMPONENT_TYPE_EXPERIMENT_TRACKER,
  artifact_store: ComponentType.COMPONENT_TYPE_ARTIFACT_STORE,
  orchestrator: ComponentType.COMPONENT_TYPE_ORCHESTRATOR,
} as const;

/** What a daemon holds. */
export async function shapeOfDaemon(clients: ReturnType<typeof openClients>): Promise<StateShape> {
  const lines: string[] = [];
  for (const [type, message] of Object.entries(TYPES)) {
    const request = { type: message, options: undefined };
    await clients.stream(clients.stacks.listComponents.bind(clients.stacks), request, ({ components }) =>
      lines.push(...components.map((each: Component) => componentLine(type, each))),
    );
  }
  await clients.stream(clients.stacks.listStacks.bind(clients.stacks), { options: undefined }, ({ stacks }) =>
    lines.push(
      ...stacks.map((each: Stack) =>
        stackLine(each, each.experimentTrackers, [each.artifactStore, each.orchestrator], each.active),
      ),
    ),
  );
  const { secrets } = await clients.call(clients.secrets.listSecrets.bind(clients.secrets), {});
  for (const secret of secrets) {
    const request = { secret: secret.name, reveal: true };
    const { values } = await clients.call(clients.secrets.getSecret.bind(clients.secrets), request);
    lines.push(secretLine({ ...secret, backend: backendWord(secret.backend) }, values));
  }
  return lines.sort();
}

/** What books hold. */
export async function shapeOfBooks({ stacks: book, secrets }: Books): Promise<StateShape> {
  const types = Object.keys(TYPES) as (keyof typeof TYPES)[];
  const components = types.flatMap((type) => book.components(type).map((each) => componentLine(type, each)));
  const part = (id: string) => book.componentById(id);
  const stacks = book
    .stacks()
    .map((each) =>
      stackLine(
        each,
        each.experimentTrackers.map(part),
        [part(each.artifactStore), part(each.orchestrator)],
        each.id === book.active.id,
      ),
    );
  const lines = secrets.list().map(async (secret) => secretLine(secret, await secrets.values(secret)));
  return [...components, ...stacks, ...(await Promise.all(lines))].sort();
}

type Named = { readonly name: string } | undefined;
type Labels = Readonly<Record<string, string>>;

function componentLine(
  type: string,
  { name, flavor, configuration, labels }: Pick<Component, "name" | "flavor" | "configuration" | "labels">,
): string {
  return JSON.stringify([type, name, flavor, sorted(configuration), sorted(labels)]);
}

function stackLine(
  { name, labels }: { readonly name: string; readonly labels: Labels },
  trackers: readonly Named[],
  others: readonly Named[],
  isActive: boolean,
): string {
  const names = (parts: readonly Named[]) => parts.map((part) => part?.name ?? "MISSING");
  return JSON.stringify(["stack", name, names(trackers), names(others), sorted(labels), isActive]);
}

interface NamedSecret {
  readonly name: string;
  readonly keys: readonly string[];
  readonly backend: string;
}

function secretLine({ name, keys, backend }: NamedSecret, values: Labels): string {
  return JSON.stringify(["secret", name, [...keys].sort(), backend, sorted(values)]);
}

function sorted(texts: Labels): [string, string][] {
  return Object.entries(texts).sort(([one], [other]) => (one < other ? -1 : 1));
}

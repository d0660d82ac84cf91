/** The commands that experiment trackers, artifact stores and orchestrators share. */
import { EXIT } from "../../errors/row.js";
import { StepwellError } from "../../errors/stepwell-error.js";
import { type Component, ComponentType } from "../../gen/stepwell/v1/stacks.js";
import { KEYCHAIN_CALL_MS_MAX } from "../../home/wait.js";
import type { FlavorField } from "../../model/flavor-fields.js";
import { nearMatch } from "../../model/near-match.js";
import type { Context } from "../context.js";
import { askDaemon, withDaemon } from "../daemon/with-daemon.js";
import { readChange, readRegistration } from "../input/arguments.js";
import { askSettings } from "../input/ask-settings.js";
import { confirm } from "../input/confirm.js";
import { openPrompts } from "../input/hidden-input.js";
import { COMPONENT_FILTERS, type ListOptions } from "../input/list-options.js";
import { listRequest } from "../input/list-request.js";
import { did, type OutputOptions } from "../input/options.js";
import { readValue } from "../input/value-file.js";
import { type Format, isForPeople, showAnswer } from "../output/output.js";
import { visible } from "../output/people.js";
import { COMPONENT_COLUMNS, componentView } from "../output/views.js";
import type { ComponentGroup } from "./component-group.js";
import { fieldsOf } from "./flavor-help.js";
import { type ShownList, showList } from "./show-list.js";

/** Options of update. */
export interface UpdateOptions extends OutputOptions {
  readonly label: Readonly<Record<string, string>>;
  readonly dryRun?: true;
}

/** Options of register. */
export interface RegisterOptions extends UpdateOptions {
  readonly flavor: string;
  readonly interactive?: true;
}

/** Options of delete. */
export interface DeleteOptions extends OutputOptions {
  readonly yes?: true;
}

const TYPES = {
  "experiment-tracker": ComponentType.COMPONENT_TYPE_EXPERIMENT_TRACKER,
  "artifact-store": ComponentType.COMPONENT_TYPE_ARTIFACT_STORE,
  orchestrator: ComponentType.COMPONENT_TYPE_ORCHESTRATOR,
} as const;

/** The type that a group of commands is about. */
export function typeOfGroup(group: ComponentGroup): ComponentType {
  return TYPES[group];
}

/** `register NAME --flavor=FLAVOR [--key=value...]`. */
export async function register(
  context: Context,
  group: ComponentGroup,
  words: readonly string[],
  options: RegisterOptions,
): Promise<number> {
  const { name, configuration: given } = readRegistration(words, readValue);
  refuseSlips(fieldsOf(group, options.flavor), Object.keys(given));
  const configuration = options.interactive ? await asked(group, options.flavor, given) : given;
  return withDaemon(context, async ({ stacks, call }) => {
    const request = {
      type: TYPES[group],
      name,
      flavor: options.flavor,
      configuration,
      labels: options.label,
      validateOnly: options.dryRun ?? false,
    };
    const { component, notes } = await call(
      stacks.registerComponent.bind(stacks),
      request,
      KEYCHAIN_CALL_MS_MAX,
    );
    const sentence = `${did(options, "Registered", "register")} ${kindOf(group)} ${name}.`;
    return showChanged(context, [sentence, ...notes], component, options.output);
  });
}

/** Options of its own that a setting may be a slip for. */
const OWN_OPTIONS = ["--interactive", "--label", "--dry-run", "--output"];

/** Throws STEPWELL_USAGE for what is no setting and nearly an option: the daemon knows settings only. */
function refuseSlips(fields: readonly FlavorField[], settings: readonly string[]): void {
  const known = fields.map(({ name }) => name);
  for (const name of settings) {
    if (known.includes(name) || nearMatch(name, known) !== "") continue;
    const hint = nearMatch(`--${name.replaceAll("_", "-")}`, OWN_OPTIONS).replaceAll('"', "");
    if (hint !== "") throw new StepwellError("STEPWELL_USAGE", `There is no setting ${name}.${hint}`);
  }
}

/** `list`. */
export async function list(context: Context, group: ComponentGroup, options: ListOptions): Promise<number> {
  const request = { type: TYPES[group], options: listRequest(options, COMPONENT_FILTERS) };
  const shown: ShownList = {
    columns: COMPONENT_COLUMNS,
    kind: `${kindOf(group)}s`,
    isFiltered: request.options.filters.length > 0,
    ask: ({ stacks, stream }, take) =>
      stream(stacks.listComponents.bind(stacks), request, ({ components, total }) =>
        take(components.map(componentView), total),
      ),
  };
  return showList(context, shown, options);
}

/** `describe [NAME]`; without a name the active stack's. */
export async function describe(
  context: Context,
  group: ComponentGroup,
  component: string,
  options: OutputOptions,
): Promise<number> {
  return askDaemon(context, async ({ stacks, call }) => {
    const found = await call(stacks.getComponent.bind(stacks), { type: TYPES[group], component });
    const { component: shown, stacks: holders, warnings } = found;
    const record = { ...(shown && componentView(shown)), stacks: holders, warnings };
    await showAnswer(context, { kind: "record", record }, options.output);
    return EXIT.ok;
  });
}

/** `get`: the name of the active stack's; of trackers the default one. */
export async function get(context: Context, group: ComponentGroup, options: OutputOptions): Promise<number> {
  return askDaemon(context, async ({ stacks, call }) => {
    const { component } = await call(stacks.getComponent.bind(stacks), { type: TYPES[group], component: "" });
    if (isForPeople(options.output)) context.stdout(`${component?.name ?? ""}\n`);
    return showChanged(context, [], component, options.output);
  });
}

/** `update NAME [--key=value...]`; an empty value removes. */
export async function update(
  context: Context,
  group: ComponentGroup,
  words: readonly string[],
  options: UpdateOptions,
): Promise<number> {
  const { name, configuration } = readRegistration(words, readValue);
  return change(context, group, name, configuration, options);
}

/** `remove-attribute NAME --key...`. */
export async function removeAttribute(
  context: Context,
  group: ComponentGroup,
  words: readonly string[],
  options: OutputOptions,
): Promise<number> {
  const { name, keys } = readChange(words);
  const configuration = Object.fromEntries(keys.map((key) => [key, ""]));
  return change(context, group, name, configuration, { ...options, label: {} });
}

/** `rename NAME NEW_NAME`. */
export async function rename(
  context: Context,
  group: ComponentGroup,
  [name, newName]: readonly [string, string],
  options: OutputOptions,
): Promise<number> {
  return withDaemon(context, async ({ stacks, call }) => {
    const request = { type: TYPES[group], component: name, newName };
    const { component } = await call(stacks.renameComponent.bind(stacks), request);
    const sentence = `The ${kindOf(group)} ${name} is now ${newName}.`;
    return showChanged(context, [sentence], component, options.output);
  });
}

/** `copy NAME NEW_NAME`. */
export async function copy(
  context: Context,
  group: ComponentGroup,
  [name, newName]: readonly [string, string],
  options: OutputOptions,
): Promise<number> {
  return withDaemon(context, async ({ stacks, call }) => {
    const request = { type: TYPES[group], component: name, newName };
    const { component } = await call(stacks.copyComponent.bind(stacks), request);
    const sentence = `Copied ${kindOf(group)} ${name} to ${newName}.`;
    return showChanged(context, [sentence], component, options.output);
  });
}

/** `delete NAME`. Runs that go on keep their backend. */
export async function remove(
  context: Context,
  group: ComponentGroup,
  name: string,
  options: DeleteOptions,
): Promise<number> {
  return withDaemon(context, async ({ stacks, call }) => {
    if (!options.yes && !(await confirm(`Delete the ${kindOf(group)} ${name}?`))) {
      context.stderr("Nothing was deleted.\n");
      return EXIT.failed;
    }
    const request = { type: TYPES[group], component: name };
    const { component, notes } = await call(stacks.deleteComponent.bind(stacks), request);
    const sentence = `Deleted ${kindOf(group)} ${component?.name ?? name}.`;
    return showChanged(context, [sentence, ...notes], component, options.output);
  });
}

/** The settings with those that were asked for. */
async function asked(
  group: ComponentGroup,
  flavor: string,
  given: Readonly<Record<string, string>>,
): Promise<Record<string, string>> {
  const prompts = openPrompts("give settings as --KEY=VALUE");
  try {
    return { ...(await askSettings(prompts, fieldsOf(group, flavor), given)) };
  } finally {
    prompts.close();
  }
}

function change(
  context: Context,
  group: ComponentGroup,
  name: string,
  configuration: Readonly<Record<string, string>>,
  options: UpdateOptions,
): Promise<number> {
  return withDaemon(context, async ({ stacks, call }) => {
    const change = { configuration, labels: options.label, validateOnly: options.dryRun ?? false };
    const request = { type: TYPES[group], component: name, ...change };
    const { component, notes } = await call(
      stacks.updateComponent.bind(stacks),
      request,
      KEYCHAIN_CALL_MS_MAX,
    );
    const sentence = `${did(options, "Updated", "update")} ${kindOf(group)} ${name}.`;
    return showChanged(context, [sentence, ...notes], component, options.output);
  });
}

/** People read what was done, and what there is to know beside; programs get the component. */
async function showChanged(
  context: Context,
  sentences: readonly string[],
  component: Component | undefined,
  format: Format,
): Promise<number> {
  for (const sentence of sentences) context.stderr(`${visible(sentence)}\n`);
  if (component && !isForPeople(format))
    await showAnswer(context, { kind: "record", record: componentView(component) }, format);
  return EXIT.ok;
}

function kindOf(group: ComponentGroup): string {
  return group.replace("-", " ");
}

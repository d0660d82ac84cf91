import { EXIT } from "../../errors/row.js";
import type { Stack, UpdateStackRequest } from "../../gen/stepwell/v1/stacks.js";
import type { Context } from "../context.js";
import { askDaemon, withDaemon } from "../daemon/with-daemon.js";
import { confirm } from "../input/confirm.js";
import { type ListOptions, STACK_FILTERS } from "../input/list-options.js";
import { listRequest } from "../input/list-request.js";
import { did, type OutputOptions } from "../input/options.js";
import { type Format, isForPeople, showAnswer } from "../output/output.js";
import { STACK_COLUMNS, stackView } from "../output/views.js";
import { type ShownList, showList } from "./show-list.js";

/** Options that name a stack's parts. */
export interface PartOptions extends OutputOptions {
  readonly experimentTracker: readonly string[];
  readonly artifactStore: string;
  readonly orchestrator: string;
  readonly label: Readonly<Record<string, string>>;
  readonly dryRun?: true;
}

/** Options of `stack register`. */
export interface RegisterOptions extends PartOptions {
  readonly set?: true;
}

/** Options of `stack delete`. */
export interface DeleteOptions extends OutputOptions {
  readonly recursive?: true;
  readonly yes?: true;
}

/** `stack register`. */
export async function register(context: Context, name: string, options: RegisterOptions): Promise<number> {
  return withDaemon(context, async ({ stacks, call }) => {
    const request = { name, ...partsOf(options), setActive: options.set ?? false };
    const { stack } = await call(stacks.registerStack.bind(stacks), request);
    const active = stack?.active ? " and made it the active one" : "";
    const sentence = `${did(options, "Registered", "register")} stack ${name}${active}.`;
    return showChanged(context, sentence, stack, options.output);
  });
}

/** `stack update`: other parts in place of the stack's own. */
export async function update(context: Context, name: string, options: PartOptions): Promise<number> {
  const sentence = `${did(options, "Updated", "update")} stack ${name}.`;
  return change(context, name, partsOf(options), sentence, options.output);
}

/** `stack remove-component`: takes trackers out. */
export async function removeComponent(
  context: Context,
  name: string,
  options: Pick<PartOptions, "experimentTracker" | "output">,
): Promise<number> {
  const removedExperimentTrackers = [...options.experimentTracker];
  return change(context, name, { removedExperimentTrackers }, `Updated stack ${name}.`, options.output);
}

/** `stack set-default -e TRACKER [NAME]`: makes one of its trackers the first; without a name of the active stack. */
export async function setDefault(
  context: Context,
  name: string,
  options: OutputOptions & { readonly experimentTracker: string },
): Promise<number> {
  const defaultExperimentTracker = options.experimentTracker;
  const sentence = `The default experiment tracker is now ${defaultExperimentTracker}.`;
  return change(context, name, { defaultExperimentTracker }, sentence, options.output);
}

/** `stack rename`. */
export async function rename(
  context: Context,
  name: string,
  newName: string,
  options: OutputOptions,
): Promise<number> {
  return withDaemon(context, async ({ stacks, call }) => {
    const { stack } = await call(stacks.renameStack.bind(stacks), { stack: name, newName });
    return showChanged(context, `The stack ${name} is now ${newName}.`, stack, options.output);
  });
}

/** `stack copy`. */
export async function copy(
  context: Context,
  name: string,
  newName: string,
  options: OutputOptions,
): Promise<number> {
  return withDaemon(context, async ({ stacks, call }) => {
    const { stack } = await call(stacks.copyStack.bind(stacks), { stack: name, newName });
    return showChanged(context, `Copied stack ${name} to ${newName}.`, stack, options.output);
  });
}

/** `stack set`: makes a stack the active one. */
export async function set(context: Context, name: string, options: OutputOptions): Promise<number> {
  return withDaemon(context, async ({ stacks, call }) => {
    const { stack } = await call(stacks.setActiveStack.bind(stacks), { stack: name });
    return showChanged(context, `The active stack is ${stack?.name ?? name}.`, stack, options.output);
  });
}

/** `stack list`. */
export async function list(context: Context, options: ListOptions): Promise<number> {
  const request = { options: listRequest(options, STACK_FILTERS) };
  const shown: ShownList = {
    columns: STACK_COLUMNS,
    kind: "stacks",
    isFiltered: request.options.filters.length > 0,
    ask: ({ stacks, stream }, take) =>
      stream(stacks.listStacks.bind(stacks), request, (piece) =>
        take(piece.stacks.map(stackView), piece.total),
      ),
  };
  return showList(context, shown, options);
}

/** `stack describe [NAME]`; without a name the active one. */
export async function describe(context: Context, name: string, options: OutputOptions): Promise<number> {
  return askDaemon(context, async ({ stacks, call }) => {
    const { stack } = await call(stacks.getStack.bind(stacks), { stack: name });
    if (stack) await showAnswer(context, { kind: "record", record: stackView(stack) }, options.output);
    return EXIT.ok;
  });
}

/** `stack get`: the active stack's name. */
export async function get(context: Context, options: OutputOptions): Promise<number> {
  return askDaemon(context, async ({ stacks, call }) => {
    const { stack } = await call(stacks.getStack.bind(stacks), { stack: "" });
    if (isForPeople(options.output)) context.stdout(`${stack?.name ?? ""}\n`);
    return showChanged(context, "", stack, options.output);
  });
}

/** `stack delete`, after a question on a terminal. */
export async function remove(context: Context, name: string, options: DeleteOptions): Promise<number> {
  return withDaemon(context, async ({ stacks, call }) => {
    if (!options.yes && !(await confirm(`Delete the stack ${name}?`))) {
      context.stderr("Nothing was deleted.\n");
      return EXIT.failed;
    }
    const request = { stack: name, recursive: options.recursive ?? false };
    const deleted = await call(stacks.deleteStack.bind(stacks), request);
    const names = deleted.components.map((each) => each.name);
    context.stderr(`Deleted stack ${deleted.name}${names.length > 0 ? ` with ${names.join(", ")}` : ""}.\n`);
    for (const note of deleted.notes) context.stderr(`${note}\n`);
    if (!isForPeople(options.output)) {
      const record = { name: deleted.name, components: names };
      await showAnswer(context, { kind: "record", record }, options.output);
    }
    return EXIT.ok;
  });
}

function partsOf(options: PartOptions) {
  const { experimentTracker, artifactStore, orchestrator, label } = options;
  const parts = { experimentTrackers: [...experimentTracker], artifactStore, orchestrator };
  return { ...parts, labels: { ...label }, validateOnly: options.dryRun ?? false };
}

const NO_CHANGE: Omit<UpdateStackRequest, "stack"> = {
  experimentTrackers: [],
  removedExperimentTrackers: [],
  artifactStore: "",
  orchestrator: "",
  labels: {},
  defaultExperimentTracker: "",
  validateOnly: false,
};

/** Changes a stack; without a name the active one. */
async function change(
  context: Context,
  name: string,
  wanted: Partial<typeof NO_CHANGE>,
  sentence: string,
  format: Format,
): Promise<number> {
  return withDaemon(context, async ({ stacks, call }) => {
    const asked = name || (await call(stacks.getStack.bind(stacks), { stack: "" })).stack?.id;
    const request = { ...NO_CHANGE, ...wanted, stack: asked ?? "" };
    const { stack } = await call(stacks.updateStack.bind(stacks), request);
    return showChanged(context, sentence, stack, format);
  });
}

/** People read what was done; programs get the stack. */
async function showChanged(
  context: Context,
  sentence: string,
  stack: Stack | undefined,
  format: Format,
): Promise<number> {
  if (sentence !== "") context.stderr(`${sentence}\n`);
  if (stack && !isForPeople(format))
    await showAnswer(context, { kind: "record", record: stackView(stack) }, format);
  return EXIT.ok;
}

/**
 * Components on their way into the state store: references have to hold, and a credential in
 * plain text is moved into a secret, so that no configuration ever has one.
 */
import { StepwellError } from "../errors/stepwell-error.js";
import { FLAVOR_FIELDS, type FlavorField } from "../model/flavor-fields.js";
import { freeName } from "../model/free-name.js";
import { readSetting, referencesIn, referenceTo } from "../model/secret-reference.js";
import { shellWord } from "../model/shell-word.js";
import type { Component, ComponentType, WantedComponent } from "../stacks/component.js";
import { checkedConfiguration } from "../stacks/flavors.js";
import { checkToken, nearMissWarnings, warningsOf } from "../stacks/mlflow-flavor.js";
import type { ChangeOptions, StackBook } from "../stacks/stack-book.js";
import { checkReference, holdersOf } from "./references.js";
import type { Secret, SecretValues } from "./secret.js";
import type { SecretBook, StagedSecret } from "./secret-book.js";

type Configuration = Component["configuration"];

/** A component as it is now, and what its owner should know: sentences without values. */
export interface ChangedComponent {
  readonly component: Component;
  readonly notes: readonly string[];
}

/** Registers a component. Throws as StackBook's, STEPWELL_SECRET_UNKNOWN or STEPWELL_SECRET_KEY_UNKNOWN, and what keeping a secret throws. */
export async function registerWithSecrets(
  stacks: StackBook,
  secrets: SecretBook,
  wanted: WantedComponent,
  { validateOnly = false }: Pick<ChangeOptions, "validateOnly"> = {},
): Promise<ChangedComponent> {
  return await secrets.serially(async () => {
    const configuration = checkedConfiguration(wanted.type, wanted.flavor, wanted.configuration);
    checkReferences(configuration, secrets);
    const notes: string[] = [];
    const change: Change = (kept, options) =>
      stacks.registerComponent({ ...wanted, configuration: kept }, { ...options, notes });
    const kept = await keep(secrets, { ...wanted, configuration, own: undefined, validateOnly }, change);
    // One that is checked before it is made says it twice.
    return { ...kept, notes: [...kept.notes, ...new Set(notes)] };
  });
}

/** Updates a component. Throws as registerWithSecrets. */
export async function updateWithSecrets(
  stacks: StackBook,
  secrets: SecretBook,
  { type, nameOrId }: { readonly type: ComponentType; readonly nameOrId: string },
  change: Pick<Component, "configuration" | "labels">,
  { validateOnly = false }: Pick<ChangeOptions, "validateOnly"> = {},
): Promise<ChangedComponent> {
  return await secrets.serially(async () => {
    const before = stacks.component(type, nameOrId);
    checkReferences(change.configuration, secrets);
    const own = ownSecret(stacks, secrets, before);
    const { configuration } = change;
    return await keep(secrets, { ...before, configuration, own, validateOnly }, (kept, options) =>
      stacks.updateComponent(type, nameOrId, { ...change, configuration: kept }, options),
    );
  });
}

/**
 * Which secrets that were made for components' credentials nothing refers to any more, now that these
 * are gone or changed: a sentence each. They stay, because runs that began with them still need them.
 */
export function leftSecretNotes(
  stacks: StackBook,
  secrets: SecretBook,
  before: readonly Pick<Component, "configuration">[],
): string[] {
  const names = new Set(
    before.flatMap(({ configuration }) => Object.values(referencesIn(configuration)).map(({ name }) => name)),
  );
  return secrets
    .list()
    .filter(({ name, isAutomatic }) => isAutomatic && names.has(name) && holdersOf(stacks, name).length === 0)
    .map(
      ({ name }) =>
        `The secret ${name} stays: runs that go on may need it. Remove it with: stepwell secret delete ${shellWord(name)}.`,
    );
}

/** Throws STEPWELL_CONFIG_INVALID for a credential in plain text. */
export function checkNoPlainCredentials(component: WantedComponent): void {
  const [setting] = Object.keys(plainCredentials(component));
  if (setting === undefined) return;
  const sentence = `${setting} of ${component.name} has to be a reference {{secret.key}}: a file of a stack holds no credentials.`;
  throw new StepwellError("STEPWELL_CONFIG_INVALID", sentence);
}

type Change = (configuration: Configuration, options: ChangeOptions) => Promise<Component>;

interface Wanted extends WantedComponent {
  /** The secret that takes the credentials; undefined: a new one. */
  readonly own: Secret | undefined;
  readonly validateOnly: boolean;
}

/** Moves credentials into a secret and makes the change together with it. */
async function keep(secrets: SecretBook, wanted: Wanted, change: Change): Promise<ChangedComponent> {
  const { configuration, own, validateOnly } = wanted;
  const plain = plainCredentials(wanted);
  // The configuration of an update has only a reference to it.
  checkToken(plain["tracking_token"]);
  const settings = Object.keys(plain);
  const name = own?.name ?? freeSecretName(secrets, wanted.name);
  const references = settings.map((key): [string, string] => [key, referenceTo({ name, key })]);
  const referring = { ...configuration, ...Object.fromEntries(references) };
  if (settings.length === 0 || validateOnly) {
    const component = await change(referring, { validateOnly });
    return { component, notes: notesOf(component, plain, name) };
  }
  // What is wrong with the change is found before a value goes anywhere.
  await change(referring, { validateOnly: true });
  const staged = own ? await secrets.stageUpdate(own, plain) : await secrets.stageNew(name, plain, true);
  const component = await settled(secrets, staged, () => change(referring, { beside: staged.changes }));
  return { component, notes: notesOf(component, plain, name, staged.secret.backend) };
}

/** What the owner should know of a component and of its credentials, which went to the secret of this name. */
function notesOf(component: Component, moved: SecretValues, name: string, backend = ""): string[] {
  return [
    ...movedNote(Object.keys(moved), name, backend),
    ...nearMissWarnings(moved),
    ...warningsFor(component),
  ];
}

function movedNote(settings: readonly string[], name: string, backend: string): string[] {
  if (settings.length === 0) return [];
  // Nothing was moved yet: it was only asked what would be.
  if (backend === "") return [`${settings.join(", ")} would be kept in the secret ${name}.`];
  const verb = settings.length === 1 ? "is" : "are";
  return [
    `${settings.join(", ")} ${verb} kept in the secret ${name} (${backend}); the configuration refers to it.`,
  ];
}

async function settled<Value>(
  secrets: SecretBook,
  staged: StagedSecret,
  write: () => Promise<Value>,
): Promise<Value> {
  try {
    const value = await write();
    await secrets.settle(staged);
    return value;
  } catch (error) {
    // After any other failure nobody knows what is on disk; the next start looks.
    if (error instanceof StepwellError) await secrets.abandon(staged);
    throw error;
  }
}

function plainCredentials({ type, flavor, configuration }: WantedComponent): SecretValues {
  const flavors: Readonly<Record<string, readonly FlavorField[]>> = FLAVOR_FIELDS[type];
  const secretFields = (flavors[flavor] ?? []).filter(({ isSecret }) => isSecret);
  const plain = secretFields.flatMap(({ name }): [string, string][] => {
    const value = configuration[name] ?? "";
    return value === "" || readSetting(value).kind === "reference" ? [] : [[name, value]];
  });
  return Object.fromEntries(plain);
}

/** The secret that was made for a component's credentials, unless others have come to use it. */
function ownSecret(
  stacks: StackBook,
  secrets: SecretBook,
  { id, configuration }: Component,
): Secret | undefined {
  const names = new Set(Object.values(referencesIn(configuration)).map(({ name }) => name));
  return secrets
    .list()
    .filter(({ name, isAutomatic }) => isAutomatic && names.has(name))
    .find(({ name }) => holdersOf(stacks, name).every((holder) => holder.id === id));
}

function checkReferences(configuration: Configuration, secrets: SecretBook): void {
  const all = secrets.list();
  for (const [setting, reference] of Object.entries(referencesIn(configuration)))
    checkReference(setting, reference, all);
}

/** A name for a component's secret that no secret has: a component's own may hold spaces and dots. */
function freeSecretName(secrets: SecretBook, component: string): string {
  const taken = new Set(secrets.list().map(({ name }) => name));
  const base = `${component.slice(0, 200).replaceAll(/[^\p{L}\p{N}_-]/gu, "_")}_credentials`;
  return freeName(base, (name) => taken.has(name), "_");
}

function warningsFor({ type, flavor, configuration }: Component): string[] {
  return type === "experiment_tracker" && flavor === "mlflow" ? warningsOf(configuration) : [];
}

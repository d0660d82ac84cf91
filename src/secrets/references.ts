/** References in components' configurations: who has them, whether they hold, what they stand for. */
import { StepwellError } from "../errors/stepwell-error.js";
import { nearMatch } from "../model/near-match.js";
import { readSetting, referencesIn, referenceTo, type SecretReference } from "../model/secret-reference.js";
import type { Component, ComponentType } from "../stacks/component.js";
import type { StackBook } from "../stacks/stack-book.js";
import type { Secret, SecretValues } from "./secret.js";

type Configuration = Component["configuration"];

/** A component's setting that refers to a key of a secret. */
export interface SecretUse {
  readonly type: ComponentType;
  readonly component: string;
  readonly setting: string;
  readonly key: string;
}

const TYPES: readonly ComponentType[] = ["experiment_tracker", "artifact_store", "orchestrator"];

/** Components that refer to a secret. */
export function holdersOf(stacks: StackBook, secret: string): Component[] {
  return TYPES.flatMap((type) => [...stacks.components(type)]).filter(({ configuration }) =>
    Object.values(referencesIn(configuration)).some(({ name }) => name === secret),
  );
}

/** The settings that refer to a secret. */
export function usesOf(stacks: StackBook, secret: string): SecretUse[] {
  return holdersOf(stacks, secret).flatMap(({ type, name: component, configuration }) =>
    Object.entries(referencesIn(configuration))
      .filter(([, { name }]) => name === secret)
      .map(([setting, { key }]) => ({ type, component, setting, key })),
  );
}

/** The configuration with the references to one secret turned into references to another. */
export function rewritten(configuration: Configuration, from: string, to: string): Configuration {
  const entries = Object.entries(configuration).map(([setting, text]): [string, string] => {
    const read = readSetting(text);
    const isOurs = read.kind === "reference" && read.reference.name === from;
    return [setting, isOurs ? referenceTo({ name: to, key: read.reference.key }) : text];
  });
  return Object.fromEntries(entries);
}

/** Throws STEPWELL_SECRET_UNKNOWN or STEPWELL_SECRET_KEY_UNKNOWN. */
export function checkReference(
  setting: string,
  reference: SecretReference,
  secrets: readonly Secret[],
): Secret {
  const secret = secrets.find(({ name }) => name === reference.name);
  if (!secret) {
    const names = secrets.map(({ name }) => name);
    const sentence = `${setting} refers to the secret ${JSON.stringify(reference.name)}, and there is none.`;
    throw new StepwellError("STEPWELL_SECRET_UNKNOWN", sentence + nearMatch(reference.name, names));
  }
  if (secret.keys.includes(reference.key)) return secret;
  const sentence = `${setting} refers to the key ${JSON.stringify(reference.key)} of the secret ${JSON.stringify(reference.name)}, which has: ${secret.keys.join(", ")}.`;
  throw new StepwellError("STEPWELL_SECRET_KEY_UNKNOWN", sentence);
}

/** The references of components that no secret answers, as NAME.KEY, each once. */
export function missingReferences(components: readonly Component[], secrets: readonly Secret[]): string[] {
  const keys = new Set(secrets.flatMap(({ name, keys: all }) => all.map((key) => `${name}.${key}`)));
  const wanted = components.flatMap(({ configuration }) =>
    Object.values(referencesIn(configuration)).map(({ name, key }) => `${name}.${key}`),
  );
  return [...new Set(wanted)].filter((each) => !keys.has(each)).sort();
}

/** Reads secrets, each once, and puts values in place of references. Throws as checkReference and `valuesOf`. */
export async function resolveReferences(
  configuration: Configuration,
  secrets: readonly Secret[],
  valuesOf: (secret: Secret) => Promise<SecretValues>,
): Promise<Record<string, string>> {
  const resolved: Record<string, string> = { ...configuration };
  for (const [setting, reference] of Object.entries(referencesIn(configuration))) {
    const secret = checkReference(setting, reference, secrets);
    resolved[setting] = (await valuesOf(secret))[reference.key] ?? "";
  }
  return resolved;
}

/**
 * References to secrets: a whole setting of the form {{name.key}}. What only looks like one
 * is told apart, so that nobody takes a literal for a reference unawares.
 */

/** Where a value lies: a key of a secret. */
export interface SecretReference {
  readonly name: string;
  readonly key: string;
}

/** What a setting's text is. */
export type ReadSetting =
  | { readonly kind: "text" }
  /** Text that holds double braces: it is taken as it is, and whoever wrote it should know. */
  | { readonly kind: "nearMiss" }
  /** A reference with braces too many: it can only be a mistake. */
  | { readonly kind: "oddBraces" }
  | { readonly kind: "reference"; readonly reference: SecretReference };

/** The whole text, with white space inside the braces only; split at the first dot. */
const WHOLE = /^\{\{\s*([^\s.]+)\.(\S+?)\s*\}\}$/;

/** Tells references from text. */
export function readSetting(text: string): ReadSetting {
  const [, name, key] = WHOLE.exec(text) ?? [];
  if (name !== undefined && key !== undefined)
    return /[{}]/.test(name + key) ? { kind: "oddBraces" } : { kind: "reference", reference: { name, key } };
  return /\{\{|\}\}/.test(text) ? { kind: "nearMiss" } : { kind: "text" };
}

/** The reference to a key, as a setting holds it. */
export function referenceTo({ name, key }: SecretReference): string {
  return `{{${name}.${key}}}`;
}

/** The references in a configuration, by setting. */
export function referencesIn(
  configuration: Readonly<Record<string, string>>,
): Readonly<Record<string, SecretReference>> {
  const found = Object.entries(configuration).flatMap(([setting, text]) => {
    const read = readSetting(text);
    return read.kind === "reference" ? [[setting, read.reference] as const] : [];
  });
  return Object.fromEntries(found);
}

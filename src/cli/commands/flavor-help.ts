/** The flavors' settings as --help shows them. */
import { FLAVOR_FIELDS, type FlavorField } from "../../model/flavor-fields.js";
import { wrapTo } from "../output/text-width.js";
import type { ComponentGroup } from "./component-group.js";

const TYPE_WORDS = { text: "text", switch: "true or false", map: "JSON object" } as const;

/** The flavors that a group of components has. */
export function flavorsOf(group: ComponentGroup): string[] {
  return Object.keys(fieldsByFlavor(group));
}

/** The settings of a flavor; an unknown one has none. */
export function fieldsOf(group: ComponentGroup, flavor: string): readonly FlavorField[] {
  const fields = fieldsByFlavor(group);
  return Object.hasOwn(fields, flavor) ? (fields[flavor] ?? []) : [];
}

/** A list of each flavor's settings with their types. */
export function settingsHelp(group: ComponentGroup): string {
  const lists = Object.entries(fieldsByFlavor(group)).map(([flavor, fields]) =>
    fields.length === 0
      ? `\nThe flavor ${flavor} has no settings.\n`
      : `\nSettings of the flavor ${flavor}:\n${fields.map(lineOf).join("")}`,
  );
  return lists.join("");
}

function lineOf({ name, type, description, isSecret }: FlavorField): string {
  const words = `${TYPE_WORDS[type]}${isSecret ? ", secret" : ""}`;
  const [first = "", ...rest] = wrapTo(`${description} (${words})`, 48);
  return [`  --${name.padEnd(27)} ${first}`, ...rest.map((line) => " ".repeat(32) + line), ""].join("\n");
}

function fieldsByFlavor(group: ComponentGroup): Readonly<Record<string, readonly FlavorField[]>> {
  return FLAVOR_FIELDS[group.replace("-", "_") as keyof typeof FLAVOR_FIELDS];
}

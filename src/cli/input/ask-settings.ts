/** register -i: asks for a flavor's settings one by one, those that go with what was said so far. */
import type { FlavorField } from "../../model/flavor-fields.js";
import type { Prompts } from "./hidden-input.js";

type Configuration = Readonly<Record<string, string>>;

/** The settings that `given` does not have yet, as they were typed; empty answers are left out. */
export async function askSettings(
  prompts: Prompts,
  fields: readonly FlavorField[],
  given: Configuration,
): Promise<Configuration> {
  let known = given;
  for (const field of fields) {
    if (Object.hasOwn(known, field.name) || !isWorthAsking(field.name, known)) continue;
    const question = `${field.name}, ${field.description}${hintOf(field)}: `;
    const answer = await (field.isSecret ? prompts.askHidden(question) : prompts.ask(question));
    if (answer.trim() !== "") known = { ...known, [field.name]: answer.trim() };
  }
  return known;
}

function hintOf({ type, isSecret }: FlavorField): string {
  if (isSecret) return " (not shown; kept as a secret, or a reference as {{name.key}}; Enter for none)";
  return type === "switch" ? " (true or false; Enter for none)" : " (Enter for none)";
}

/** What only a server has is not asked for a local store, nor Databricks' own for another server. */
function isWorthAsking(name: string, known: Configuration): boolean {
  const uri = known["tracking_uri"] ?? "";
  const isDatabricks = /^databricks/i.test(uri);
  if (/^(databricks_|enable_unity_catalog)/.test(name)) return isDatabricks;
  if (name === "tracking_password") return known["tracking_username"] !== undefined;
  if (name === "tracking_token") return isRemote(uri) && known["tracking_username"] === undefined;
  if (name === "auth") return isRemote(uri) && !isDatabricks && !hasCredentials(known);
  return /^tracking_(?!uri)/.test(name) ? isRemote(uri) : true;
}

function isRemote(uri: string): boolean {
  return /^(https?:|databricks)/i.test(uri);
}

function hasCredentials(known: Configuration): boolean {
  return known["tracking_username"] !== undefined || known["tracking_token"] !== undefined;
}

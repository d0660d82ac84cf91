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

type Place = "store" | "server" | "databricks" | "postgres" | "relay" | "relay without TLS";

const SERVERS: readonly Place[] = ["server", "databricks"];
const WITH_TLS: readonly Place[] = [...SERVERS, "postgres", "relay"];

/** What a setting goes with; one that is not here goes with all. */
const GOES_WITH: Readonly<Record<string, readonly Place[]>> = {
  tracking_username: [...SERVERS, "postgres"],
  tracking_password: [...SERVERS, "postgres"],
  tracking_token: [...SERVERS, "relay", "relay without TLS"],
  auth: ["server"],
  tracking_insecure_tls: [...SERVERS, "relay"],
  tracking_server_cert_path: WITH_TLS,
  tracking_client_cert_path: WITH_TLS,
  databricks_host: ["databricks"],
  databricks_client_id: ["databricks"],
  databricks_client_secret: ["databricks"],
  enable_unity_catalog: ["databricks"],
  default_artifact_root: ["postgres"],
};

/** What goes with another place, or not with what was said so far, is not asked for. */
function isWorthAsking(name: string, known: Configuration): boolean {
  const uri = known["tracking_uri"] ?? "";
  const place = placeOf(uri);
  if (GOES_WITH[name]?.includes(place) === false) return false;
  const hasUser = known["tracking_username"] !== undefined;
  if (name === "tracking_username") return place !== "postgres" || !/^[^/]*\/\/[^/@]+@/.test(uri);
  if (name === "tracking_password") return place === "postgres" || hasUser;
  if (name === "tracking_token") return !hasUser;
  return name !== "auth" || !(hasUser || known["tracking_token"] !== undefined);
}

/** As it is typed: whether it is an address at all is checked later. */
function placeOf(uri: string): Place {
  if (/^https?:/i.test(uri)) return "server";
  if (/^databricks/i.test(uri)) return "databricks";
  if (/^postgres/i.test(uri)) return "postgres";
  if (/^grpc:/i.test(uri)) return "relay without TLS";
  return /^grpcs:/i.test(uri) ? "relay" : "store";
}

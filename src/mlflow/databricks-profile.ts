/** Databricks' profiles: sections of ~/.databrickscfg, as its command line writes them. */
import { StepwellError } from "../errors/stepwell-error.js";
import type { Credentials } from "./credentials.js";

/** What a profile says. */
export interface Profile {
  readonly host?: string;
  readonly credentials?: Credentials;
  /** For accounts whose address serves several workspaces. */
  readonly workspaceId?: string;
}

/** A profile by its name. Throws STEPWELL_CONFIG_INVALID when the file has none of that name. */
export function profileOf(file: string, name: string): Profile {
  const values = sectionOf(file, name);
  if (!values) {
    const sentence = `Databricks' configuration file has no profile ${JSON.stringify(name)}.`;
    throw new StepwellError("STEPWELL_CONFIG_INVALID", sentence);
  }
  const { host, workspace_id: workspaceId } = Object.fromEntries(values);
  const credentials = credentialsOf(Object.fromEntries(values));
  return {
    ...(host ? { host } : {}),
    ...(workspaceId ? { workspaceId } : {}),
    ...(credentials ? { credentials } : {}),
  };
}

function credentialsOf(values: Readonly<Record<string, string>>): Credentials | undefined {
  const { token, username, password, client_id: clientId, client_secret: clientSecret } = values;
  if (clientId && clientSecret) return { kind: "oauth", clientId, clientSecret };
  if (token) return { kind: "bearer", token };
  return username && password ? { kind: "basic", username, password } : undefined;
}

function sectionOf(file: string, name: string): Map<string, string> | undefined {
  let values: Map<string, string> | undefined;
  for (const line of file.split(/\r?\n/)) {
    const section = /^\s*\[(.*)\]\s*$/.exec(line)?.[1];
    if (section !== undefined) {
      if (values) return values;
      if (section.trim() === name) values = new Map();
      continue;
    }
    const [, key, value] = /^\s*([^#;=\s][^=]*?)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (key !== undefined && value !== undefined) values?.set(key.toLowerCase(), value);
  }
  return values;
}

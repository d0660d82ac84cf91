/**
 * The flavors of components that this version has, and what each accepts.
 */
import { isAbsolute } from "node:path";
import { StepwellError } from "../errors/stepwell-error.js";
import type { ComponentType } from "./component.js";

type Configuration = Readonly<Record<string, string>>;

interface Flavor {
  readonly settings: readonly string[];
  readonly check: (configuration: Configuration) => void;
}

const FLAVORS: Readonly<Record<ComponentType, Readonly<Record<string, Flavor>>>> = {
  experiment_tracker: { mlflow: { settings: ["tracking_uri"], check: checkMlflow } },
  artifact_store: { local: { settings: ["path"], check: checkLocalStore } },
  orchestrator: { local: { settings: [], check: () => undefined } },
};

/** Throws STEPWELL_FLAVOR_UNKNOWN or STEPWELL_CONFIG_INVALID. */
export function checkConfiguration(type: ComponentType, flavor: string, configuration: Configuration): void {
  const found = FLAVORS[type][flavor];
  if (!found)
    throw new StepwellError(
      "STEPWELL_FLAVOR_UNKNOWN",
      `There is no ${words(type)} of flavor ${JSON.stringify(flavor)}.`,
    );
  for (const key of Object.keys(configuration)) {
    if (!found.settings.includes(key)) {
      const known = found.settings.length === 0 ? "none" : found.settings.join(", ");
      throw invalid(`The ${flavor} ${words(type)} has no setting ${JSON.stringify(key)}; it has: ${known}.`);
    }
  }
  found.check(configuration);
}

const SQLITE_URI = "sqlite:///";

/** The file of a sqlite:/// URI, or undefined when the URI is none. */
export function sqlitePath(uri: string): string | undefined {
  return uri.startsWith(SQLITE_URI) ? uri.slice(SQLITE_URI.length) : undefined;
}

function checkMlflow(configuration: Configuration): void {
  const uri = configuration["tracking_uri"];
  if (uri === undefined) return;
  const path = sqlitePath(uri);
  if (path === undefined) {
    const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(uri)?.[1] ?? "none";
    throw invalid(
      `This version delivers to SQLite stores; a tracking_uri with the scheme ${JSON.stringify(scheme)} is not supported yet.`,
    );
  }
  if (!isAbsolute(path))
    throw invalid("The tracking_uri needs an absolute path: sqlite:////folder/mlflow.db.");
}

function checkLocalStore(configuration: Configuration): void {
  const path = configuration["path"];
  if (path !== undefined && !isAbsolute(path))
    throw invalid("The path of a local artifact store has to be absolute.");
}

function invalid(sentence: string): StepwellError {
  return new StepwellError("STEPWELL_CONFIG_INVALID", sentence);
}

function words(type: ComponentType): string {
  return type.replace("_", " ");
}

/**
 * The flavors of components that this version has, and what each accepts.
 */
import { isAbsolute } from "node:path";
import { StepwellError } from "../errors/stepwell-error.js";
import type { ComponentType } from "./component.js";
import { checkMlflow, MLFLOW_SETTINGS } from "./mlflow-flavor.js";
import { nearMatch } from "./near-match.js";

type Configuration = Readonly<Record<string, string>>;

interface Flavor {
  readonly settings: readonly string[];
  readonly check: (configuration: Configuration) => void;
}

const FLAVORS: Readonly<Record<ComponentType, Readonly<Record<string, Flavor>>>> = {
  experiment_tracker: { mlflow: { settings: MLFLOW_SETTINGS, check: checkMlflow } },
  artifact_store: {
    local: { settings: ["path"], check: checkLocalStore },
    s3: remoteStore(["s3"]),
    gcs: remoteStore(["gs"]),
    azure: remoteStore(["az", "abfs"]),
  },
  orchestrator: { local: { settings: [], check: () => undefined } },
};

/**
 * What is to be kept of a configuration: empty values count as not given. Settings in
 * `stored` are tolerated though this version does not know them.
 * Throws STEPWELL_FLAVOR_UNKNOWN or STEPWELL_CONFIG_INVALID; no error shows a value.
 */
export function checkedConfiguration(
  type: ComponentType,
  flavor: string,
  given: Configuration,
  stored: Configuration = {},
): Configuration {
  const flavors = FLAVORS[type];
  const found = Object.hasOwn(flavors, flavor) ? flavors[flavor] : undefined;
  if (!found) {
    const sentence = `There is no ${words(type)} of flavor ${JSON.stringify(flavor)}.`;
    throw new StepwellError("STEPWELL_FLAVOR_UNKNOWN", sentence + nearMatch(flavor, Object.keys(flavors)));
  }
  for (const key of Object.keys(given)) {
    if (found.settings.includes(key) || Object.hasOwn(stored, key)) continue;
    const known = found.settings.length === 0 ? "none" : found.settings.join(", ");
    const sentence = `The ${flavor} ${words(type)} has no setting ${JSON.stringify(key)}; it has: ${known}.`;
    throw invalid(sentence + nearMatch(key, found.settings));
  }
  const configuration = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== ""));
  found.check(configuration);
  return configuration;
}

/** Throws STEPWELL_CONFIG_INVALID where a tracker is beside an artifact store that it can't work with. */
export function checkTogether(
  tracker: { readonly name: string; readonly configuration: Configuration },
  artifactStore: { readonly name: string; readonly flavor: string },
): void {
  if (artifactStore.flavor === "local") return;
  const names = `${JSON.stringify(tracker.name)} beside ${JSON.stringify(artifactStore.name)}`;
  if (tracker.configuration["tracking_uri"] === undefined)
    throw invalid(`A tracker without a tracking_uri needs a local artifact store: ${names} can't work.`);
  throw invalid(`A tracker beside a ${artifactStore.flavor} artifact store is not supported yet: ${names}.`);
}

function checkLocalStore(configuration: Configuration): void {
  const path = configuration["path"];
  if (path !== undefined && !isAbsolute(path))
    throw invalid("The path of a local artifact store has to be absolute.");
}

function remoteStore(schemes: readonly string[]): Flavor {
  const shape = schemes.map((scheme) => `${scheme}://BUCKET`).join(" or ");
  const check = ({ path }: Configuration) => {
    const [, scheme = "", bucket = ""] =
      /^([a-z][a-z0-9+.-]*):\/\/([^/\s?#@:]+)(\/[^\s?#]*)?$/i.exec(path ?? "") ?? [];
    if (!schemes.includes(scheme.toLowerCase()) || bucket === "")
      throw invalid(`The artifact store needs a path of the form ${shape}.`);
  };
  return { settings: ["path"], check };
}

function invalid(sentence: string): StepwellError {
  return new StepwellError("STEPWELL_CONFIG_INVALID", sentence);
}

function words(type: ComponentType): string {
  return type.replace("_", " ");
}

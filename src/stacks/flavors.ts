/**
 * The flavors of components that this version has, and what each accepts.
 */
import { isAbsolute } from "node:path";
import { StepwellError } from "../errors/stepwell-error.js";
import { FLAVOR_FIELDS, type FlavorField } from "../model/flavor-fields.js";
import { hasByteOrderMark } from "../model/names.js";
import { nearMatch } from "../model/near-match.js";
import { ambiguousCharacter } from "../model/store-path.js";
import type { ComponentType } from "./component.js";
import { checkMlflow } from "./mlflow-flavor.js";
import { checkSettings, settingsOfTracker } from "./tracker-settings.js";
import { readTrackingUri, type TrackingUri } from "./tracking-uri.js";

type Configuration = Readonly<Record<string, string>>;

type Check = (configuration: Configuration) => void;

/** What each flavor's settings have to be, beyond their names. */
const CHECKS: Readonly<Record<ComponentType, Readonly<Record<string, Check>>>> = {
  experiment_tracker: { mlflow: checkTracker },
  artifact_store: {
    local: checkLocalStore,
    s3: checkRemoteStore(["s3"]),
    gcs: checkRemoteStore(["gs"]),
    azure: checkRemoteStore(["az", "abfs"]),
  },
  orchestrator: { local: () => undefined },
};

function checkTracker(configuration: Configuration): void {
  checkMlflow(configuration);
  checkSettings(settingsOfTracker({ configuration }));
}

/**
 * What is to be kept of a configuration: empty values count as not given. Settings in
 * `stored` are tolerated though this version does not know them.
 * Throws STEPWELL_FLAVOR_UNKNOWN, STEPWELL_CONFIG_INVALID, or what is wrong with a tracker's settings of
 * runs (STEPWELL_EXPERIMENT_INVALID and so on); no error shows a credential.
 */
export function checkedConfiguration(
  type: ComponentType,
  flavor: string,
  given: Configuration,
  stored: Configuration = {},
): Configuration {
  const flavors: Readonly<Record<string, readonly FlavorField[]>> = FLAVOR_FIELDS[type];
  const fields = Object.hasOwn(flavors, flavor) ? flavors[flavor] : undefined;
  if (!fields) {
    const sentence = `There is no ${words(type)} of flavor ${JSON.stringify(flavor)}.`;
    throw new StepwellError("STEPWELL_FLAVOR_UNKNOWN", sentence + nearMatch(flavor, Object.keys(flavors)));
  }
  const settings = fields.map(({ name }) => name);
  for (const key of Object.keys(given)) {
    if (settings.includes(key) || Object.hasOwn(stored, key)) continue;
    const known = settings.length === 0 ? "none" : settings.join(", ");
    const sentence = `The ${flavor} ${words(type)} has no setting ${JSON.stringify(key)}; it has: ${known}.`;
    throw invalid(sentence + nearMatch(key, settings));
  }
  const marked = Object.keys(given).find((key) => hasByteOrderMark(given[key] ?? ""));
  if (marked !== undefined)
    throw invalid(`The value of ${marked} begins with a byte-order mark, which can't be seen.`);
  const configuration = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== ""));
  CHECKS[type][flavor]?.(configuration);
  return configuration;
}

/** What has an artifact store of its own, or is behind a server that has. */
const SERVED: ReadonlySet<TrackingUri["kind"]> = new Set([
  ...(["server", "databricks", "relay", "postgres", "spool"] as const),
]);

/** Throws STEPWELL_CONFIG_INVALID where a tracker is beside an artifact store that it can't work with. */
export function checkTogether(
  tracker: { readonly name: string; readonly configuration: Configuration },
  artifactStore: { readonly name: string; readonly flavor: string },
): void {
  const { kind } = readTrackingUri(tracker.configuration["tracking_uri"]);
  if (artifactStore.flavor === "local" || SERVED.has(kind)) return;
  const names = `${JSON.stringify(tracker.name)} beside ${JSON.stringify(artifactStore.name)}`;
  if (kind === "local")
    throw invalid(`A tracker without a tracking_uri needs a local artifact store: ${names} can't work.`);
  throw invalid(
    `A tracker with a database of its own beside a ${artifactStore.flavor} artifact store is not supported yet: ${names}.`,
  );
}

function checkLocalStore(configuration: Configuration): void {
  const path = configuration["path"];
  if (path !== undefined && !isAbsolute(path))
    throw invalid("The path of a local artifact store has to be absolute.");
  const character = ambiguousCharacter(path ?? "");
  if (character !== undefined)
    throw invalid(
      `The path of a local artifact store can't have ${JSON.stringify(character)} in it: versions of MLflow read it differently.`,
    );
}

function checkRemoteStore(schemes: readonly string[]): Check {
  const shape = schemes.map((scheme) => `${scheme}://BUCKET`).join(" or ");
  return ({ path }) => {
    const [, scheme = "", bucket = ""] =
      /^([a-z][a-z0-9+.-]*):\/\/([^/\s?#@:]+)(\/[^\s?#]*)?$/i.exec(path ?? "") ?? [];
    if (!schemes.includes(scheme.toLowerCase()) || bucket === "")
      throw invalid(`The artifact store needs a path of the form ${shape}.`);
  };
}

function invalid(sentence: string): StepwellError {
  return new StepwellError("STEPWELL_CONFIG_INVALID", sentence);
}

function words(type: ComponentType): string {
  return type.replace("_", " ");
}

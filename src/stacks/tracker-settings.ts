/**
 * Which trackers a step uses and what its settings say of each. Pure.
 *
 * Settings come from the tracker itself, the pipeline and the step; a later one replaces an
 * earlier one, and tags are merged key by key.
 */
import { StepwellError } from "../errors/stepwell-error.js";
import { codePoints, keyFault } from "../model/entry-text.js";
import { EXPERIMENT_NAME_CODE_POINTS_MAX, TAG_VALUE_CODE_POINTS_MAX } from "../model/limits.js";
import { nearMatch } from "../model/near-match.js";
import type { Component } from "./component.js";
import { readTags } from "./mlflow-flavor.js";

/** What one level says of a tracker; what is undefined or missing says nothing. */
export interface TrackerSettings {
  readonly experimentName: string | undefined;
  readonly nested: boolean | undefined;
  readonly tags: Readonly<Record<string, string>>;
}

/** The same with the key that says which tracker is meant. */
export interface KeyedSettings extends TrackerSettings {
  readonly key: string;
}

/** What a step wants to log to. */
export interface TrackerWish {
  /** All trackers that are attached. */
  readonly all: boolean;
  readonly names: readonly string[];
}

const GENERAL_KEY = "experiment_tracker";
const FLAVOR_KEY = "experiment_tracker.";
const NAME_KEY = "experiment_tracker:";
const KEY_FORMS = `"${GENERAL_KEY}", "${FLAVOR_KEY}FLAVOR" or "${NAME_KEY}NAME"`;

/** The attached trackers that a step uses, each once. Throws STEPWELL_TRACKER_UNKNOWN. */
export function chosenTrackers(attached: readonly Component[], wish: TrackerWish): Component[] {
  if (wish.all && attached.length === 0)
    throw new StepwellError("STEPWELL_TRACKER_UNKNOWN", "The active stack has no experiment tracker.");
  const named = wish.names.map((name) => {
    const found = attached.find((tracker) => tracker.name === name);
    if (found) return found;
    const names = attached.map((tracker) => tracker.name);
    const has = names.length === 0 ? "none" : names.join(", ");
    const sentence = `The active stack has no experiment tracker ${JSON.stringify(name)}; it has: ${has}.`;
    throw new StepwellError("STEPWELL_TRACKER_UNKNOWN", sentence + nearMatch(name, names));
  });
  return [...new Set(wish.all ? attached : named)];
}

/**
 * What each attached tracker, by its id, is told by one level. Settings for a tracker that
 * is not attached are ignored and say so in `warnings`. Throws STEPWELL_SETTING_INVALID for
 * a malformed or ambiguous key and STEPWELL_TRACKER_UNKNOWN where the default one is meant
 * and there is none.
 */
export function settingsByTracker(
  attached: readonly Component[],
  level: readonly KeyedSettings[],
  warnings: string[],
): Map<string, TrackerSettings> {
  const found = new Map<string, TrackerSettings>();
  for (const settings of level) {
    const tracker = trackerOfKey(attached, settings.key);
    if (tracker) found.set(tracker.id, mergedSettings([found.get(tracker.id) ?? NO_SETTINGS, settings]));
    else
      warnings.push(`The settings ${JSON.stringify(settings.key)} are ignored: no such tracker is attached.`);
  }
  return found;
}

const NO_SETTINGS: TrackerSettings = { experimentName: undefined, nested: undefined, tags: {} };

/** Levels put together, the later ones over the earlier ones. An empty experiment name says nothing. */
export function mergedSettings(levels: readonly TrackerSettings[]): TrackerSettings {
  return levels.reduce(
    (one, other) => ({
      experimentName: other.experimentName || one.experimentName,
      nested: other.nested ?? one.nested,
      tags: { ...one.tags, ...other.tags },
    }),
    NO_SETTINGS,
  );
}

/** What a tracker's own configuration says. */
export function settingsOfTracker({ configuration }: Pick<Component, "configuration">): TrackerSettings {
  const nested = configuration["nested"];
  return {
    experimentName: configuration["experiment_name"],
    nested: nested === undefined ? undefined : /^(1|true|yes|on)$/i.test(nested),
    tags: readTags(configuration["tags"] ?? "{}"),
  };
}

/** Throws STEPWELL_EXPERIMENT_INVALID, STEPWELL_KEY_INVALID or STEPWELL_VALUE_TOO_LONG. */
export function checkSettings({ experimentName = "", tags }: TrackerSettings): void {
  if (codePoints(experimentName) > EXPERIMENT_NAME_CODE_POINTS_MAX)
    throw new StepwellError("STEPWELL_EXPERIMENT_INVALID", "The experiment's name is too long.");
  for (const [key, value] of Object.entries(tags)) {
    const fault = keyFault(key);
    if (fault) throw new StepwellError("STEPWELL_KEY_INVALID", `A tag of the settings is refused: ${fault}.`);
    if (codePoints(value) > TAG_VALUE_CODE_POINTS_MAX)
      throw new StepwellError("STEPWELL_VALUE_TOO_LONG", `The tag ${JSON.stringify(key)} is too long.`);
  }
}

function trackerOfKey(attached: readonly Component[], key: string): Component | undefined {
  if (key === GENERAL_KEY) {
    if (attached[0]) return attached[0];
    const sentence = `The settings ${JSON.stringify(key)} need an experiment tracker in the active stack.`;
    throw new StepwellError("STEPWELL_TRACKER_UNKNOWN", sentence);
  }
  if (key.startsWith(NAME_KEY) && key.length > NAME_KEY.length)
    return attached.find((tracker) => tracker.name === key.slice(NAME_KEY.length));
  if (key.startsWith(FLAVOR_KEY) && key.length > FLAVOR_KEY.length) {
    const ofFlavor = attached.filter((tracker) => tracker.flavor === key.slice(FLAVOR_KEY.length));
    if (ofFlavor.length <= 1) return ofFlavor[0];
    const names = ofFlavor.map((tracker) => tracker.name).join(", ");
    const named = JSON.stringify(`${NAME_KEY}${ofFlavor[0]?.name}`);
    const sentence = `The settings ${JSON.stringify(key)} are ambiguous between the trackers ${names}; ${named} is a name's key.`;
    throw new StepwellError("STEPWELL_SETTING_INVALID", sentence);
  }
  const sentence = `${JSON.stringify(key)} is no key of settings; it has to be ${KEY_FORMS}.`;
  throw new StepwellError("STEPWELL_SETTING_INVALID", sentence);
}

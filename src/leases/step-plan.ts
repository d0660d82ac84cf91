/** Where a step logs to: its trackers, their settings and the runs that follow from both. Pure. */
import { StepwellError } from "../errors/stepwell-error.js";
import type { Component } from "../stacks/component.js";
import {
  checkSettings,
  chosenTrackers,
  type KeyedSettings,
  mergedSettings,
  settingsByTracker,
  settingsOfTracker,
  type TrackerWish,
} from "../stacks/tracker-settings.js";
import { childRunId, type StepTracking, sharedRunId } from "./pipeline-run.js";

/** What a step asks for. */
export interface StepWish {
  readonly pipelineRunId: string;
  /** Empty: it belongs to no pipeline. */
  readonly pipelineName: string;
  readonly invocationId: string;
  readonly trackers: TrackerWish;
  /** The pipeline's settings, then the step's. */
  readonly levels: readonly (readonly KeyedSettings[])[];
}

export interface StepPlan {
  readonly trackings: readonly StepTracking[];
  readonly warnings: readonly string[];
}

/** The trackers that there are: those of the active stack, the default one first, and all others too. */
export interface TrackersAtHand {
  readonly attached: readonly Component[];
  readonly registered: readonly Component[];
}

/**
 * Plans a step. `ownTags` are set on every run of it, over the settings'. Throws what
 * chosenTrackers, settingsByTracker and checkSettings throw.
 */
export function planStep(
  atHand: TrackersAtHand,
  wish: StepWish,
  ownTags: Readonly<Record<string, string>>,
): StepPlan {
  const { attached, chosen } = wish.pipelineName === "" ? outsideOf(atHand, wish) : insideOf(atHand, wish);
  const warnings: string[] = [];
  const levels = wish.levels.map((level) => settingsByTracker(attached, level, warnings));
  const trackings = chosen.map((tracker): StepTracking => {
    const asked = mergedSettings(levels.flatMap((level) => level.get(tracker.id) ?? []));
    const settings = mergedSettings([settingsOfTracker(tracker), asked]);
    const experimentName = settings.experimentName || wish.pipelineName || "Default";
    checkSettings({ ...settings, experimentName });
    const sharedId = sharedRunId(wish.pipelineRunId, tracker.id, experimentName);
    const isNested = settings.nested === true;
    return {
      trackerId: tracker.id,
      tracker: tracker.name,
      experimentName,
      tags: { ...settings.tags, ...ownTags },
      runId: isNested ? childRunId(sharedId, wish.invocationId) : sharedId,
      parentRunId: isNested ? sharedId : "",
      // Of a program outside of a pipeline that was told no experiment: it may name one itself.
      ...(asked.experimentName || wish.pipelineName || isNested ? {} : { isOpen: true }),
    };
  });
  return { trackings, warnings: [...new Set(warnings)] };
}

function insideOf({ attached }: TrackersAtHand, { trackers }: StepWish) {
  return { attached, chosen: chosenTrackers(attached, trackers) };
}

/** A program outside of a pipeline may use any tracker; without a name it uses the default one. */
function outsideOf({ attached, registered }: TrackersAtHand, { trackers }: StepWish) {
  const isAsked = trackers.all || trackers.names.length > 0;
  if (!isAsked && !attached[0])
    throw new StepwellError("STEPWELL_TRACKER_UNKNOWN", "The active stack has no experiment tracker.");
  const chosen = isAsked
    ? chosenTrackers(trackers.all ? attached : registered, trackers)
    : attached.slice(0, 1);
  return { attached: chosen, chosen };
}

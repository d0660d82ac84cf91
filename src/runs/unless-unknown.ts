import { StepwellError } from "../errors/stepwell-error.js";

/** What is found; undefined where it needs a tracker that does not exist, or not yet. */
export function unlessUnknown<Found>(find: () => Found): Found | undefined {
  try {
    return find();
  } catch (error) {
    if (error instanceof StepwellError && error.code === "STEPWELL_TRACKER_UNKNOWN") return undefined;
    throw error;
  }
}

/** What -x may set. */
import { StepwellError } from "../errors/stepwell-error.js";
import { nearMatch } from "../model/near-match.js";

/** A setting and what it is for. */
export interface DeploymentSetting {
  readonly name: string;
  readonly meaning: string;
}

/** Throws STEPWELL_DEPLOYMENT_INVALID for a setting that there is none of. */
export function checkKnown(
  known: readonly DeploymentSetting[],
  settings: Readonly<Record<string, string>>,
): void {
  const names = known.map(({ name }) => name);
  const unknown = Object.keys(settings).find((name) => !names.includes(name));
  if (unknown === undefined) return;
  const sentence = `There is no setting ${JSON.stringify(unknown)} for -x here.${nearMatch(unknown, names)}`;
  throw new StepwellError("STEPWELL_DEPLOYMENT_INVALID", sentence);
}

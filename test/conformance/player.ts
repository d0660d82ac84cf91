import type { Driver } from "./driver.js";
import type { Scenario } from "./scenario.js";
import type { DaemonStage, ServerStage } from "./stage.js";

/** A language on its stage. */
export interface Player {
  readonly driver: Driver;
  readonly stage: DaemonStage | ServerStage;
  readonly scenario: Scenario;
}

/** What a driver calls a scenario's run: it plays several scenarios, each of which may have a run of that name. */
export function runName({ id }: Scenario, name: string): string {
  return `${id} ${name}`;
}

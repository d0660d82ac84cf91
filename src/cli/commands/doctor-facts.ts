/** What a running daemon tells the doctor of what only it can read. */
import { toStepwellError } from "../../errors/stepwell-error.js";
import { type Component, ComponentType } from "../../gen/stepwell/v1/stacks.js";
import { type Deadline, deadlineAfter } from "../../home/wait.js";
import {
  faultCheck,
  type HomeCheck,
  type HomeFacts,
  okCheck,
  type SecretsFact,
} from "../../model/home-check.js";
import { DOCTOR_FACTS_MS_MAX, DOCTOR_STORES_MS_MIN } from "../../model/limits.js";
import type { Connection } from "../daemon/find-daemon.js";
import { journalFault, stateFault } from "../daemon/home-fault.js";
import { laneStateWord } from "../output/lane-words.js";
import { backendWord, stateWord } from "../output/secret-words.js";
import { metricsText } from "../output/status-words.js";
import { present } from "./status.js";

/** What it tells, and what is wrong with its stores. */
export interface ToldFacts {
  /** All but the secrets; undefined when it does not tell. */
  readonly facts?: Omit<HomeFacts, "secrets">;
  readonly checks: readonly HomeCheck[];
}

/** All but the secrets: the keychain has to be asked for those. */
export async function askFacts(connection: Connection): Promise<ToldFacts> {
  try {
    return await ask(connection, deadlineAfter(DOCTOR_FACTS_MS_MAX));
  } catch (error) {
    return { checks: [faultCheck("the daemon's state", "failed", error)] };
  }
}

/** Where secrets are kept; the state "unsaid" where that is not said, with the reason. */
export async function askSecrets({ call, secrets }: Connection, deadline: Deadline): Promise<SecretsFact> {
  try {
    const timeoutMs = Math.max(0, deadline.leftMs() - DOCTOR_STORES_MS_MIN);
    const report = await call(secrets.getSecretBackend.bind(secrets), {}, timeoutMs);
    return {
      backend: backendWord(report.backend),
      state: stateWord(report.state),
      finding: report.finding,
    };
  } catch (error) {
    return { backend: "", state: "unsaid", finding: toStepwellError(error).message };
  }
}

async function ask({ call, stream, daemon, stacks }: Connection, deadline: Deadline): Promise<ToldFacts> {
  const status = present((await call(daemon.getStatus.bind(daemon), {}, deadline.leftMs())).status);
  const type = ComponentType.COMPONENT_TYPE_EXPERIMENT_TRACKER;
  const components: Component[] = [];
  const take = (piece: { readonly components: Component[] }) => void components.push(...piece.components);
  await stream(stacks.listComponents.bind(stacks), { type, options: undefined }, take, deadline.leftMs());
  const { stack: active } = await call(stacks.getStack.bind(stacks), { stack: "" }, deadline.leftMs());
  const [state, journal] = [stateFault(status), journalFault(status)];
  const metrics = metricsText(status);
  const facts = {
    trackers: components.map(({ name, configuration }) => ({ name, configuration })),
    artifactStore: active?.artifactStore?.configuration ?? {},
    deadLetters: Number(status.deadLetters),
    endedWithoutClosing: Number(status.producersEndedWithoutClosing),
    lastEnded: status.endedProducers.map((each) => ({ ...each, endedMs: Number(each.endedMs) })),
    producersWithLosses: Number(status.producersWithLosses),
    notices: status.notices,
    lanes: {
      count: status.laneCount,
      troubled: status.troubledLaneCount,
      queuedPoints: Number(status.queuedPoints),
      told: status.lanes.map(({ tracker, state, lastError }) => ({
        ...{ tracker, lastError },
        state: laneStateWord(state),
      })),
    },
  };
  const checks = [
    ...(state ? [faultCheck("state store", "failed", state)] : []),
    ...(journal ? [faultCheck("journaling", "failed", journal)] : []),
    ...(metrics === "" ? [] : [okCheck("metrics", metrics)]),
  ];
  return { facts, checks };
}

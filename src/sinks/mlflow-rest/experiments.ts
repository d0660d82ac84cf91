/** Experiments by name: found or made, whoever makes it first. */
import { bodyOf, ServerFault } from "../../mlflow/server-fault.js";
import type { Session } from "../../mlflow/session.js";
import type { JsonObject } from "../../mlflow/verdict.js";

/** Ids that were found, by workspace and name; an experiment keeps its id for ever. */
export type KnownExperiments = Map<string, string>;

/**
 * The experiment's id. Throws a ServerFault: a hold with STEPWELL_EXPERIMENT_DELETED for one
 * that was deleted, and with STEPWELL_EXPERIMENT_UNUSABLE for one that we may not make; a name
 * that the server does not take is refused for good.
 */
export async function ensureExperiment(
  session: Session,
  name: string,
  known: KnownExperiments,
): Promise<string> {
  const key = JSON.stringify([session.workspace, name]);
  const id = known.get(key) ?? (await find(session, name)) ?? (await create(session, name));
  known.set(key, id);
  return id;
}

async function find(session: Session, name: string): Promise<string | undefined> {
  const verdict = await session.get("experiments/get-by-name", { experiment_name: name });
  if (verdict.kind === "missing") return undefined;
  const experiment = bodyOf(verdict)["experiment"] as JsonObject | undefined;
  const id = experiment?.["experiment_id"];
  if (experiment?.["lifecycle_stage"] === "deleted") {
    const reason = `Experiment ${JSON.stringify(name)} is deleted at ${session.baseUrl}.`;
    throw new ServerFault({ kind: "hold", scope: "run", code: "STEPWELL_EXPERIMENT_DELETED", reason });
  }
  if (typeof id === "string" && id !== "") return id;
  const reason = `${session.baseUrl} answered without an experiment's id.`;
  throw new ServerFault({ kind: "hold", scope: "unclear", code: "STEPWELL_SERVER_NOT_UNDERSTOOD", reason });
}

async function create(session: Session, name: string): Promise<string> {
  const verdict = await session.post("experiments/create", { name });
  if (verdict.kind === "ok") {
    const id = verdict.body["experiment_id"];
    if (typeof id === "string" && id !== "") return id;
  }
  // Somebody else made it, or the answer to our own request was lost.
  const found = await find(session, name);
  if (found !== undefined) return found;
  const mayBeLet = verdict.kind === "hold" && verdict.code === "STEPWELL_NOT_PERMITTED";
  if (verdict.kind === "refused" || verdict.kind === "missing" || mayBeLet) {
    const reason = `Experiment ${JSON.stringify(name)} can't be made: ${verdict.reason}`;
    const fault = { code: "STEPWELL_EXPERIMENT_UNUSABLE", reason } as const;
    throw new ServerFault(
      verdict.kind === "refused" ? { kind: "gone", ...fault } : { kind: "hold", scope: "run", ...fault },
    );
  }
  bodyOf(verdict);
  const reason = `${session.baseUrl} made no experiment.`;
  throw new ServerFault({ kind: "hold", scope: "unclear", code: "STEPWELL_SERVER_NOT_UNDERSTOOD", reason });
}

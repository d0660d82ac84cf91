/** What programs are told of experiments: what the tracker says, or what was seen of them while it is away. */
import type { Clock } from "../model/clock.js";
import { refusalOf, type SeenExperiments } from "./experiments.js";
import type { JsonObject } from "./requests/body.js";
import { requiredText, textField } from "./requests/fields.js";
import { RequestFault } from "./requests/request-fault.js";
import { ApiDown, type TrackerApi } from "./tracker-api.js";
import type { Place } from "./workspace.js";

/** A tracker, and how it is asked. */
interface Asked {
  readonly target: Place;
  readonly api: TrackerApi;
}

/** One of MLflow's requests about one experiment. */
interface Question {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly asked: JsonObject;
}

interface Known {
  readonly experiments: SeenExperiments;
  readonly clock: Clock;
}

/** The answer's JSON. Throws what the tracker refuses with, and ApiDown where nothing was seen either. */
export async function answerExperiment(
  { target, api }: Asked,
  { method, path, asked: sent }: Question,
  { experiments, clock }: Known,
): Promise<JsonObject> {
  const asked = namedAt(api, sent);
  try {
    const id = textField(asked, "experiment_id");
    const there = id === "" ? asked : { ...asked, experiment_id: await experiments.idAt(target, api, id) };
    const answer = await api.ask(method, path, there);
    if (answer.status !== 200) throw refusalOf(answer.body);
    const shown = answer.body["experiment"] as JsonObject | undefined;
    if (shown) await experiments.saw(target, shown);
    return answer.body;
  } catch (error) {
    if (!(error instanceof ApiDown)) throw error;
    if (path.endsWith("/create"))
      return await makeUp(target, requiredText(asked, "name"), { experiments, clock });
    const name = textField(asked, "experiment_name");
    const seen =
      name === ""
        ? await experiments.byId(target, textField(asked, "experiment_id"))
        : await experiments.byName(target, name);
    if (seen) return { experiment: seen };
    // A program that gets this makes the experiment, which works without the tracker.
    if (name !== "")
      throw new RequestFault("RESOURCE_DOES_NOT_EXIST", `Could not find experiment with name '${name}'`);
    throw error;
  }
}

async function makeUp(target: Place, name: string, { experiments, clock }: Known): Promise<JsonObject> {
  if (await experiments.byName(target, name))
    throw new RequestFault("RESOURCE_ALREADY_EXISTS", `Experiment '${name}' already exists.`);
  const made = await experiments.makeUp(target, name, clock.nowMs());
  return { experiment_id: made["experiment_id"] };
}

/** A question about an experiment, by the name that it has there: Databricks' are paths. */
function namedAt(api: TrackerApi, asked: JsonObject): JsonObject {
  const at = (field: string): JsonObject => {
    const name = asked[field];
    return typeof name === "string" && name !== "" ? { [field]: api.experimentName?.(name) ?? name } : {};
  };
  return { ...asked, ...at("name"), ...at("experiment_name") };
}

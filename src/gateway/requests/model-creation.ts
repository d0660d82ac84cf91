/** `POST logged-models`: what it says of the model, taken as MLflow's server takes it. */
import { runNameOf } from "../../model/run-name.js";
import { quote, quoteTuple } from "./python.js";
import { invalid } from "./request-fault.js";
import { type LocalRequest, list, message, readMessage, text } from "./request-message.js";

const ENTRY = message({ key: text, value: text });
const NAME_NOT = ["/", ":", ".", "%", '"', "'"];

/** Throws where MLflow does not take it. */
export function readModelCreation(request: LocalRequest) {
  const fields = {
    ...{ experiment_id: text, name: text, model_type: text, source_run_id: text },
    ...{ params: list(ENTRY), tags: list(ENTRY) },
  };
  const asked = readMessage(request, fields, {
    experiment_id: ["string", "required"],
    name: ["string"],
    model_type: ["string"],
    source_run_id: ["string"],
    params: ["array"],
    tags: ["array"],
  });
  if (asked.name) checkName(asked.name);
  return asked;
}

/** The name of a model that was given none. */
export function modelNameOf(modelId: string): string {
  return runNameOf(modelId.slice("m-".length));
}

function checkName(name: string): void {
  if (!NAME_NOT.some((character) => name.includes(character))) return;
  throw invalid(
    `Invalid model name (${quote(name)}) provided. Model name must be a non-empty string and cannot contain the following characters: ${quoteTuple(NAME_NOT)}`,
  );
}

/** Ids of logged models, as MLflow's servers make them and the daemon does while one is away. */
import { newId } from "./id.js";

const MODEL_IDS = /(?<![0-9A-Za-z])m-[0-9a-f]{32}(?![0-9A-Za-z])/g;

export function newModelId(): string {
  return `m-${newId()}`;
}

export function isModelId(text: string): boolean {
  return /^m-[0-9a-f]{32}$/.test(text);
}

/** What looks like one in a text. */
export function modelIdsIn(text: string): readonly string[] {
  return text.match(MODEL_IDS) ?? [];
}

/** A text with other ids in place of those that the map has. */
export function withModelIds(text: string, others: ReadonlyMap<string, string>): string {
  return others.size === 0 ? text : text.replace(MODEL_IDS, (id) => others.get(id) ?? id);
}

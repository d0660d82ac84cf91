import type { BackendModels } from "../../src/runs/backend-models.js";

/** The book of a daemon that began no model. */
export const NO_MODELS: Pick<BackendModels, "ownId" | "idAt" | "find"> = {
  ownId: async (modelId) => modelId,
  idAt: async (modelId) => modelId,
  find: async () => undefined,
};

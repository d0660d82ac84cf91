import type { BackendModel } from "../model/target.js";

/** Where the ids are kept that a server gives to logged models which the daemon began: the daemon's state store. */
export interface ModelIds {
  /** What is known of a model there; undefined: the daemon did not begin it. */
  find(modelId: string): Promise<BackendModel | undefined>;
  /** Keeps it; on disk when it resolves. */
  keep(modelId: string, value: BackendModel): Promise<void>;
  /** When the gateway asked the server for it, of the monotonic clock; undefined: it did not. */
  askedMs(modelId: string): number | undefined;
  /** Whether the lane of the run that it is of may still make it. */
  isExpected(model: BackendModel): boolean;
}

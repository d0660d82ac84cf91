/** A tracker that nobody can be asked for: a relay takes what is logged, and answers no question of MLflow's API. */

import type { GatewayAnswer } from "./call.js";
import { type ApiAnswer, ApiDown, type TrackerApi } from "./tracker-api.js";

export class NoApi implements TrackerApi {
  pass(): Promise<GatewayAnswer> {
    return Promise.reject(this.#down());
  }

  ask(): Promise<ApiAnswer> {
    return Promise.reject(this.#down());
  }

  async close(): Promise<void> {
    // There is nothing.
  }

  #down(): ApiDown {
    return new ApiDown("Nobody can be asked for this tracker.", { isUnsent: true });
  }
}

/** What is known of a relay's backend: asked at the start and every few seconds, and told when it changes. */
import { toStepwellError } from "../errors/stepwell-error.js";
import { type RelayBackend, RelayDurability } from "../gen/stepwell/v1/relay.js";
import type { Log } from "../model/log.js";
import { DURABILITY } from "../sinks/relay/outcome-message.js";
import type { RelayStore } from "./store.js";

const LOOK_MS = 2_000;

export class BackendWatch {
  readonly #store: RelayStore;
  readonly #log: Log;
  readonly #onChange: () => void;
  #known: RelayBackend;
  #isKnown = false;
  #lastCode = "";
  #looking: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(store: RelayStore, log: Log, onChange: () => void) {
    this.#store = store;
    this.#log = log;
    this.#onChange = onChange;
    this.#known = {
      keepsCursors: store.keepsCursors,
      backendId: "",
      timeline: "",
      durability: RelayDurability.RELAY_DURABILITY_UNSPECIFIED,
    };
  }

  get known(): RelayBackend {
    return this.#known;
  }

  /** Looks once, and goes on with it. Never rejects. */
  async start(): Promise<void> {
    this.#looking = this.#look();
    await this.#looking;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#looking;
  }

  async #look(): Promise<void> {
    try {
      const { backendId, timeline, durability } = await this.#store.facts();
      this.#lastCode = "";
      const now = { ...this.#known, backendId, timeline, durability: DURABILITY[durability] };
      const isOther =
        this.#isKnown &&
        (now.backendId !== this.#known.backendId ||
          now.timeline !== this.#known.timeline ||
          now.durability !== this.#known.durability);
      const wasKnown = this.#isKnown;
      this.#known = now;
      this.#isKnown = true;
      if (isOther) this.#log("warn", "the backend is another, or in another life", { backendId, timeline });
      if (isOther || !wasKnown) this.#onChange();
    } catch (error) {
      const { code, message: reason } = toStepwellError(error);
      if (code !== this.#lastCode) this.#log("warn", "the backend can't be asked", { code, reason });
      this.#lastCode = code;
    }
    if (!this.#isClosed) this.#timer = setTimeout(() => void this.start(), LOOK_MS).unref();
  }
}

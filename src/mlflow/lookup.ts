/**
 * How a server's name becomes an address: by the system, as every other program does it, but a few at a time.
 *
 * The system's resolver blocks one of the four threads that write the journal and the state store, too,
 * and for half a minute where no name server answers. So a name is looked for once however many ask, and of several
 * names two at a time: the others wait, and give up by their own deadline.
 */
import dns from "node:dns";
import type { LookupFunction } from "node:net";
import { NAME_LOOKUPS_MAX } from "../model/limits.js";

type Callback = Parameters<LookupFunction>[2];

const systemLookup: LookupFunction = (hostname, options, callback) => dns.lookup(hostname, options, callback);

interface Asked {
  readonly hostname: string;
  readonly options: Parameters<LookupFunction>[1];
  readonly callbacks: Callback[];
}

export class Lookups {
  readonly #lookup: LookupFunction;
  readonly #asked = new Map<string, Asked>();
  readonly #waiting: Asked[] = [];
  #busy = 0;

  constructor(lookup: LookupFunction = systemLookup) {
    this.#lookup = lookup;
  }

  /** As Node's own. */
  readonly find: LookupFunction = (hostname, options, callback) => {
    const key = JSON.stringify([hostname, options.family, options.hints, options.all]);
    const known = this.#asked.get(key);
    if (known) return void known.callbacks.push(callback);
    const asked = { hostname, options, callbacks: [callback] };
    this.#asked.set(key, asked);
    this.#waiting.push(asked);
    this.#next();
  };

  #next(): void {
    while (this.#busy < NAME_LOOKUPS_MAX) {
      const asked = this.#waiting.shift();
      if (!asked) return;
      this.#busy += 1;
      this.#lookup(asked.hostname, asked.options, (...found) => {
        this.#busy -= 1;
        for (const [key, each] of this.#asked) if (each === asked) this.#asked.delete(key);
        for (const callback of asked.callbacks) callback(...found);
        this.#next();
      });
    }
  }
}

/** Those of this process. */
export const lookups = new Lookups();

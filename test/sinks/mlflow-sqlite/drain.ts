import { setTimeout } from "node:timers/promises";
import type { MetricRows } from "../../../src/model/pack.js";
import type { Sink } from "../../../src/sinks/sink.js";
import { pack, RUN_ID } from "./packs.js";

const POINTS = 10_000;
const KEYS = Array.from({ length: 20 }, (_, index) => `train/metric-${index}`);

/** A drain at full speed: full packs of one run of 20 keys, one after the other, as a lane sends them. */
export class Drain {
  readonly #sink: Sink;
  #loop: Promise<void> | undefined;
  #seq = 1;
  #isOn = false;
  /** Requests that were answered with a retry. */
  retries = 0;
  /** Points that the sink said are delivered. */
  delivered = 0;

  constructor(sink: Sink) {
    this.#sink = sink;
  }

  start(): void {
    this.#isOn = true;
    this.#loop = this.#run();
  }

  /** Ends after the request under way. Rejects for what is neither delivered nor a retry. */
  async stop(): Promise<void> {
    this.#isOn = false;
    await this.#loop;
  }

  async #run(): Promise<void> {
    while (this.#isOn) {
      const metrics = rowsFrom(((this.#seq - 1) * POINTS) / KEYS.length);
      const next = pack(this.#seq, [], { metrics, pointsThrough: this.#seq * POINTS });
      const [outcome] = await this.#sink.send([next]);
      if (outcome?.kind === "delivered") {
        this.#seq++;
        this.delivered += POINTS;
      } else if (outcome?.kind === "retry") {
        this.retries++;
        await setTimeout(50);
      } else throw new Error(`run ${RUN_ID}: ${JSON.stringify(outcome)}`);
    }
  }
}

function rowsFrom(firstStep: number): MetricRows {
  const steps = new BigInt64Array(POINTS);
  const timestampsMs = new BigInt64Array(POINTS);
  const values = new Float64Array(POINTS);
  const keyIndexes = new Uint32Array(POINTS);
  for (let row = 0; row < POINTS; row++) {
    const step = firstStep + Math.floor(row / KEYS.length);
    keyIndexes[row] = row % KEYS.length;
    steps[row] = BigInt(step);
    timestampsMs[row] = 1_700_000_000_000n + BigInt(step);
    values[row] = Math.sin(row + step);
  }
  return { keys: KEYS, modelIds: KEYS.map(() => ""), keyIndexes, steps, timestampsMs, values };
}

/** A run that is begun, and logs a value after the other. */
import type { ExecutionContext } from "ava";
import type { Batch } from "../../src/gen/stepwell/v1/ingest.js";
import type { ScratchHome } from "./home.js";
import { newRunId, RawProducer } from "./producer.js";

const NO_START = { experimentName: "", trackers: [], user: "", sourceName: "", parentRunId: "" };

export class LiveRun {
  readonly runId = newRunId();
  readonly #producer: RawProducer;
  #sequence = 0;

  private constructor(producer: RawProducer) {
    this.#producer = producer;
  }

  /** One that can begin: its stream is open. */
  static async connect(t: Pick<ExecutionContext, "teardown">, home: ScratchHome): Promise<LiveRun> {
    const producer = new RawProducer(await home.startDaemonOrFind());
    t.teardown(() => producer.cut());
    producer.hello();
    return new LiveRun(producer);
  }

  async begin(runName: string, trackers: readonly string[] = []): Promise<void> {
    const runStart = { ...NO_START, trackers: [...trackers], runName, startTimeMs: BigInt(Date.now()) };
    await this.#send({ runStart });
  }

  async log(key: string, values: readonly number[], from = 0): Promise<void> {
    const steps = values.map((_, at) => BigInt(from + at));
    const timestampsMs = steps.map((step) => BigInt(Date.now()) + step);
    await this.#send({ metrics: [{ key, steps, timestampsMs, values: [...values], modelId: "" }] });
  }

  async #send(batch: Partial<Batch>): Promise<void> {
    this.#sequence += 1;
    this.#producer.batch(this.#sequence, this.runId, batch);
    await this.#producer.acknowledged(this.#sequence);
  }
}

/** What is carried by hand: bundles that are written here, those of other homes, and receipts. */
import type { BundleCalls } from "../api/bundles-service.js";
import { confirmReceipt } from "../carry/confirm.js";
import { exportBundle } from "../carry/exporter.js";
import { Importer } from "../carry/importer.js";
import type { Dispatcher } from "../flush/dispatcher.js";
import type {
  BundleProgress,
  ConfirmBundleRequest,
  ConfirmBundleResponse,
  ExportBundleRequest,
  ImportBundleRequest,
} from "../gen/stepwell/v1/bundles.js";
import type { Clock } from "../model/clock.js";
import type { Backend, Target } from "../model/target.js";
import { Turns } from "../model/turns.js";
import type { RunIds } from "../sinks/run-ids.js";
import type { Sink } from "../sinks/sink.js";
import { backendOf } from "../stacks/targets.js";
import type { Stores } from "./stores.js";

export interface BundlesOptions {
  readonly stores: Stores;
  readonly dispatcher: Dispatcher;
  readonly clock: Clock;
  readonly random: () => number;
  /** A sink beside that of the home's own lanes. */
  readonly openSink: (backend: Backend, isExpected: (runId: string) => boolean) => Sink;
  readonly runIds: (backend: Backend) => RunIds;
}

export class Bundles implements BundleCalls {
  readonly #options: BundlesOptions;
  readonly #importer: Importer;
  /** Each export has what the one before left. */
  readonly #exporting = new Turns();

  constructor(options: BundlesOptions) {
    this.#options = options;
    const { stores, clock, random, openSink, runIds } = options;
    this.#importer = new Importer({
      ...{ imports: stores.imports, deadLetters: stores.deadLetters, clock, random },
      targetOf: (tracker) => targetOf(stores, tracker),
      openSink: ({ backend }, isExpected) => openSink(backend, isExpected),
      runIds: ({ backend }) => runIds(backend),
    });
  }

  async exportBundle(
    request: ExportBundleRequest,
    say: (progress: BundleProgress) => void,
    signal: AbortSignal,
  ): Promise<BundleProgress> {
    const { stores, clock } = this.#options;
    return await this.#exporting.take(() => exportBundle({ ...stores, clock }, request, say, signal));
  }

  async importBundle(
    request: ImportBundleRequest,
    say: (progress: BundleProgress) => void,
    signal: AbortSignal,
  ): Promise<BundleProgress> {
    return await this.#importer.take(request, say, signal);
  }

  async confirmBundle({ file }: ConfirmBundleRequest): Promise<ConfirmBundleResponse> {
    const { stores, dispatcher } = this.#options;
    const { number, runs, points, runsBefore } = await confirmReceipt({ ...stores, dispatcher }, file);
    return {
      ...{ number: BigInt(number), runs: BigInt(runs) },
      ...{ points: BigInt(points), runsBefore: BigInt(runsBefore) },
    };
  }
}

function targetOf({ stacks, folders }: Stores, nameOrId: string): Target {
  const tracker = stacks.componentOrActive("experiment_tracker", nameOrId);
  const { configuration } = stacks.component("artifact_store", stacks.active.artifactStore);
  return {
    ...{ trackerId: tracker.id, tracker: tracker.name },
    backend: backendOf(tracker, configuration, folders),
  };
}

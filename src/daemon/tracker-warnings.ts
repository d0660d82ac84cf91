/** What was noticed of trackers' servers since this daemon started, for whoever looks at them. */
import type { TrackerWarning } from "../gen/stepwell/v1/daemon.js";
import { unsafeMlflow } from "../mlflow/mlflow-version.js";
import { backendKey, type ServerBackend } from "../model/target.js";
import type { Component } from "../stacks/component.js";
import type { StackBook } from "../stacks/stack-book.js";
import { readTrackingUri } from "../stacks/tracking-uri.js";

/** Servers that are too old. A tracker that points elsewhere by now, or is gone, has no warning. */
export class TrackerWarnings {
  readonly #stacks: StackBook;
  /** By backend. */
  readonly #noted = new Map<string, { readonly backend: ServerBackend; readonly warning: string }>();

  constructor(stacks: StackBook) {
    this.#stacks = stacks;
  }

  /** Keeps what a server says of its version; a newer one takes the warning back. */
  note(backend: ServerBackend, version: string): void {
    const unsafe = unsafeMlflow(version);
    if (!unsafe) return void this.#noted.delete(backendKey(backend));
    const warning = `${unsafe.finding} ${unsafe.remedy}`;
    this.#noted.set(backendKey(backend), { backend, warning });
  }

  /** Those of one component. */
  of({ id, configuration }: Component): string[] {
    const uri = readTrackingUri(configuration["tracking_uri"]);
    if (uri.kind !== "server") return [];
    return [...this.#noted.values()]
      .filter(({ backend }) => backend.trackerId === id && backend.uri === uri.url)
      .map(({ warning }) => warning);
  }

  /** Those of all trackers. */
  all(): TrackerWarning[] {
    const trackerIds = new Set([...this.#noted.values()].map(({ backend }) => backend.trackerId));
    return [...trackerIds].flatMap((id) => {
      const tracker = this.#stacks.componentById(id);
      return tracker ? this.of(tracker).map((warning) => ({ tracker: tracker.name, warning })) : [];
    });
  }
}

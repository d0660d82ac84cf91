import { Producers } from "../ingest/producers.js";
import type { Clock } from "../model/clock.js";
import type { HomeFacts } from "../model/home-check.js";
import { DeadLetters } from "../state/dead-letters.js";
import { StackBook } from "../state/stack-book.js";
import type { Store } from "../store/store.js";

/** What the state store says of a home whose daemon does not run. */
export async function readHomeFacts(store: Store, clock: Clock): Promise<HomeFacts> {
  const stacks = await StackBook.open(store, clock);
  const letters = await DeadLetters.open(store, clock);
  const producers = await Producers.open(store);
  return {
    trackers: stacks
      .components("experiment_tracker")
      .map(({ name, configuration }) => ({ name, configuration })),
    artifactStore: stacks.component("artifact_store", stacks.active.artifactStore).configuration,
    deadLetters: letters.entries,
    endedWithoutClosing: producers.endedWithoutClosing,
    lanes: undefined,
    journalError: "",
  };
}

import { Producers } from "../ingest/producers.js";
import type { Clock } from "../model/clock.js";
import type { HomeFacts } from "../model/home-check.js";
import { ENDED_PRODUCERS_SHOWN } from "../model/limits.js";
import { DeadLetters } from "../runs/dead-letters.js";
import { DoorCounts } from "../runs/door-counts.js";
import { newIdsOf, sayNewId } from "../runs/home-history.js";
import type { SecretBackends } from "../secrets/backend.js";
import { BackendChoice } from "../secrets/backend-choice.js";
import { reportBackend } from "../secrets/backend-report.js";
import type { Secret } from "../secrets/secret.js";
import { StackBook } from "../stacks/stack-book.js";
import type { Store } from "../store/contract.js";
import { TABLES } from "../store/tables.js";

/** What the state store says of a home whose daemon does not run. */
export async function readHomeFacts(
  store: Store,
  clock: Clock,
  backends: SecretBackends,
): Promise<HomeFacts> {
  const stacks = await StackBook.open(store, clock);
  const letters = await DeadLetters.open(store, clock);
  const producers = await Producers.open(store, clock);
  const counts = await DoorCounts.open(store);
  return {
    trackers: stacks
      .components("experiment_tracker")
      .map(({ name, configuration }) => ({ name, configuration })),
    artifactStore: stacks.component("artifact_store", stacks.active.artifactStore).configuration,
    deadLetters: letters.entries,
    endedWithoutClosing: producers.endedWithoutClosing,
    lastEnded: producers.lastEnded(ENDED_PRODUCERS_SHOWN),
    producersWithLosses: counts.producersWithLosses,
    notices: (await newIdsOf(store)).slice(-1).map(sayNewId),
    lanes: undefined,
    secrets: await reportBackend(
      await BackendChoice.open(store, clock, backends),
      backends,
      (await store.list<Secret>(TABLES.secret)).map(({ value }) => value),
    ),
  };
}

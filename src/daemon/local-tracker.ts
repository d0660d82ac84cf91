/** MLflow's API of a tracker that is a file of this machine, or that nobody can be asked for. */
import { LocalArtifacts } from "../gateway/artifacts/local-artifacts.js";
import { LocalStore } from "../gateway/local/local-store.js";
import { LocalApi } from "../gateway/local-api.js";
import { LocalRest } from "../gateway/local-rest.js";
import { StoreOnlyApi } from "../gateway/store-only-api.js";
import type { TrackerApi } from "../gateway/tracker-api.js";
import type { Environment, HomePaths } from "../home/endpoint.js";
import { ManagedServer } from "../mlflow/managed/managed-server.js";
import type { Clock } from "../model/clock.js";
import type { Log } from "../model/log.js";
import { isNewStore } from "../model/store-mark.js";
import { type Backend, factsOf } from "../model/target.js";
import type { StoreMarks } from "../runs/store-marks.js";
import { type HomePlace, isInHome } from "./home-sink.js";

/** What it is opened with. */
export interface LocalApiOptions {
  readonly paths: HomePaths;
  readonly clock: Clock;
  readonly log: Log;
  readonly mlflowEnvironment: Environment;
  readonly mlflowIdleMs: number;
  readonly place: HomePlace;
}

/** What a home remembers of stores that runs were delivered to. */
type Marks = Pick<StoreMarks, "of">;

export function openLocalApi(options: LocalApiOptions, marks: Marks, backend: Backend): TrackerApi {
  const { file: databasePath, artifactRoot, trackingUri } = factsOf(backend);
  if (databasePath === undefined || artifactRoot === undefined) return new StoreOnlyApi(trackingUri);
  const { paths, clock, log, place, mlflowEnvironment: env, mlflowIdleMs: idleMs } = options;
  const server = new ManagedServer({ paths, env, databasePath, artifactRoot, idleMs, log });
  return new LocalApi({
    store: new LocalStore({
      ...{ databasePath, artifactRoot, servesArtifacts: true, home: place.home },
      // As the sink does: a store that is missing is held for, and not begun anew.
      mayMake: () => isNewStore(marks.of(backend)),
      onUpgraded: (release) =>
        log(
          "info",
          `a local store was upgraded for what a program logs: it needs MLflow ${release} or later now`,
          {
            file: databasePath,
          },
        ),
    }),
    artifacts: new LocalArtifacts(artifactRoot, clock),
    rest: new LocalRest(server, clock),
    artifactRoot,
    // A home that was moved away is not made anew by its parts.
    isAway: () => isInHome(databasePath, place.home) && !place.isInPlace(),
  });
}

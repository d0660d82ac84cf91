/** Where a run's artifacts are that MLflow's server, or the daemon in its place, writes for its clients. */

/** What MLflow names its own place by, and where that is asked for. */
const SERVED = "mlflow-artifacts:";
const ARTIFACTS = "/api/2.0/mlflow-artifacts/artifacts";

/** The path at which they are asked for, by a run's artifact_uri; undefined: they are elsewhere. */
export function servedArtifactsPath(uri: string): string | undefined {
  const below = uri.startsWith(SERVED)
    ? new URL(uri).pathname
    : /^https?:.*?\/mlflow-artifacts\/artifacts(\/.*)$/.exec(uri)?.[1];
  return below === undefined ? undefined : `${ARTIFACTS}/${below.replace(/^\/+|\/+$/g, "")}`;
}

/** Versions of MLflow that mean something here. */

/** What `integration install mlflow` installs unless another is asked for: the one that the tests run against. */
export const MLFLOW_VERSION = "3.17.2";
/** Before it whoever reaches an MLflow server can read its files (GHSA-xg73-94fp-g449). */
export const MLFLOW_VERSION_SAFE = "2.2.1";

/** The first that has logged models. */
export const MLFLOW_VERSION_MODELS = "3.0.0";

/** What is wrong with a server of this version, and what to do; undefined where nothing is, or it is no version. */
export function unsafeMlflow(version: string): { finding: string; remedy: string } | undefined {
  if (isOlderMlflow(version, MLFLOW_VERSION_SAFE) !== true) return undefined;
  return {
    finding: `MLflow ${version} hands out any file of its machine to anybody (GHSA-xg73-94fp-g449).`,
    remedy: `Bring the server to MLflow ${MLFLOW_VERSION_SAFE} or newer.`,
  };
}

/** Whether a version of MLflow is older than another one; undefined when the text is no version. */
export function isOlderMlflow(version: string, than: string): boolean | undefined {
  const [, ...numbers] = /^(\d+)\.(\d+)(?:\.(\d+))?/.exec(version) ?? [];
  if (numbers.length === 0) return undefined;
  const wanted = than.split(".").map(Number);
  const differing = wanted.findIndex((number, index) => number !== Number(numbers[index] ?? 0));
  return differing !== -1 && Number(numbers[differing] ?? 0) < (wanted[differing] ?? 0);
}

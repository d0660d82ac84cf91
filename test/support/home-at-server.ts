import type { ExecutionContext } from "ava";
import { type ScratchHome, scratchHome } from "./home.js";

/** A home whose active stack has one tracker, "remote": an open MLflow server. Its daemon runs. */
export async function homeAtServer(t: Pick<ExecutionContext, "teardown">, url: string): Promise<ScratchHome> {
  const home = await scratchHome(t);
  const uri = `--tracking_uri=${url}`;
  await home.json(["experiment-tracker", "register", "remote", "--flavor=mlflow", uri, "--auth=none"]);
  await home.json(["stack", "register", "remote", "-e", "remote", "--set"]);
  return home;
}

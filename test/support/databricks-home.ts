import type { ScratchHome } from "./home.js";
import type { ScriptedMlflow } from "./scripted-mlflow.js";

/** Makes a workspace the home's only tracker, by a service principal. */
export async function registerWorkspace(home: ScratchHome, workspace: ScriptedMlflow): Promise<void> {
  await home.json(["secret", "create", "principal", "--id=sp-id", "--secret=sp-secret"]);
  await home.json([
    ...["experiment-tracker", "register", "bricks", "--flavor=mlflow", "--tracking_uri=databricks"],
    ...[`--databricks_host=${workspace.url}`, "--databricks_client_id={{principal.id}}"],
    "--databricks_client_secret={{principal.secret}}",
  ]);
  await home.json(["stack", "register", "bricks", "-e", "bricks", "--set"]);
}

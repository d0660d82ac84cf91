import type { ExecutionContext } from "ava";
import { type DaemonProcess, type ScratchHome, scratchHome } from "./home.js";

/** A home whose active stack has one tracker, "remote": an open MLflow server. Its daemon is a child of the test. */
export async function homeAtServer(
  t: Pick<ExecutionContext, "teardown">,
  url: string,
): Promise<{ home: ScratchHome; daemon: DaemonProcess }> {
  const home = await scratchHome(t);
  const daemon = await home.startDaemon();
  const uri = `--tracking_uri=${url}`;
  await home.json(["experiment-tracker", "register", "remote", "--flavor=mlflow", uri, "--auth=none"]);
  await home.json(["stack", "register", "remote", "-e", "remote", "--set"]);
  return { home, daemon };
}

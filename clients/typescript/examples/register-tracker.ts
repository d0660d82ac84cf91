/** Registers an MLflow server as a tracker, with its password in a secret, and a stack that logs to it. */
import { StepwellClient } from "../src/index.js";

const client = new StepwellClient();
const timeoutMs = 60_000;

// The daemon keeps it; no program that logs ever sees it.
const password = process.env["MLFLOW_PASSWORD"] ?? "";
await client.createSecret("mlflow", { username: "ada", password }, { timeoutMs });
const configuration = {
  tracking_uri: "https://mlflow.example.com",
  tracking_username: "{{mlflow.username}}",
  tracking_password: "{{mlflow.password}}",
};
const tracker = await client.registerTracker({ name: "server", configuration }, { timeoutMs });
await client.registerStack({ name: "server", trackers: [tracker.name], setActive: true }, { timeoutMs });

const stack = await client.activeStack({ timeoutMs });
console.log(`runs go to ${stack.trackers[0]?.name} of the stack ${stack.name}`);
await client.close();

/** A deployment's tracker and secret, which have its name, in the daemon. */
import { randomBytes } from "node:crypto";
import { StepwellError } from "../../errors/stepwell-error.js";
import { ComponentType } from "../../gen/stepwell/v1/stacks.js";
import { KEYCHAIN_CALL_MS_MAX } from "../../home/wait.js";
import type { Connection } from "../daemon/find-daemon.js";

const TYPE = ComponentType.COMPONENT_TYPE_EXPERIMENT_TRACKER;
/** As text of 32 characters: nobody guesses it, and nobody has to type it. */
const PASSWORD_BYTES = 24;

/** A password or a token. */
export function newPassword(): string {
  return randomBytes(PASSWORD_BYTES).toString("base64url");
}

/** The tracker of a deployment's relay. */
export function relayTrackerOf(name: string): string {
  return `${name}-relay`;
}

/** Throws STEPWELL_NAME_TAKEN where a tracker or a secret has a name that the deployment needs. */
export async function checkNameFree(connection: Connection, name: string): Promise<void> {
  const tracker = (await trackerOf(connection, name)) ?? (await trackerOf(connection, relayTrackerOf(name)));
  const secret = await secretKeysOf(connection, name);
  const what = tracker ? "A tracker" : secret ? "A secret" : undefined;
  if (what !== undefined)
    throw new StepwellError("STEPWELL_NAME_TAKEN", `${what} has the name ${JSON.stringify(name)}.`);
}

/** The values of a secret, which is made when it is missing. */
export async function secretIn(
  { secrets, call }: Connection,
  name: string,
  make: () => Readonly<Record<string, string>>,
): Promise<Readonly<Record<string, string>>> {
  const found = await orMissing(
    call(secrets.getSecret.bind(secrets), { secret: name, reveal: true }, KEYCHAIN_CALL_MS_MAX),
  );
  if (found?.secret?.name === name) return found.values;
  const values = make();
  await call(secrets.createSecret.bind(secrets), { name, values: { ...values } }, KEYCHAIN_CALL_MS_MAX);
  return values;
}

/** A tracker's settings, with the names of its credentials in the deployment's secret. */
export interface TrackerPlace {
  readonly uri: string;
  readonly credentials: Readonly<Record<string, string>>;
}

/** MLflow's own server. */
export function serverPlace(uri: string): TrackerPlace {
  return { uri, credentials: { tracking_username: "username", tracking_password: "password" } };
}

/** Registers a tracker, unless it is there; its credentials are references. Answers what there is to know beside. */
export async function keepTracker(
  connection: Connection,
  name: string,
  secret: string,
  { uri, credentials }: TrackerPlace,
): Promise<readonly string[]> {
  const { stacks, call } = connection;
  const there = await trackerOf(connection, name);
  if (there?.configuration["tracking_uri"] === uri) return [];
  if (there)
    throw new StepwellError("STEPWELL_NAME_TAKEN", `Another tracker has the name ${JSON.stringify(name)}.`);
  const references = Object.entries(credentials).map(([setting, key]) => [setting, `{{${secret}.${key}}}`]);
  const configuration = { tracking_uri: uri, ...(Object.fromEntries(references) as Record<string, string>) };
  const request = { type: TYPE, name, flavor: "mlflow", configuration, labels: {}, validateOnly: false };
  const { notes } = await call(stacks.registerComponent.bind(stacks), request, KEYCHAIN_CALL_MS_MAX);
  return notes;
}

/** It takes what is registered, and gives it back, by itself. */
const DEFAULT_STACK = "default";

/** Throws STEPWELL_COMPONENT_IN_USE while somebody's stack holds a tracker of the deployment. */
export async function checkUnused({ stacks, call }: Connection, deployment: string): Promise<void> {
  for (const name of [deployment, relayTrackerOf(deployment)]) {
    const found = await orMissing(call(stacks.getComponent.bind(stacks), { type: TYPE, component: name }));
    if (found?.component?.name !== name) continue;
    const holders = found.stacks.filter((stack) => stack !== DEFAULT_STACK);
    if (holders.length === 0) continue;
    const sentence = `The tracker ${name} is in use by: ${holders.join(", ")}.`;
    throw new StepwellError("STEPWELL_COMPONENT_IN_USE", sentence);
  }
}

/** Removes trackers and the secret, as far as they are there. Answers what there is to know beside. */
export async function removeTracked(connection: Connection, deployment: string): Promise<readonly string[]> {
  const { stacks, secrets, call } = connection;
  const notes: string[] = [];
  for (const name of [relayTrackerOf(deployment), deployment]) {
    if (!(await trackerOf(connection, name))) continue;
    const request = { type: TYPE, component: name };
    notes.push(...(await call(stacks.deleteComponent.bind(stacks), request)).notes);
  }
  if (await secretKeysOf(connection, deployment))
    await call(
      secrets.deleteSecret.bind(secrets),
      { secret: deployment, force: false },
      KEYCHAIN_CALL_MS_MAX,
    );
  return notes;
}

async function trackerOf({ stacks, call }: Connection, name: string) {
  const found = await orMissing(call(stacks.getComponent.bind(stacks), { type: TYPE, component: name }));
  // The beginning of an id finds one, too.
  return found?.component?.name === name ? found.component : undefined;
}

async function secretKeysOf({ secrets, call }: Connection, name: string) {
  const found = await orMissing(call(secrets.getSecret.bind(secrets), { secret: name, reveal: false }));
  return found?.secret?.name === name ? found.secret.keys : undefined;
}

/** Undefined for what is not there. */
async function orMissing<Value>(answer: Promise<Value>): Promise<Value | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof StepwellError && error.row.grpc === "NOT_FOUND") return undefined;
    throw error;
  }
}

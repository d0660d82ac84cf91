/**
 * Kills the daemon again and again while secrets and trackers with credentials change: each change is
 * whole or absent, every value that counts can be read, and no value is left over.
 */
import { readdir } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import test from "ava";
import { openClients } from "../../src/cli/daemon/client.js";
import { ComponentType } from "../../src/gen/stepwell/v1/stacks.js";
import { type ScratchHome, scratchHome } from "../support/home.js";

const KILLS = 15;
const LIFE_MS_MAX = 400;
/** On a slow machine a daemon lives longer: for so many of its slowest changes. */
const LIFE_CHANGES = 3;
const TYPE = ComponentType.COMPONENT_TYPE_EXPERIMENT_TRACKER;

type Clients = ReturnType<typeof openClients>;

/** What was answered: the value of each secret's only key, by the secret's name. */
type Known = Map<string, string>;

/** One change: what it makes of what is known, and the call. */
interface Step {
  readonly after: Known;
  readonly call: (clients: Clients) => Promise<unknown>;
}

/** Round and round: a secret is made, changed, renamed and deleted, or made with its tracker. */
function stepOf(known: Known, count: number): Step {
  const after = new Map(known);
  const value = `value-${count}`;
  const name = [...known.keys()].find((each) => !each.endsWith("_credentials"));
  const kind = count % 4;
  if (name === undefined || kind === 0) {
    after.set(`s${count}`, value);
    const request = { name: `s${count}`, values: { tracking_token: value } };
    return { after, call: ({ call, secrets }) => call(secrets.createSecret.bind(secrets), request) };
  }
  if (kind === 1) {
    after.set(name, value);
    const request = { secret: name, values: { tracking_token: value }, removedKeys: [] };
    return { after, call: ({ call, secrets }) => call(secrets.updateSecret.bind(secrets), request) };
  }
  if (kind === 2) {
    after.delete(name);
    return {
      after,
      call: ({ call, secrets }) => call(secrets.deleteSecret.bind(secrets), { secret: name, force: false }),
    };
  }
  after.set(`t${count}_credentials`, value);
  const request = {
    type: TYPE,
    name: `t${count}`,
    flavor: "mlflow",
    configuration: { tracking_uri: "https://host", tracking_token: value },
    labels: {},
    validateOnly: false,
  };
  return { after, call: ({ call, stacks }) => call(stacks.registerComponent.bind(stacks), request) };
}

/** All secrets with their values, and that each tracker has its own. */
async function found({ call, stream, secrets, stacks }: Clients): Promise<Known> {
  const known: Known = new Map();
  const { secrets: all } = await call(secrets.listSecrets.bind(secrets), {});
  for (const { name, uses } of all) {
    const { values } = await call(secrets.getSecret.bind(secrets), { secret: name, reveal: true });
    known.set(name, values["tracking_token"] ?? "");
    if (name.endsWith("_credentials") && uses.length !== 1) throw new Error(`${name} has no tracker`);
  }
  await stream(stacks.listComponents.bind(stacks), { type: TYPE, options: undefined }, ({ components }) => {
    for (const { name } of components)
      if (name !== "default" && !known.has(`${name}_credentials`)) throw new Error(`${name} has no secret`);
  });
  return known;
}

const same = (one: Known, other: Known) => isDeepStrictEqual(one, other);

async function itemsOf({ paths }: ScratchHome): Promise<number> {
  const names = await readdir(paths.vaultFolder).catch(() => []);
  return names.filter((name) => name.endsWith(".age")).length;
}

test(`after each of ${KILLS} kills during changes of secrets every change is whole or absent`, async (t) => {
  const home = await scratchHome(t);
  // Decided beforehand: the first secret would ask for a keychain, which takes longer than these daemons live.
  t.is((await home.stepwell(["secret", "backend", "set", "vault"])).code, 0);
  await home.stepwell(["daemon", "stop"]);
  let known: Known = new Map();
  let struck: Known | undefined;
  let changeMs = 0;
  const sum = { changes: 0, whole: 0, absent: 0 };
  for (let kills = 0; kills <= KILLS; kills++) {
    const daemon = await home.startDaemon();
    const clients = openClients(daemon.endpoint.endpoint);
    const now = await found(clients);
    if (struck && same(now, struck)) sum.whole++;
    else if (struck && same(now, known)) sum.absent++;
    t.true(same(now, known) || (struck !== undefined && same(now, struck)), JSON.stringify([...now]));
    known = now;
    struck = undefined;
    if (kills === KILLS) {
      clients.close();
      await daemon.end("SIGTERM");
      break;
    }
    const lifeMs = Math.max(LIFE_MS_MAX, changeMs * LIFE_CHANGES) * ((kills % 10) / 10);
    const killed = sleep(lifeMs).then(() => daemon.end("SIGKILL"));
    for (let alive = true; alive; ) {
      const step = stepOf(known, sum.changes + kills * 10_000);
      struck = step.after;
      const begin = performance.now();
      try {
        await step.call(clients);
        known = step.after;
        struck = undefined;
        sum.changes++;
      } catch (error) {
        t.like(error, { code: "STEPWELL_DAEMON_UNREACHABLE" });
        alive = false;
      } finally {
        changeMs = Math.max(changeMs, performance.now() - begin);
      }
    }
    await killed;
    clients.close();
  }
  t.is(await itemsOf(home), known.size, "the vault holds the items that count and no other");
  t.true(sum.changes > 0 && sum.whole + sum.absent > KILLS / 3, JSON.stringify(sum));
  t.log(JSON.stringify(sum));
});

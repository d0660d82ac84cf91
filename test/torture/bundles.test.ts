/** Bundles under SIGKILL: of the daemon that writes them, of the one that delivers them, and of the one that confirms. */
import { readdirSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import test from "ava";
import { scratchFolder } from "../support/folder.js";
import { type DaemonProcess, type ScratchHome, scratchHome } from "../support/home.js";
import { homeWithStore, logSteps, steps, stepsIn } from "../support/outside-store.js";
import { newRunId } from "../support/producer.js";

const ROUNDS = 8;
const STEPS = 400;
const ALONE = { STEPWELL_AUTOSTART: "0" };

/** A home whose daemon is killed in the midst of commands. */
class KilledHome {
  readonly home: ScratchHome;
  daemon: DaemonProcess;
  kills = 0;

  constructor(home: ScratchHome, daemon: DaemonProcess) {
    this.home = home;
    this.daemon = daemon;
  }

  /** Runs a command; its daemon is killed after so long, and another one is there afterwards. */
  async run(args: readonly string[], killAfterMs: number | undefined): Promise<number> {
    const running = this.home.here(args, ALONE);
    if (killAfterMs === undefined) return (await running).code;
    await sleep(killAfterMs);
    await this.daemon.end("SIGKILL");
    this.kills += 1;
    const { code } = await running;
    this.daemon = await this.home.startDaemon();
    return code;
  }
}

/** Numbers from 0 to 1, the same for the same seed. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

test("exporters, importers and confirming daemons that are killed at any moment lose nothing, in any order of imports", async (t) => {
  const seed = 20_261_130;
  const random = randomOf(seed);
  const folder = await scratchFolder(t);
  const plain = await scratchHome(t);
  const node = new KilledHome(plain, await plain.startDaemon());
  await plain.json([
    ...["experiment-tracker", "register", "away", "--flavor=mlflow"],
    ...["--tracking_uri=http://127.0.0.1:9", "--auth=none"],
  ]);
  await plain.json(["stack", "register", "away", "-e", "away", "--set"]);
  const { home: other, store, daemon } = await homeWithStore(t);
  const login = new KilledHome(other, daemon);
  const killTime = () => (random() < 0.6 ? random() * 150 : undefined);
  const runIds = [newRunId(), newRunId()];
  const bundles = () => readdirSync(folder).filter((name) => name.endsWith(".bundle"));
  const importOne = async (name: string, killMs?: number) =>
    await login.run(["bundle", "import", `${folder}/${name}`, "--to", "out"], killMs);
  for (let round = 0; round < ROUNDS; round++) {
    for (const runId of runIds)
      await logSteps(node.daemon.endpoint.endpoint, runId, 1 + round * STEPS, STEPS, round > 0);
    await node.run(["bundle", "export", `${folder}/${round}.bundle`], killTime());
    for (const name of bundles()
      .toSorted(() => random() - 0.5)
      .slice(0, 3))
      await importOne(name, killTime());
    const receipts = readdirSync(folder).filter((name) => name.endsWith(".receipt"));
    const receipt = receipts[Math.floor(random() * receipts.length)];
    if (receipt) await node.run(["bundle", "confirm", `${folder}/${receipt}`], killTime());
  }
  t.true(node.kills > 2 && login.kills > 2);
  // Whatever was confirmed, something waits.
  for (const runId of runIds)
    await logSteps(node.daemon.endpoint.endpoint, runId, 1 + ROUNDS * STEPS, STEPS, true);
  t.is(await node.run(["bundle", "export", `${folder}/last.bundle`, "--again"], undefined), 0);
  t.is(await importOne("last.bundle"), 0, `seed ${seed}`);
  for (const runId of runIds)
    t.deepEqual(stepsIn(store, runId), steps([1, (ROUNDS + 1) * STEPS]), `seed ${seed}`);
  for (const name of bundles()) t.is(await importOne(name), 0, name);
  t.is(await node.run(["bundle", "confirm", `${folder}/last.bundle.receipt`], undefined), 0);
  t.is((await plain.here(["flush"], ALONE)).code, 0);
  const { notices, dead_letters: letters } = (await plain.json(["status"])) as {
    readonly notices: readonly string[];
    readonly dead_letters: number;
  };
  t.deepEqual([notices, letters], [[], 0]);
});

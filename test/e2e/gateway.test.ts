/**
 * Programs that know nothing of Stepwell, through the gateway to a real server: they leave what they leave when they
 * speak to the server themselves, whatever becomes of the server meanwhile.
 */
import { isDeepStrictEqual } from "node:util";
import ava, { type ExecutionContext } from "ava";
import { gatewayAddressIn } from "../support/gateway-address.js";
import { type Programs, type Said, twoPythons } from "../support/gateway-programs.js";
import { type ScratchHome, scratchHome } from "../support/home.js";
import { MlflowServer, serverForAll } from "../support/mlflow-server.js";
import { MLFLOW_3, PYTHON_ENVIRONMENT_MS_MAX } from "../support/python-environment.js";
import { serialTestWith } from "../support/test-with.js";
import { until } from "../support/until.js";

const test = serialTestWith(MLFLOW_3);
const server = serverForAll(ava);
// Asynchronous and autologging ones: gateway-frameworks.
const PROGRAMS = ["fluent", "client", "crash", "described"] as const;
type Program = (typeof PROGRAMS)[number];

async function homeAt(t: ExecutionContext, url: string): Promise<{ home: ScratchHome; uri: string }> {
  t.timeout(PYTHON_ENVIRONMENT_MS_MAX);
  const home = await scratchHome(t);
  const register = ["experiment-tracker", "register", "remote", "--flavor=mlflow", `--tracking_uri=${url}`];
  await home.json([...register, "--auth=none"]);
  await home.json(["stack", "register", "remote", "-e", "remote", "--set"]);
  return { home, uri: await addressOf(home) };
}

async function addressOf(home: ScratchHome): Promise<string> {
  const { stdout } = await home.here(["env"]);
  return gatewayAddressIn(stdout);
}

async function flushed(t: ExecutionContext, home: ScratchHome): Promise<void> {
  const { code, stderr } = await home.here(["flush", "--timeout=120"]);
  t.is(code, 0, stderr);
}

for (const program of PROGRAMS) {
  test(`${program}: the store is as without the gateway`, async (t) => {
    const { home, uri } = await homeAt(t, server().url);
    const [through, direct] = await twoPythons();
    const names = [`through ${program}`, `direct ${program}`] as const;
    const said = await through.do({ do: program, uri, experiment: names[0] });
    const wanted = await direct.do({ do: program, uri: server().url, experiment: names[1] });
    t.is(said.error, undefined);
    t.is(wanted.error, undefined);
    t.deepEqual(said.result, wanted.result);
    await flushed(t, home);
    const show = (experiment: string) => direct.do({ do: "show", uri: server().url, experiment });
    const shown = await show(names[0]);
    t.true(Object.keys(shown).length > 0);
    t.deepEqual(shown, await show(names[1]));
  });
}

test("where the Python client is installed, MLflow's is lighter before the gateway, and sends the same", async (t) => {
  const { uri } = await homeAt(t, server().url);
  const [through, direct] = await twoPythons();
  const task = { do: "light", experiment: "light" };
  const light = async (python: Programs, at: string) => (await python.do({ ...task, uri: at })).result;
  const [on, off] = [true, false].map((is) => ({ session: is, spark: is, databricks: is }));
  t.deepEqual(await light(through, uri), on);
  t.deepEqual(await light(through, server().url), off, "before a server it is MLflow's own");
  t.deepEqual(await light(direct, uri), off, "without the Python client, too");
});

const MOMENTS = [
  "at the start",
  "in the middle",
  "in the middle of a daemon's restart",
  "at the end",
] as const;
const AWAY: readonly (readonly [Program, (typeof MOMENTS)[number], workspace?: string])[] = [
  ["fluent", "at the start"],
  ["fluent", "in the middle"],
  ["client", "in the middle", "team-1"],
  ["crash", "at the end"],
  ["described", "in the middle of a daemon's restart"],
];

for (const [program, moment, workspace] of AWAY) {
  test(`${program}${workspace ? ` in a workspace` : ""}: a server that is away ${moment} costs the program nothing, and has all of it later`, async (t) => {
    const its = workspace ? await MlflowServer.start({ workspaces: true }) : server();
    if (workspace) t.teardown(() => its.remove());
    const { home, uri } = await homeAt(t, its.url);
    const [through, direct] = await twoPythons();
    const at = workspace === undefined ? {} : { workspace };
    const experiment = `${program} away ${moment}`;
    const wanted = `direct of ${program} away ${moment}`;
    const { result } = await direct.do({ ...at, do: program, uri: its.url, experiment: wanted });
    const expected = await direct.do({ ...at, do: "show", uri: its.url, experiment: wanted });
    // Whatever becomes of the test, the next one has its server.
    t.teardown(() => (workspace ? undefined : its.restartIfKilled()));
    if (moment === "at the start") await its.kill();
    const said = await through.do({ ...at, do: program, uri, experiment }, async () => {
      if (moment.startsWith("in the middle")) await its.kill();
      // The next one knows what the one before wrote down, and nothing else.
      if (moment.endsWith("restart")) t.is((await home.stepwell(["daemon", "restart"])).code, 0);
    });
    t.is(said.error, undefined);
    t.deepEqual(said.result, result);
    t.log(`${said.seconds} s`);
    t.true((said.seconds ?? 0) < 120, `it took ${said.seconds} s`);
    if (moment === "at the end") await its.kill();
    // What was begun in the absence is made by another one.
    if (moment.endsWith("restart")) t.is((await home.stepwell(["daemon", "restart"])).code, 0);
    await its.restart();
    await flushed(t, home);
    const shown = () => direct.do({ ...at, do: "show", uri: its.url, experiment });
    // Artifacts follow their runs.
    const isThere = (now: Said) => isDeepStrictEqual(now, expected);
    await until("all is there", shown, isThere, { everyMs: 1_000, withinMs: 30_000 }).catch(() => undefined);
    t.deepEqual(await shown(), expected);
    // What is in a workspace is nowhere else.
    if (workspace) t.deepEqual(await direct.do({ do: "show", uri: its.url, experiment }), {});
  });
}

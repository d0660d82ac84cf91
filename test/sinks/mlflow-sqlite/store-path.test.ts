import { execFileSync } from "node:child_process";
import test from "ava";
import { checkedConfiguration } from "../../../src/stacks/flavors.js";
import { readTrackingUri } from "../../../src/stacks/tracking-uri.js";
import { scratchHome } from "../../support/home.js";
import { newRunId, pointsOf, RawProducer, startOf } from "../../support/producer.js";
import {
  hasPython,
  MLFLOW_2,
  MLFLOW_3,
  PYTHON_ENVIRONMENT_MS_MAX,
  pythonEnvironment,
} from "../../support/python-environment.js";
import { RealMlflow } from "./real-mlflow.js";

/** Every character of ASCII that a path can have, a few others, and what looks like more than a path. */
const PATHS = [
  ...Array.from({ length: 126 }, (_, index) => String.fromCharCode(index + 1)),
  ...["ä", "é", "漢", "\u2028", "😀"],
]
  .map((character) => `/a${character}20b/c.db`)
  .concat("/a//b.db", "/a/../b.db", "//a/b.db", "/file:x.db", "/sqlite:////b.db", "/C:\\b.db");

const isTaken = (path: string) => readTrackingUri(`sqlite:///${path}`).kind === "sqlite";

test("a path that is taken is the same file for MLflow, with the newest SQLAlchemy and an older one", async (t) => {
  t.timeout(PYTHON_ENVIRONMENT_MS_MAX);
  const different = new Set<string>();
  for (const wanted of [MLFLOW_3, MLFLOW_2]) {
    if (!hasPython(wanted)) {
      t.log(`SKIPPED ${wanted.name}: no Python for it`);
      continue;
    }
    const python = await pythonEnvironment(wanted);
    const answer = execFileSync(python, ["test/sinks/mlflow-sqlite/opened_paths.py"], {
      input: JSON.stringify(PATHS),
    });
    const opened = JSON.parse(String(answer)) as [string, string][];
    t.is(opened.length, PATHS.length);
    for (const [index, [database, artifacts]] of opened.entries()) {
      const path = PATHS[index] ?? "";
      if (database !== path || artifacts !== path) different.add(path);
    }
  }
  const taken = PATHS.filter(isTaken);
  t.deepEqual(
    taken.filter((path) => different.has(path)),
    [],
  );
  t.true(different.size >= 2, "MLflow reads some differently: else nothing was compared");
  // "#" is MLflow's in addresses of artifacts that are not looked at here.
  t.is(taken.length, PATHS.length - 3);
});

test("an artifact store is refused at a path that MLflow may read differently", (t) => {
  for (const character of "%?#") {
    t.throws(() => checkedConfiguration("artifact_store", "local", { path: `/a${character}b` }), {
      code: "STEPWELL_CONFIG_INVALID",
    });
  }
  t.notThrows(() => checkedConfiguration("artifact_store", "local", { path: "/a b+c&d='ä" }));
});

test("a home at such a path is refused with one error, and nothing is made in it", async (t) => {
  for (const character of "%?#") {
    const home = await scratchHome(t, `home${character}20`);
    const { code, stderr } = await home.stepwell(["daemon", "start"]);
    t.is(code, 1);
    t.regex(stderr, /STEPWELL_HOME_UNUSABLE/);
    t.true(stderr.includes(JSON.stringify(character)), stderr);
  }
});

test("a run in a home with spaces, quotes and signs in its path is read by MLflow at the address that is shown", async (t) => {
  t.timeout(PYTHON_ENVIRONMENT_MS_MAX);
  const home = await scratchHome(t, "a home of 'ä\" & $x;+,=@:~ \\n");
  await home.json(["experiment-tracker", "register", "tracker", "--flavor=mlflow"]);
  await home.json(["stack", "register", "local", "-e", "tracker", "--set"]);
  const producer = new RawProducer(await home.startDaemonOrFind());
  const runId = newRunId();
  producer.hello();
  producer.batch(1, runId, { runStart: startOf(), metrics: pointsOf("loss", 3) });
  await producer.acknowledged(1);
  producer.close();
  t.is((await home.here(["flush", "--timeout=60"])).code, 0);
  const shown = (await home.json(["runs", "show", runId])) as {
    deliveries: { experiment_tracker_url: string }[];
  };
  const mlflow = await RealMlflow.at(t, MLFLOW_3, shown.deliveries[0]?.experiment_tracker_url ?? "");
  const run = await mlflow.read(runId);
  t.is(run.history["loss"]?.length, 3);
  t.true(run.artifacts.startsWith(home.paths.artifactStoreFolder), run.artifacts);
});

/** Lists of secrets and runs are asked for as those of components; slips are told. */
import { isDeepStrictEqual } from "node:util";
import anyTest from "ava";
import { RunStatus } from "../../src/gen/stepwell/v1/types.js";
import { type ScratchHome, scratchHome } from "../support/home.js";
import { homeForAll } from "../support/home-for-all.js";
import { newRunId, pointsOf, RawProducer, startOf } from "../support/producer.js";
import { until } from "../support/until.js";

const test = anyTest.serial;

async function names(home: ScratchHome, key: string, ...line: string[]): Promise<unknown[]> {
  const items = (await home.json(line)) as Record<string, unknown>[];
  return items.map((item) => item[key]);
}

const withSecrets = homeForAll(anyTest, async (home) => {
  const { code, stderr } = await home.here(["secret", "backend", "set", "vault"]);
  if (code !== 0) throw new Error(stderr);
  for (const name of ["team_a", "team_b", "other"]) await home.json(["secret", "create", name, "--token=x"]);
});

test("secrets are listed by name, sorted, in pages and with chosen columns", async (t) => {
  const home = withSecrets();
  t.deepEqual(await names(home, "name", "secret", "list"), ["other", "team_a", "team_b"]);
  t.deepEqual(await names(home, "name", "secret", "list", "--name=startswith:team"), ["team_a", "team_b"]);
  t.deepEqual(
    await names(home, "name", "secret", "list", "--name", "oneof:other,team_b", "--sort_by=desc:name"),
    ["team_b", "other"],
  );
  const page = await home.here(["secret", "list", "--page=2", "--size=2", "-c", "name,backend", "-o", "csv"]);
  t.is(page.stdout, "name,backend\nteam_b,vault\n");
  t.is(page.stderr, "Page 2 of 2, 3 in all.\n");
  t.is((await home.here(["secret", "list", "--name=none"])).stderr, "Nothing matches.\n");
});

test("a slip in an operator, a field or a column is told with what is near; a value with a colon is none", async (t) => {
  const home = withSecrets();
  const said = async (...line: string[]) => {
    const { code, stderr } = await home.here(line);
    return `${code} ${stderr}`;
  };
  t.regex(
    await said("secret", "list", "--name=contians:team"),
    /^2 .*no operator "contians".* Did you mean "contains"\?/,
  );
  t.regex(await said("stack", "list", "--name=startwith:d"), /^2 .*Did you mean "startswith"\?/);
  t.regex(await said("secret", "list", "-c", "nmae"), /^2 .*no column "nmae".*Did you mean "name"\?/);
  t.regex(await said("secret", "list", "--sort_by=nmae"), /^2 .*no field "nmae".*Did you mean "name"\?/);
  t.regex(await said("secret", "list", "--name=https://host"), /^0 Nothing matches/);
  t.regex(await said("secret", "list", "--name=equals:contians:team"), /^0 Nothing matches/);
});

test("runs are listed by experiment, status, tracker and time, the newest first unless asked otherwise", async (t) => {
  const home = await scratchHome(t);
  await home.json(["experiment-tracker", "register", "t", "--flavor=mlflow"]);
  const producer = new RawProducer(await home.startDaemonOrFind());
  producer.hello();
  const runs = ["first", "second", "third"].map((runName) => ({ runName, runId: newRunId() }));
  for (const [index, { runName, runId }] of runs.entries()) {
    const experimentName = index === 0 ? "one" : "other";
    const runStart = {
      user: "",
      sourceName: "",
      parentRunId: "",
      trackers: ["t"],
      runName,
      experimentName,
      startTimeMs: BigInt(index + 1) * 86_400_000n,
    };
    producer.batch(index + 1, runId, { runStart });
    await producer.acknowledged(index + 1);
  }
  const runEnd = { status: RunStatus.RUN_STATUS_FAILED, endTimeMs: 9n };
  producer.batch(4, runs[1]?.runId ?? "", { runEnd });
  await producer.acknowledged(4);
  const listed = (...line: string[]) => names(home, "run_name", "runs", "list", ...line);
  t.deepEqual(await listed(), ["third", "second", "first"]);
  t.deepEqual(await listed("--sort-by=name"), ["first", "second", "third"]);
  t.deepEqual(await listed("--experiment=other"), ["third", "second"]);
  t.deepEqual(await listed("--status=FAILED"), ["second"]);
  t.deepEqual(await listed("--tracker=none"), []);
  t.deepEqual(await listed("--started=gte:1970-01-03", "--limit=1"), ["third"]);
  t.deepEqual(await listed("--id", `startswith:${runs[0]?.runId.slice(0, 8)}`), ["first"]);
  const ids = await home.here(["__complete", "zsh", "runs", "show", runs[0]?.runId.slice(0, 8) ?? ""]);
  t.is(ids.stdout, `${runs[0]?.runId}\n`);
});

test("runs tail tells each second how a run comes on, until it has ended and is delivered", async (t) => {
  const home = await scratchHome(t);
  await home.json(["experiment-tracker", "register", "t", "--flavor=mlflow"]);
  t.regex((await home.stepwell(["runs", "tail"])).stderr, /There are no runs yet/);
  const producer = new RawProducer(await home.startDaemonOrFind());
  producer.hello();
  const runId = newRunId();
  producer.batch(1, runId, { runStart: startOf(["t"]), metrics: pointsOf("loss", 5) });
  await producer.acknowledged(1);
  const tailing = home.stepwell(["runs", "tail", "-o", "json"]);
  await home.here(["flush"]);
  producer.batch(2, runId, { runEnd: { status: RunStatus.RUN_STATUS_FINISHED, endTimeMs: 9n } });
  await producer.acknowledged(2);
  const { code, stdout } = await tailing;
  t.is(code, 0);
  const last = JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "") as Record<string, unknown>;
  t.like(last, { run_id: runId, status: "FINISHED", tracker: "t", delivered_points: 5, queued_points: 0 });
  t.deepEqual(last["metrics"], { loss: 4 });
  const line = (await home.stepwell(["runs", "tail", runId.slice(0, 6)])).stdout;
  t.regex(line, /^FINISHED {2}t {2}5 of 5 points delivered, 0 queued, idle {2}loss=4\n$/);
  const csv = (await home.stepwell(["runs", "tail", runId, "-o", "csv"])).stdout.split("\n");
  t.is(csv.length, 3);
  t.regex(csv[0] ?? "", /^run_id,status,/);
});

test("a run shows what stands in its way at each tracker, and nothing where all is there", async (t) => {
  const home = await scratchHome(t);
  await home.json(["experiment-tracker", "register", "t", "--flavor=mlflow"]);
  await home.json(["stack", "register", "bare", "--set"]);
  const producer = new RawProducer(await home.startDaemonOrFind());
  producer.hello();
  const [there, asked, nowhere] = [newRunId(), newRunId(), newRunId()];
  for (const [at, [runId, trackers]] of [
    [there, ["t"]] as const,
    [asked, ["teem"]] as const,
    [nowhere, []] as const,
  ].entries())
    producer.batch(at + 1, runId, { runStart: startOf(trackers), metrics: pointsOf("loss", 10) });
  await producer.acknowledged(3);
  const standing = async (runId: string) => {
    const { deliveries } = (await home.json(["runs", "show", runId])) as {
      deliveries: Record<string, unknown>[];
    };
    return deliveries.map(({ tracker, state, reason }) => ({ tracker, state, reason }));
  };
  const delivered = [{ tracker: "t", state: "delivered", reason: "" }];
  await until(
    "it is delivered",
    () => standing(there),
    (found) => isDeepStrictEqual(found, delivered),
  );
  const [held] = await standing(asked);
  t.like(held, { tracker: "teem", state: "held" });
  t.regex(String(held?.["reason"]), /There is no such experiment tracker: teem\. Register it: stepwell/);
  const [homeless] = await standing(nowhere);
  t.like(homeless, { tracker: "", state: "held" });
  t.regex(String(homeless?.["reason"]), /The active stack has no experiment tracker\./);
  const runs = (await home.json(["runs", "list"])) as Record<string, unknown>[];
  const listed = (runId: string) => runs.find(({ run_id }) => run_id === runId);
  t.like(listed(there), { state: "delivered", reason: "" });
  t.like(listed(asked), { state: "held", reason: held?.["reason"] });
  t.like(listed(nowhere), { state: "held", reason: homeless?.["reason"] });
  // A pipe has all columns.
  t.true((await home.here(["runs", "list"])).stdout.includes(String(held?.["reason"])));
});

test("names of secrets are completed, and a new one's are not", async (t) => {
  const home = withSecrets();
  const completed = async (...words: string[]) => (await home.here(["__complete", "zsh", ...words])).stdout;
  t.is(await completed("secret", "get", "team"), "team_a\nteam_b\n");
  t.is(await completed("secret", "create", "team"), "");
});

import test from "ava";
import { examine } from "../../src/doctor/doctor.js";
import { systemClock } from "../../src/home/clock.js";
import { homeOf } from "../../src/home/endpoint.js";
import type { HomeFacts } from "../../src/model/home-check.js";
import { scratchFolder } from "../support/folder.js";

const FACTS: HomeFacts = {
  trackers: [
    { name: "file", configuration: {} },
    { name: "server", configuration: { tracking_uri: "http://h:5000" } },
  ],
  artifactStore: {},
  deadLetters: 0,
  endedWithoutClosing: 0,
  lastEnded: [],
  producersWithLosses: 0,
  notices: [],
  lanes: { count: 0, troubled: 0, queuedPoints: 0, told: [] },
  secrets: { backend: "", state: "ready", finding: "There is a keychain for the first secret." },
};

async function examined(home: string, timeMs: number, facts: HomeFacts) {
  const clock = systemClock;
  const options = { paths: homeOf({ STEPWELL_HOME: home }), clock, journalQuotaBytes: 1e9, timeMs };
  const checks = await examine(options, facts);
  return (name: string) => checks.find(({ check }) => check === name);
}

test("databases that the doctor had no time for are told as such", async (t) => {
  const home = await scratchFolder(t);
  const inTime = await examined(home, 60_000, FACTS);
  t.regex(inTime("tracker file")?.finding ?? "", /mlflow\.db: not made yet/);
  const late = await examined(home, 0, FACTS);
  t.like(late("tracker file"), { result: "warn" });
  t.regex(late("tracker file")?.finding ?? "", /mlflow\.db was not looked at/);
  t.is(late("tracker file")?.remedy, "Look at it alone: stepwell experiment-tracker test file.");
  t.is(late("clock")?.result, "ok", "what takes no time is looked at");
});

test("a keychain that keeps the daemon waiting is told with a way to ask longer", async (t) => {
  const secrets = { backend: "", state: "unsaid", finding: "The daemon did not answer within 11 s." };
  const of = await examined(await scratchFolder(t), 60_000, { ...FACTS, secrets });
  t.deepEqual(of("secrets"), {
    check: "secrets",
    result: "warn",
    finding: secrets.finding,
    remedy: "Ask with more time: stepwell secret backend get.",
  });
});

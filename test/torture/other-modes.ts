/** The modes of the torture that are no campaigns: each says in a sentence what was seen, and what failed. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Way } from "./clock-file.js";
import { tortureGateway } from "./gateway-mode.js";
import { GatewayServer } from "./gateway-server.js";
import { type MovedClocksOptions, tortureMovedClocks } from "./moved-clocks.js";
import { type ReturnedOptions, tortureReturned } from "./returned.js";
import { type ShortRunsOptions, tortureShortRuns } from "./short-runs.js";

export interface OtherModeOptions {
  readonly folder: string;
  readonly seed: number;
  readonly minutes: number;
  readonly python: string;
  readonly log: (line: string) => void;
}

/** What one mode came to. */
export interface OtherReport {
  readonly sentence: string;
  /** What keeps it from being a success; empty when nothing does. */
  readonly failures: readonly string[];
}

const SHORT_RUNS_OF_TEN_MINUTES = 10_000;
const KILLS_OF_TEN_MINUTES = 60;
/** It is found out where it dies, not by many runs. */
const CONTROL_OF_SHORT_RUNS = { runsMin: 1, daemonKillsMin: 8 };
const CLOCK_ROUNDS_OF_TEN_MINUTES = 40;
const CLOCK_ROUNDS_MIN = 3;
const GATEWAY_KILLS_OF_TEN_MINUTES = 100;
const GATEWAY_KILLS_MIN = 4;
const RETURNED_KILLS_OF_TEN_MINUTES = 1_000;
const RETURNED_KILLS_MIN = 20;
const WAYS: readonly Way[] = ["back", "ahead", "both"];
const ARRIVAL_MS_MAX = 1_200_000;
const CONTROL_ARRIVAL_MS_MAX = 5_000;

/** Wall clocks that jump, and the control. */
export async function runMovedClocks(options: OtherModeOptions): Promise<OtherReport> {
  const count = Math.max(CLOCK_ROUNDS_MIN, Math.ceil(CLOCK_ROUNDS_OF_TEN_MINUTES * shareOf(options)));
  const rounds = Array.from({ length: count }, (_, index) => WAYS[index % WAYS.length] ?? "both");
  const run = async (
    name: string,
    more: Pick<MovedClocksOptions, "rounds" | "arrivalMsMax" | "isBroken">,
  ) => {
    options.log(`${name}: backends are away ${more.rounds.length} times`);
    return await tortureMovedClocks({ ...options, folder: folderOf(options, name), ...more });
  };
  const report = await run("clocks", { rounds, arrivalMsMax: ARRIVAL_MS_MAX });
  const control = await run("clocks-of-waits", {
    rounds: ["back"],
    arrivalMsMax: CONTROL_ARRIVAL_MS_MAX,
    isBroken: true,
  });
  const { jumps, acknowledgedPoints, lost, doubled, invented, faults, findings } = report;
  const failures = [...faults, ...findings];
  if (!report.hasArrived) failures.push("not all arrived");
  if (control.hasArrived) failures.push("the control came out clean");
  return {
    sentence: `Under ${jumps} jumps of the wall clocks ${acknowledgedPoints} points were acknowledged: ${lost} lost, ${doubled} doubled, ${invented} invented.`,
    failures: failures.map((failure) => `clocks: ${failure}`),
  };
}

/** Short runs by the thousand, and the control. */
export async function runShortRuns(options: OtherModeOptions): Promise<OtherReport> {
  const runsMin = Math.ceil(SHORT_RUNS_OF_TEN_MINUTES * shareOf(options));
  const daemonKillsMin = Math.ceil(KILLS_OF_TEN_MINUTES * shareOf(options));
  const { seed, log } = options;
  const run = async (name: string, more: Pick<ShortRunsOptions, "runsMin" | "daemonKillsMin" | "isBroken">) =>
    await tortureShortRuns({ folder: folderOf(options, name), seed, log, clientKillsMin: 2, ...more });
  log(`short runs: ${runsMin} at least`);
  const report = await run("short-runs", { runsMin, daemonKillsMin });
  const control = await run("short-runs-without-writes", { ...CONTROL_OF_SHORT_RUNS, isBroken: true });
  const { acknowledged, daemonKills, lost, invented } = report;
  const failures = [...lost.map((runId) => `${runId} is lost`), ...invented];
  if (control.lost.length === 0) failures.push("the control came out clean");
  return {
    sentence: `Of ${acknowledged} short runs under ${daemonKills} kills ${lost.length} were lost and ${invented.length} invented.`,
    failures: failures.map((failure) => `short runs: ${failure}`),
  };
}

/** Steps that count what returned, and the control. */
export async function runReturned(options: OtherModeOptions): Promise<OtherReport> {
  const kills = Math.max(RETURNED_KILLS_MIN, Math.ceil(RETURNED_KILLS_OF_TEN_MINUTES * shareOf(options)));
  const run = async (name: string, more: Pick<ReturnedOptions, "kills" | "isBroken">) => {
    options.log(`${name}: ${more.kills} steps are killed`);
    return await tortureReturned({ ...options, folder: folderOf(options, name), ...more });
  };
  const { returned, daemonKills, lost, doubled, invented } = await run("returned", { kills });
  const control = await run("returned-without-spools", { kills: RETURNED_KILLS_MIN, isBroken: true });
  const failures = [...lost.map((each) => `lost: ${each}`), ...doubled, ...invented];
  if (returned === 0) failures.push("no call returned");
  if (control.lost.length === 0) failures.push("the control came out clean");
  return {
    sentence: `Of ${returned} calls that had returned in ${kills} steps that were killed, under ${daemonKills} kills of daemons, ${lost.length} were lost, ${doubled.length} doubled and ${invented.length} invented.`,
    failures: failures.map((failure) => `returned: ${failure}`),
  };
}

/** Clients of the gateway, and the control. */
export async function runGateway(options: OtherModeOptions): Promise<OtherReport> {
  const { seed, log } = options;
  const ends: (() => void)[] = [];
  const run = async (name: string, daemonKillsMin: number, isBroken: boolean) => {
    const server = await GatewayServer.start({ teardown: (end) => ends.push(() => void end()) });
    log(`${name}: ${daemonKillsMin} daemons are killed`);
    return await tortureGateway({
      folder: folderOf(options, name),
      seed,
      log,
      server,
      daemonKillsMin,
      isBroken,
    });
  };
  try {
    const kills = Math.max(GATEWAY_KILLS_MIN, Math.ceil(GATEWAY_KILLS_OF_TEN_MINUTES * shareOf(options)));
    const { acknowledged, daemonKills, clientKills, lost, doubled, invented } = await run(
      "gateway",
      kills,
      false,
    );
    const control = await run("gateway-without-writes", GATEWAY_KILLS_MIN, true);
    const failures = [...lost.map((each) => `lost: ${each}`), ...doubled, ...invented];
    if (acknowledged === 0) failures.push("nothing was answered");
    if (control.lost.length === 0) failures.push("the control came out clean");
    return {
      sentence: `Under ${daemonKills} kills of daemons and ${clientKills} of clients the gateway answered ${acknowledged} points, tags and artifacts: ${lost.length} lost, ${doubled.length} doubled, ${invented.length} invented.`,
      failures: failures.map((failure) => `gateway: ${failure}`),
    };
  } finally {
    for (const end of ends) end();
  }
}

/** How much of a run of ten minutes is wanted. */
export function shareOf({ minutes }: OtherModeOptions): number {
  return Math.min(1, minutes / 10);
}

/** A folder of its own for a part of a mode. */
export function folderOf({ folder }: OtherModeOptions, name: string): string {
  const made = join(folder, name);
  mkdirSync(made);
  return made;
}

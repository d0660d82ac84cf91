/** The whole torture: each of its modes, and the controls that have to be found out. */
import { mkdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { type CampaignOptions, type CampaignReport, runCampaign } from "./campaign.js";
import { type FirstStartsReport, runFirstStarts } from "./first-starts.js";
import { runCopied, runRestoredStore, runRolledBack } from "./home-modes.js";
import { FIRST_START_POINTS } from "./kill-point-names.js";
import { type OtherReport, runGateway, runMovedClocks, runReturned, runShortRuns } from "./other-modes.js";
import { runRelay } from "./relay/relay-mode.js";
import type { StateReport } from "./state-changes.js";
import { tortureState } from "./state-mode.js";

export const MODES = [
  "kill",
  "power",
  "state",
  "clocks",
  "short-runs",
  "returned",
  "gateway",
  "rolled-back",
  "copied",
  "restored-store",
  "relay",
] as const;
export type TortureMode = (typeof MODES)[number];

export interface SuiteOptions {
  readonly folder: string;
  readonly seed: number;
  readonly minutes: number;
  readonly modes: readonly TortureMode[];
  /** Kills during changes of the state. */
  readonly stateKills: number;
  readonly python: string;
  readonly log: (line: string) => void;
}

export interface SuiteReport {
  readonly campaigns: Readonly<Record<string, CampaignReport>>;
  readonly firstStarts: Readonly<Record<string, FirstStartsReport>>;
  readonly controls: Readonly<Record<string, CampaignReport>>;
  /** Undefined when the state was not tortured, or was found neither whole nor absent. */
  readonly state: StateReport | undefined;
  /** Of the modes that are no campaigns, those that were asked for. */
  readonly others: readonly OtherReport[];
  /** What keeps it from being a success; empty when nothing does. */
  readonly failures: readonly string[];
}

/** In a run of ten minutes each kill point is met so often. */
const HITS_OF_TEN_MINUTES = 20;
const KILLS_OF_TEN_MINUTES = 300;
const POINTS_OF_TEN_MINUTES = 10_000_000;
/** Power cuts get this share of the minutes on top. */
const POWER_SHARE = 0.3;
const FIRST_CUTS_OF_TEN_MINUTES = 40;

/** Modes that are no campaigns. */
const OTHER_MODES: readonly (readonly [TortureMode, (options: SuiteOptions) => Promise<OtherReport>])[] = [
  ["clocks", runMovedClocks],
  ["short-runs", runShortRuns],
  ["returned", runReturned],
  ["gateway", runGateway],
  ["rolled-back", runRolledBack],
  ["copied", runCopied],
  ["restored-store", runRestoredStore],
  ["relay", runRelay],
];

/** Each control breaks one promise; the deaths that show it, and what has to be found. */
export const CONTROLS = {
  sequences: { points: ["append: points synced, not acknowledged"], finds: "doubled" },
  cursors: {
    points: ["commit: of points, after", "pack: of points, answered, not settled"],
    finds: "doubled",
  },
  fsync: { points: ["ack: written", "pack: handed to the worker"], finds: "lost" },
} as const;

/** What a control adds to a campaign's options. */
export function controlOptions(broken: keyof typeof CONTROLS): Partial<CampaignOptions> {
  // It is found out where it dies at these points, not by dying often.
  return { broken, points: CONTROLS[broken].points, hitsFirst: 4, hitsMin: 4, power: broken === "fsync" };
}

/** Runs everything one after the other. Rejects when something could not be run. */
export async function runSuite(options: SuiteOptions): Promise<SuiteReport> {
  const { minutes, seed, python } = options;
  const share = Math.min(1, minutes / 10);
  const campaigns: Record<string, CampaignReport> = {};
  const firstStarts: Record<string, FirstStartsReport> = {};
  const controls: Record<string, CampaignReport> = {};
  for (const mode of options.modes) {
    if (mode !== "kill" && mode !== "power") continue;
    const power = mode === "power";
    campaigns[mode] = await campaign(options, mode, {
      seconds: minutes * 60 * (power ? POWER_SHARE : 1),
      daemonKillsMin: power ? 0 : Math.floor(KILLS_OF_TEN_MINUTES * share),
      hitsMin: power ? 0 : Math.floor(HITS_OF_TEN_MINUTES * share),
      power,
    });
    const rounds = power
      ? Math.ceil(FIRST_CUTS_OF_TEN_MINUTES * share)
      : FIRST_START_POINTS.length * Math.ceil(HITS_OF_TEN_MINUTES * share);
    options.log(`first starts: ${rounds}, by ${mode}`);
    firstStarts[mode] = await runFirstStarts({ folder: options.folder, seed, rounds, python, power });
  }
  for (const broken of ["sequences", "cursors", "fsync"] as const) {
    if (!options.modes.includes(broken === "fsync" ? "power" : "kill")) continue;
    const more = { seconds: 10, daemonKillsMin: 15, ...controlOptions(broken) };
    controls[broken] = await campaign(options, `without-${broken}`, more);
  }
  const failures = failuresOf(campaigns, firstStarts, controls, share < 1 ? 0 : POINTS_OF_TEN_MINUTES);
  const state = options.modes.includes("state") ? await stateOrFault(options) : undefined;
  if (typeof state === "string") failures.push(state);
  const others: OtherReport[] = [];
  for (const [mode, run] of OTHER_MODES) if (options.modes.includes(mode)) others.push(await run(options));
  failures.push(...others.flatMap((each) => each.failures));
  const found = typeof state === "string" ? undefined : state;
  return { campaigns, firstStarts, controls, state: found, others, failures };
}

async function stateOrFault({ folder, stateKills, seed, log }: SuiteOptions): Promise<StateReport | string> {
  log(`state: ${stateKills} kills`);
  const home = join(folder, "state");
  mkdirSync(home);
  try {
    return await tortureState(home, stateKills, seed, log);
  } catch (error) {
    return `state: ${error instanceof Error ? error.message : String(error)}`;
  }
}

async function campaign(
  options: SuiteOptions,
  name: string,
  more: Partial<CampaignOptions> & Pick<CampaignOptions, "seconds" | "daemonKillsMin">,
): Promise<CampaignReport> {
  const folder = join(options.folder, name);
  mkdirSync(folder);
  options.log(`${name}: ${Math.round(more.seconds)} s`);
  const report = await runCampaign({
    folder,
    seed: options.seed,
    clients: [
      { name: "raw", pointsPerSecond: 6_000 },
      { name: "typescript", pointsPerSecond: 1_500 },
      { name: "python", pointsPerSecond: 1_500 },
    ],
    python: options.python,
    namedShare: 0.9,
    log: options.log,
    ...more,
  });
  // A failed one is kept: it is the only way to find out why.
  if (isClean(report) || more.broken) await rm(folder, { recursive: true, force: true });
  return report;
}

function isClean(report: CampaignReport | FirstStartsReport): boolean {
  return (
    report.lost + report.doubled + report.invented === 0 && !("faults" in report && report.faults.length > 0)
  );
}

function failuresOf(
  campaigns: SuiteReport["campaigns"],
  firstStarts: SuiteReport["firstStarts"],
  controls: SuiteReport["controls"],
  pointsMin: number,
): string[] {
  const failures: string[] = [];
  for (const [name, report] of [...Object.entries(campaigns), ...Object.entries(firstStarts)]) {
    if (!isClean(report)) failures.push(`${name}: something is lost, doubled or invented, or went wrong`);
    if (report.acknowledgedPoints === 0) failures.push(`${name}: nothing was acknowledged`);
  }
  const points = campaigns["kill"]?.acknowledgedPoints ?? Number.POSITIVE_INFINITY;
  if (points < pointsMin) failures.push(`only ${points} points were acknowledged, not ${pointsMin}`);
  for (const [broken, report] of Object.entries(controls)) {
    const { finds } = CONTROLS[broken as keyof typeof CONTROLS];
    if (report[finds] === 0) failures.push(`the control without ${broken} came out clean`);
  }
  return failures;
}

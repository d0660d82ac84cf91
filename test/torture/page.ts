import { cpus, totalmem } from "node:os";
import type { CampaignReport } from "./campaign.js";
import type { FirstStartsReport } from "./first-starts.js";
import type { SuiteReport } from "./suite.js";

const HEAD = `| part | daemons killed | steps killed | points acknowledged | lost | doubled | invented | drained in |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |`;
const CONTROLS =
  "\nA control breaks one promise on purpose: its losses and doubles show that the harness sees them.";

/** One page of figures in Markdown. */
export function pageOf(report: SuiteReport, command: string, date: string): string {
  const rows = [
    ...Object.entries(report.campaigns).map(([name, each]) => campaignRow(name, each)),
    ...Object.entries(report.firstStarts).map(([name, each]) => firstStartsRow(name, each)),
    ...Object.entries(report.controls).map(([name, each]) => campaignRow(`control without ${name}`, each)),
  ];
  const points = Object.entries({
    ...report.campaigns["kill"]?.killPoints,
    ...report.firstStarts["kill"]?.killPoints,
  });
  const machine = `${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GB, Node ${process.version}`;
  return [
    "# A run of the torture\n",
    `\`${command}\`, ${date}, ${machine}. How it is done stands in [torture.md](../torture.md).\n`,
    report.failures.length === 0 ? "All as promised.\n" : `FAILED: ${report.failures.join("; ")}\n`,
    ...(rows.length > 0 ? [HEAD, ...rows, CONTROLS] : []),
    ...stateLines(report),
    ...report.others.map(({ sentence }) => `\n${sentence}`),
    ...(report.campaigns["power"] ? [`\n${cutSentence(report.campaigns["power"])}`] : []),
    ...(points.length > 0
      ? ["\n| kill point | met |\n| --- | ---: |", ...points.map(([name, met]) => `| ${name} | ${met} |`)]
      : []),
    "",
  ].join("\n");
}

function stateLines({ state }: SuiteReport): string[] {
  if (!state) return [];
  const { kills, changes, whole, absent, struck } = state;
  const found = `After ${figure(kills)} kills during ${figure(changes)} changes of components, stacks and secrets ${whole} struck changes were whole and ${absent} absent`;
  const kinds = Object.entries(struck).map(([kind, count]) => `${kind} (${count})`);
  return [`\n${found}: ${kinds.join(", ")}.`];
}

function campaignRow(name: string, report: CampaignReport): string {
  const { daemonKills, clientKills, acknowledgedPoints, lost, doubled, invented, drainSeconds } = report;
  const numbers = [daemonKills, clientKills, acknowledgedPoints, lost, doubled, invented].map(figure);
  return `| ${[name, ...numbers, `${drainSeconds.toFixed(0)} s`].join(" | ")} |`;
}

function firstStartsRow(name: string, report: FirstStartsReport): string {
  const { daemonKills, acknowledgedPoints, lost, doubled, invented } = report;
  const numbers = [daemonKills, 0, acknowledgedPoints, lost, doubled, invented].map(figure);
  return `| ${[`first starts, ${name}`, ...numbers, "-"].join(" | ")} |`;
}

function cutSentence({ cuts }: CampaignReport): string {
  const { lostWrites, tornWrites, undoneEntries } = cuts;
  return `The power cuts took away ${figure(lostWrites)} writes, left a torn beginning of ${figure(tornWrites)}, and undid ${figure(undoneEntries)} changes of folders.`;
}

function figure(count: number): string {
  return count.toLocaleString("en-US");
}

/** What the modes of homes and stores that go back came to, in words. */
import type { RestoredStoreReport } from "./restored-store.js";
import type { HomesReport } from "./rolled-back.js";

export function rolledBackSentence(report: HomesReport, control: HomesReport): string {
  const { rounds, runningCopies, newIds, daemonKills, acknowledged, gone } = report;
  return `A home was put back to a snapshot ${times(rounds)} while its store went on, ${runningCopies} of the snapshots taken of a running daemon, under ${daemonKills} kills; it took ${newIds} new ids. ${figure(acknowledged)} points were acknowledged, ${figure(gone)} of them by states that were given up with what they had not delivered: of the others ${found(report)}. ${controlSentence("goes by positions alone", control)}`;
}

export function copiedSentence(report: HomesReport, control: HomesReport): string {
  const { rounds, runningCopies, newIds, daemonKills, acknowledged } = report;
  return `A home was copied ${times(rounds)}, ${times(runningCopies)} with its daemon running, and both copies went on at once, under ${daemonKills} kills; ${newIds} new ids were taken. Of ${figure(acknowledged)} acknowledged points ${found(report)}. ${controlSentence("goes by positions alone", control)}`;
}

export function restoredSentence(report: RestoredStoreReport, control: RestoredStoreReport): string {
  const { rounds, daemonKills, acknowledged, told, toldInside } = report;
  return `A store was put back to an earlier copy ${times(rounds)}, half of them with nearly no replay window, under ${daemonKills} kills. Of ${figure(acknowledged)} acknowledged points ${figure(told)} were missing below the window, each of them told by a dead letter, ${figure(toldInside)} within it; beside that ${found(report)}. ${controlSentence("does not look where its store stands", control)}`;
}

interface Found {
  readonly lost: number;
  readonly doubled: number;
  readonly invented: number;
}

function found({ lost, doubled, invented }: Found): string {
  return `${figure(lost)} were lost, ${figure(doubled)} doubled, ${figure(invented)} invented`;
}

function controlSentence(
  what: string,
  { lost, acknowledged }: Found & { readonly acknowledged: number },
): string {
  return `The control, a daemon that ${what}, lost ${figure(lost)} of ${figure(acknowledged)}.`;
}

export function times(count: number): string {
  return count === 1 ? "once" : `${count} times`;
}

export function figure(count: number): string {
  return count.toLocaleString("en-US");
}
